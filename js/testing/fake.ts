/**
 * A stand-in for the generated glue: memory, layout, generations and traps as the real one has them, and models that are JSON.
 * It says nothing about predictions; those are tested with the real engine.
 */

import type { Binding, EngineOptions, InputLayout, Layout, ModelHandle } from "../binding.js";
import type { Signature, Tensor, TensorType } from "../types.js";

/** One input of a fake model. */
export interface FakeInput {
  name: string;
  type: TensorType;
  /** Values a row; null is free. */
  width: number | null;
}

/** What a fake model's bytes say, as JSON. */
export interface FakeModel {
  /** Values a row of each input, called x0, x1…; null is free. */
  widths?: (number | null)[];
  buffer?: "f32" | "f64";
  /** Instead of `widths` and `buffer`: the inputs one by one. */
  inputs?: FakeInput[];
  sparse?: boolean;
  features?: string[];
  classes?: (number | string)[];
  /** No layout: run only. */
  runOnly?: boolean;
  /** Columns of a regressor's output. */
  columns?: number;
  /** Answers with texts: a row's own, joined, and its sum. */
  texts?: boolean;
  /** Traps while loading. */
  trapAtLoad?: boolean;
}

/** Where one input's values lie. */
interface FakeBuffer {
  at: number;
  width: number;
  texts: string[] | undefined;
}

/** A row whose first value is this traps. */
export const TRAP = -666;
/** A row whose first value is this is refused by the engine. */
export const REFUSE = -404;
/** A row whose first value is this makes memory grow during predict. */
export const GROW = -777;

/** A first text that traps. */
export const TRAP_TEXT = "trap";
/** A first text that makes memory grow while it is written. */
export const GROW_TEXT = "grow";

export interface Fake {
  binding: Binding;
  /** What has happened, for assertions. */
  log: { resets: number; loads: EngineOptions[]; frees: number; reserves: number };
  /** Makes the next load of any model fail as the engine would. */
  failNextLoad(error: Error): void;
  /** Refuses to instantiate synchronously, as Chrome does for large modules. */
  refuseSync(refuse: boolean): void;
}

export const fakeModule = (): WebAssembly.Module =>
  new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));

export function fakeBytes(model: FakeModel): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(model));
}

function bufferOf(type: TensorType): InputLayout["buffer"] {
  if (type === "string") return "str";
  return type === "float32" || type === "float16" ? "f32" : "f64";
}

export function engineError(code: string, message: string, details: object = {}): Error {
  return Object.assign(new Error(message), { code, details });
}

