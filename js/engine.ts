/**
 * The one instance of an artefact's WebAssembly module in a realm, and its replacement after a trap.
 *
 * An instance that trapped is never entered again: it is replaced at once, the generation goes up, and whoever holds a
 * handle of an older generation loads it anew from the bytes it kept.
 */

import type { Artefact } from "./artefact.js";
import type { Binding, EngineOptions, Instance, ModelHandle } from "./binding.js";
import { type ErrorCode, type ErrorDetails, messageOf, PrediktError } from "./error.js";

/** What engines throw when WebAssembly traps or the stack overflows. */
const TRAPS = new Set(["RuntimeError", "RangeError", "InternalError"]);

/** Errors of the glue that mean: this instance was left in the middle of a call. */
const POISONED = /recursive use of an object|stale object from previous/;

/** A module's glue, or what brings it when it is needed. */
export type Glue = Binding | (() => Binding | Promise<Binding>);

/** An engine for each artefact. */
export type Engines = Readonly<Record<Artefact, Engine>>;

export class Engine {
  /** Goes up with every new instance; 0 before the first. */
  generation = 0;
  /** Goes up with every predict, so that one within another is noticed. */
  turn = 0;
  /** The whole memory as 32-bit floats; has no elements once the memory grew: call `renewViews`. */
  f32 = new Float32Array(0);
  /** The whole memory as 64-bit floats. */
  f64 = new Float64Array(0);
  /** The whole memory as 32-bit words. */
  u32 = new Uint32Array(0);
  /** The whole memory as bytes. */
  bytes = new Uint8Array(0);

  readonly #glue: () => Binding | Promise<Binding>;
  /** There from the first start on. */
  #binding: Binding | undefined;
  #compiling: Promise<WebAssembly.Module> | undefined;
  #starting: Promise<void> | undefined;
  #module: WebAssembly.Module | undefined;
  #memory: WebAssembly.Memory | undefined;
  #dead = false;

  constructor(glue: Glue) {
    this.#glue = typeof glue === "function" ? glue : () => glue;
  }

  /** The compiled module: compiled once, again only after a failure. */
  compile(compile: () => Promise<WebAssembly.Module>): Promise<WebAssembly.Module> {
    if (this.#compiling === undefined) {
      this.#compiling = compile();
      this.#compiling.catch(() => {
        this.#compiling = undefined;
      });
    }
    return this.#compiling;
  }

  /** The module's glue: got once, again only after a failure. */
  async bind(): Promise<Binding> {
    try {
      this.#binding ??= await this.#glue();
      return this.#binding;
    } catch (thrown) {
      throw new PrediktError(
        "ENGINE_FAILED",
        `The engine's script could not be loaded: ${messageOf(thrown)}.`,
        {},
        { cause: thrown },
      );
    }
  }

  /** Instantiates the module, or waits for the instance that is under way. */
  start(compile: () => Promise<WebAssembly.Module>): Promise<void> {
    if (this.#starting === undefined) {
      const glue = this.bind();
      glue.catch(() => {});
      this.#starting = this.compile(compile).then(async (module) =>
        this.#instantiate(module, await glue),
      );
      this.#starting.catch(() => {
        this.#starting = undefined;
      });
    }
    return this.#starting;
  }

  /** The glue of an instance that there is to call; throws when there is none. */
  ensure(): Binding {
    if (this.#dead) this.#replace();
    if (this.#dead || this.#module === undefined || this.#binding === undefined) {
      throw new PrediktError(
        "ENGINE_TRAP",
        "The engine is being replaced after a crash: call again in a moment.",
        { generation: this.generation },
      );
    }
    return this.#binding;
  }

  /** Loads a model into the present instance. */
  load(bytes: Uint8Array, options: EngineOptions): ModelHandle {
    const { WasmModel } = this.ensure();
    try {
      return WasmModel.load(bytes, options);
    } catch (thrown) {
      throw this.failure(thrown);
    }
  }

  /** Makes the views of memory anew. */
  renewViews(): void {
    const buffer = (this.#memory as WebAssembly.Memory).buffer;
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.bytes = new Uint8Array(buffer);
  }

  /** What a call into the instance threw, as a `PrediktError`. After a trap the instance is replaced. */
  failure(thrown: unknown): PrediktError {
    if (thrown instanceof PrediktError) return thrown;
    if (isEngineError(thrown)) {
      return new PrediktError(
        thrown.code,
        thrown.message,
        { ...thrown.details },
        { cause: thrown },
      );
    }
    const name = thrown instanceof Error ? thrown.name : "";
    const message = messageOf(thrown);
    if (TRAPS.has(name) || POISONED.test(message)) {
      this.#replace();
      return new PrediktError(
        "ENGINE_TRAP",
        this.#module === undefined
          ? `The engine crashed (${message}) and is being replaced: this call is lost, call again in a moment.`
          : `The engine crashed (${message}) and was replaced: this call is lost, the next one works.`,
        { trap: message },
        { cause: thrown },
      );
    }
    return new PrediktError(
      "ENGINE_FAILED",
      `The engine failed: ${message}.`,
      {},
      { cause: thrown },
    );
  }

  async #instantiate(module: WebAssembly.Module, binding: Binding): Promise<void> {
    let instance: Instance;
    try {
      instance = await binding.default({ module_or_path: module });
    } catch (thrown) {
      throw new PrediktError(
        "ENGINE_FAILED",
        `The engine could not be started: ${messageOf(thrown)}.`,
        {},
        { cause: thrown },
      );
    }
    this.#adopt(instance, module);
  }

  #adopt(instance: Instance, module: WebAssembly.Module): void {
    this.#module = module;
    this.#memory = instance.memory;
    this.renewViews();
    this.#dead = false;
    this.generation += 1;
  }

  /** A fresh instance at once; where the thread may not block on a module of this size, in a moment. */
  #replace(): void {
    const module = this.#module;
    const binding = this.#binding;
    if (module === undefined || binding === undefined) return;
    this.#dead = true;
    this.generation += 1;
    try {
      binding.__wbg_reset_state();
      this.#adopt(binding.initSync({ module }), module);
    } catch (thrown) {
      this.#replaceLater(module, binding, thrown);
    }
  }

  #replaceLater(module: WebAssembly.Module, binding: Binding, refusal: unknown): void {
    const { __wbg_get_imports: imports, __wbg_finalize_init: finalize } = binding;
    if (imports === undefined || finalize === undefined) return;
    this.#module = undefined;
    this.#starting = WebAssembly.instantiate(module, imports()).then(
      (instance) => {
        this.#adopt(finalize(instance, module), module);
      },
      (thrown) => {
        this.#module = module;
        this.#starting = Promise.resolve();
        throw new PrediktError(
          "ENGINE_FAILED",
          `The engine could not be started again: ${messageOf(thrown)}.`,
          { refusal: messageOf(refusal) },
          { cause: thrown },
        );
      },
    );
    this.#starting.catch(() => {});
  }
}

function isEngineError(
  thrown: unknown,
): thrown is Error & { code: ErrorCode; details?: ErrorDetails } {
  return thrown instanceof Error && typeof (thrown as { code?: unknown }).code === "string";
}
