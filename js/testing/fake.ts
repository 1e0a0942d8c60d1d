/**
 * A stand-in for the generated glue: memory, layout, generations and traps as the real one has them, and models that are JSON.
 * It says nothing about predictions; those are tested with the real engine.
 */

import type { Binding, EngineOptions, Layout, ModelHandle } from "../binding.js";
import type { Golden, Signature, Tensor } from "../types.js";

/** What a fake model's bytes say, as JSON. */
export interface FakeModel {
  /** Values a row of each input; null is free. */
  widths?: (number | null)[];
  buffer?: "f32" | "f64";
  features?: string[];
  classes?: (number | string)[];
  /** No layout: run only. */
  runOnly?: boolean;
  /** Columns of a regressor's output. */
  columns?: number;
  /** Traps while loading. */
  trapAtLoad?: boolean;
}

/** A row whose first value is this traps. */
export const TRAP = -666;
/** A row whose first value is this is refused by the engine. */
export const REFUSE = -404;
/** A row whose first value is this makes memory grow during predict. */
export const GROW = -777;

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
    #inputs: number[] = [];
    #width = 0;
    #rows = 0;

    constructor(model: FakeModel, options: EngineOptions) {
      this.#model = model;
      this.#options = options;
      this.#header = this.#allocate(24);
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

    signature(): Signature {
      const { widths = [4], classes, features } = this.#model;
      const names = this.#options.features ?? features;
      const labels = this.#options.classes ?? classes;
      return {
        inputs: widths.map((width, i) => ({
          name: `x${i}`,
          type: "float32",
          shape: ["N", width],
        })),
        outputs: [{ name: "y", type: "float32", shape: ["N", 1] }],
        ...(labels && { classes: [...labels] }),
        ...(names && { features: [...names] }),
      };
    }

    layout(): Layout | undefined {
      const { widths = [4], buffer = "f32", runOnly } = this.#model;
      if (runOnly) return undefined;
      return {
        width: widths.includes(null) ? null : widths.reduce<number>((a, b) => a + (b ?? 0), 0),
        inputs: widths.map((width, i) => ({ name: `x${i}`, type: "float32", buffer, width })),
      };
    }

    reserve(rows: number, width: number): void {
      this.#alive();
      log.reserves += 1;
      if (this.#model.runOnly) throw engineError("INPUT_TYPE", "The input is text: use run.");
      const { widths = [4], buffer } = this.#model;
      const size = buffer === "f64" ? 8 : 4;
      this.#inputs = widths.map((own) => this.#allocate(rows * (own ?? width) * size));
      this.#width = width;
      this.#rows = rows;
    }

    input_ptr(input: number): number {
      return this.#inputs[input] as number;
    }

    /** A row's sum; for a classifier its sum modulo the number of classes. */
    predict(rows: number): void {
      this.#alive();
      if (rows > this.#rows) throw engineError("INPUT_SHAPE", "no room");
      const { widths = [4], buffer, classes, columns = 1 } = this.#model;
      const labels = this.#options.classes ?? classes;
      const ArrayOf = buffer === "f64" ? Float64Array : Float32Array;
      const sums = Array.from({ length: rows }, () => 0);
      for (const [i, own] of widths.entries()) {
        const width = own ?? this.#width;
        const view = new ArrayOf(this.#home.memory.buffer, this.#inputs[i], rows * width);
        if (view[0] === TRAP) throw new WebAssembly.RuntimeError("unreachable");
        if (view[0] === REFUSE) throw engineError("ENGINE_FAILED", "refused", { node: "n" });
        if (view[0] === GROW) this.#home.memory.grow(1);
        const now = new ArrayOf(this.#home.memory.buffer, this.#inputs[i], rows * width);
        now.forEach((value, at) => {
          const row = Math.floor(at / width);
          sums[row] = (sums[row] as number) + value;
        });
      }
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
      const flag = labels ? 1 : 0;
      new Uint32Array(memory, this.#header, 5).set([out, columns, flag, table, count]);
    }

    result_ptr(): number {
      return this.#header;
    }

    run(feeds: Record<string, Tensor>): Record<string, Tensor> {
      this.#alive();
      return feeds;
    }

    self_test(golden: Golden): void {
      this.#alive();
      this.reserve(golden.features.length, golden.features[0]?.length ?? 0);
      if (golden.rtol === 0) throw engineError("SELF_TEST_FAILED", "row 0 deviates", { row: 0 });
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