export function createFake(): Fake {
  let instance = { memory: new WebAssembly.Memory({ initial: 1 }), next: 64 };
  let nextError: Error | undefined;
  let syncRefused = false;
  const log: Fake["log"] = { resets: 0, loads: [], frees: 0, reserves: 0 };

  function replace() {
    instance = { memory: new WebAssembly.Memory({ initial: 1 }), next: 64 };
    return instance;
  }

  class FakeHandle implements ModelHandle {
    readonly #home = instance;
    readonly #model: FakeModel;
    readonly #options: EngineOptions;
    readonly #header: number;
    #buffers: FakeBuffer[] = [];
    #rows = 0;
    #answer: string[] = [];
    #texts = 0;
    #failure: unknown;

    constructor(model: FakeModel, options: EngineOptions) {
      this.#model = model;
      this.#options = options;
      this.#header = this.#allocate(32);
    }

    #alive(): void {
      if (this.#home !== instance)
        throw new Error("Invalid stale object from previous Wasm instance");
    }

    #allocate(bytes: number): number {
      const at = this.#home.next;
      this.#home.next += Math.ceil(bytes / 8) * 8;
      const { memory } = this.#home;
      const missing = this.#home.next - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / 65536));
      return at;
    }

    free(): void {
      this.#alive();
      log.frees += 1;
    }

    get #inputs(): InputLayout[] {
      const { widths = [4], buffer = "f32" } = this.#model;
      const type = buffer === "f64" ? "float64" : "float32";
      const inputs =
        this.#model.inputs ?? widths.map((width, i) => ({ name: `x${i}`, type, width }));
      return inputs.map((input) => ({ ...input, buffer: bufferOf(input.type) }) as InputLayout);
    }

    signature(): Signature {
      const { classes, features } = this.#model;
      const names = this.#options.features ?? features;
      const labels = this.#options.classes ?? classes;
      return {
        inputs: this.#inputs.map(({ name, type, width }) => ({ name, type, shape: ["N", width] })),
        outputs: [{ name: "y", type: "float32", shape: ["N", 1] }],
        ...(labels && { classes: [...labels] }),
        ...(names && { features: [...names] }),
      };
    }

    layout(): Layout | undefined {
      const { runOnly, sparse = false } = this.#model;
      if (runOnly) return undefined;
      const inputs = this.#inputs;
      const widths = inputs.map(({ width }) => width);
      return {
        width: widths.includes(null) ? null : widths.reduce<number>((a, b) => a + (b ?? 0), 0),
        sparse,
        inputs,
      };
    }

    reserve(rows: number, width: number): void {
      this.#alive();
      log.reserves += 1;
      if (this.#model.runOnly) throw engineError("INPUT_TYPE", "The input is text: use run.");
      this.#buffers = this.#inputs.map((input) => {
        const own = input.width ?? width;
        const isText = input.buffer === "str";
        return {
          at: isText ? 0 : this.#allocate(rows * own * (input.buffer === "f64" ? 8 : 4)),
          width: own,
          texts: isText ? new Array<string>(rows * own).fill("") : undefined,
        };
      });
      this.#rows = rows;
    }

    input_ptr(input: number): number {
      return this.#buffers[input]?.at ?? 0;
    }

    reserve_texts(count: number, bytes: number): void {
      this.#alive();
      this.#texts = count;
      const ends = this.#allocate(count * 4);
      const words = [ends, this.#allocate(bytes)];
      new Uint32Array(this.#home.memory.buffer, this.#header, 7).set(words, 5);
    }

    /** The texts that were written, to the inputs that take them. */
    #takeTexts(): void {
      const { buffer } = this.#home.memory;
      const [ends, start] = new Uint32Array(buffer, this.#header + 20, 2) as unknown as number[];
      const all = [...new Uint32Array(buffer, ends, this.#texts)].map((end, i, list) => {
        const from = (start as number) + (list[i - 1] ?? 0);
        return new TextDecoder().decode(
          new Uint8Array(buffer, from, (start as number) + end - from),
        );
      });
      if (all[0] === GROW_TEXT) this.#home.memory.grow(1);
      if (all[0] === TRAP_TEXT) throw new WebAssembly.RuntimeError("unreachable");
      for (const held of this.#buffers) held.texts &&= all.splice(0, held.texts.length);
    }

    predict(rows: number): boolean {
      try {
        this.#predict(rows);
        return true;
      } catch (thrown) {
        if (thrown instanceof WebAssembly.RuntimeError || !("code" in (thrown as Error)))
          throw thrown;
        this.#failure = thrown;
        return false;
      }
    }

    failure(): unknown {
      const failure = this.#failure;
      this.#failure = undefined;
      return failure;
    }

    /** A row's sum, a text counting with its length; for a classifier that modulo the number of classes. */
    #predict(rows: number): void {
      this.#alive();
      if (this.#texts > 0) this.#takeTexts();
      if (rows > this.#rows) throw engineError("INPUT_SHAPE", "no room");
      const { classes, columns = 1, texts = false } = this.#model;
      const labels = this.#options.classes ?? classes;
      const sums = Array.from({ length: rows }, () => 0);
      const words = Array.from({ length: rows }, () => "");
      for (const [i, { buffer }] of this.#inputs.entries()) {
        const { width, texts } = this.#buffers[i] as FakeBuffer;
        this.#values(i, rows, buffer).forEach((value, at) => {
          const row = Math.floor(at / width);
          words[row] += texts?.[at] ?? "";
          sums[row] = (sums[row] as number) + value;
        });
      }
      this.#answer = texts
        ? words.flatMap((word, row) =>
            Array.from({ length: columns }, (_, i) => `${word} ${(sums[row] as number) + i}`),
          )
        : [];
      const count = labels?.length ?? 0;
      const out = this.#allocate(rows * columns * 8);
      const table = this.#allocate(rows * count * 8);
      const { buffer: memory } = this.#home.memory;
      const values = new Float64Array(memory, out, rows * columns);
      for (let i = 0; i < values.length; i++) {
        const sum = sums[Math.floor(i / columns)] as number;
        values[i] = labels ? ((sum % count) + count) % count : sum + (i % columns);
      }
      new Float64Array(memory, table, rows * count).fill(1 / count);
      const kind = texts ? 2 : labels ? 1 : 0;
      new Uint32Array(memory, this.#header, 5).set([out, columns, kind, table, count]);
    }

    /** An input's values as numbers. The first one may do harm. */
    #values(input: number, rows: number, buffer: InputLayout["buffer"]): number[] {
      const { at, width, texts } = this.#buffers[input] as FakeBuffer;
      if (texts !== undefined) return texts.slice(0, rows * width).map(({ length }) => length);
      const ArrayOf = buffer === "f64" ? Float64Array : Float32Array;
      const [first] = new ArrayOf(this.#home.memory.buffer, at, 1);
      if (first === TRAP) throw new WebAssembly.RuntimeError("unreachable");
      if (first === REFUSE) throw engineError("ENGINE_FAILED", "refused", { node: "n" });
      if (first === GROW) this.#home.memory.grow(1);
      return [...new ArrayOf(this.#home.memory.buffer, at, rows * width)];
    }

    prediction_strings(): string[] {
      this.#alive();
      return this.#answer;
    }

    result_ptr(): number {
      return this.#header;
    }

    run(feeds: Record<string, Tensor>): Record<string, Tensor> {
      this.#alive();
      return feeds;
    }
  }

  const binding: Binding = {
    default: async () => instance,
    initSync: () => instance,
    __wbg_reset_state: () => {
      log.resets += 1;
      if (syncRefused)
        throw new RangeError("WebAssembly.Instance is disallowed on the main thread");
      replace();
    },
    __wbg_get_imports: () => ({}),
    __wbg_finalize_init: replace,
    WasmModel: {
      load(bytes, options = {}) {
        const error = nextError;
        nextError = undefined;
        if (error) throw error;
        log.loads.push(options);
        let model: FakeModel;
        try {
          model = JSON.parse(new TextDecoder().decode(bytes)) as FakeModel;
        } catch {
          throw engineError("MODEL_INVALID", "This is no ONNX model.");
        }
        if (model.trapAtLoad) throw new WebAssembly.RuntimeError("unreachable");
        return new FakeHandle(model, options);
      },
    },
  };

  return {
    binding,
    log,
    failNextLoad: (error) => {
      nextError = error;
    },
    refuseSync: (refuse) => {
      syncRefused = refuse;
    },
  };
}
