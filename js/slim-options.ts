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

/** Where the engine's module may come from. */
export type WasmSource = string | URL | Response | ArrayBuffer | ArrayBufferView | WasmModule;

/** What `configure` takes. */
export interface SlimOptions {
  /**
   * The engine's module, or a function that gives it for the build that runs best here: `simd` is
   * predikt_full.wasm, `relaxed` predikt_full_relaxed.wasm.
   */
  wasm: WasmSource | ((variant: Variant) => WasmSource | PromiseLike<WasmSource>);
  /** Starts worker.js for models with `thread: "worker"`, where the usual place is not the right one. */
  worker?: () => WebWorker;
}
