/**
 * predikt runs trained models (ONNX) in browsers, Node, Deno, Bun and Workers.
 *
 * @example
 * import { loadModel } from "predikt";
 *
 * const model = await loadModel("/models/iris/1/model.onnx");
 * model.predict([5.1, 3.5, 1.4, 0.2]);
 * // { prediction: [0], probabilities: [[0.98, 0.02, 0]], classes: [0, 1, 2] }
 *
 * @module
 */

/// <reference lib="esnext.disposable" preserve="true" />

import type { LoadModel } from "./load-model.js";

export { type ErrorCode, type ErrorDetails, type ErrorJson, PrediktError } from "./error.js";
export type { LoadModel } from "./load-model.js";
export { Model } from "./model.js";
export type * from "./types.js";
export { version } from "./version.js";
export { type CallOptions, WorkerModel } from "./worker-model.js";

/**
 * Loads a model.
 *
 * `source` is a URL (relative ones as the page sees them; in Node also a path), a `Request`, `Response`, `Blob`, buffer or
 * stream. A URL that ends in `/manifest.json` is a manifest, one that ends in `/model.json` a published model whose alias
 * `champion`, or the option `version`, says which version is loaded.
 *
 * @throws PrediktError by the returned promise: `MODEL_NOT_FOUND`, `MODEL_INVALID`, `MODEL_TOO_LARGE`, `FETCH_FAILED`,
 *   `INTEGRITY_MISMATCH`, `MANIFEST_INVALID`, `SELF_TEST_FAILED`, `OP_UNSUPPORTED`, `LIMIT_EXCEEDED`, `OPTIONS_INVALID`,
 *   `ABORTED`, `ENGINE_UNSUPPORTED`, `ENGINE_FAILED`, `ENGINE_TRAP`
 */
export declare const loadModel: LoadModel;
