/**
 * What `predikt/slim` is configured with, apart from what it does, so that its declarations name nothing internal, and nothing
 * that a project without the DOM's library lacks.
 */

import type { Variant } from "./probe.js";

type Global = typeof globalThis;

/** `WebAssembly.Module`, where the project's libraries have it. */
type WasmModule = Global extends { WebAssembly: { Module: { prototype: infer Module } } }
  ? Module
  : never;

/** `Worker`, where the project's libraries have it. */
type WebWorker = Global extends { Worker: { prototype: infer Worker } } ? Worker : never;

/** Where a module may come from. */
export type WasmSource = string | URL | Response | ArrayBuffer | ArrayBufferView | WasmModule;

/** What `configure` takes: one of the two modules, or both. */
export interface SlimOptions {
  /**
   * predikt_compact.wasm, or a function that gives it: predikt's own engine, which runs classical models. With it alone, a
   * model that needs more is refused (`OP_UNSUPPORTED`).
   */
  compact?: WasmSource | (() => WasmSource | PromiseLike<WasmSource>);
  /**
   * The module that holds all engines, or a function that gives it for the build that runs best here: `simd` is
   * predikt_full.wasm, `relaxed` predikt_full_relaxed.wasm. Beside `compact` it is only asked for by models that need it.
   */
  wasm?: WasmSource | ((variant: Variant) => WasmSource | PromiseLike<WasmSource>);
  /** Starts worker.js for models with `thread: "worker"`, where the usual place is not the right one. */
  worker?: () => WebWorker;
}
