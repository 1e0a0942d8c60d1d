/** The type of `loadModel`, apart from its making, so that its declaration names nothing internal. */

import type { Model } from "./model.js";
import type { LoadOptions, ModelSource } from "./types.js";
import type { WorkerModel } from "./worker-model.js";

/** The type of `loadModel`. */
export interface LoadModel {
  (source: ModelSource, options: LoadOptions & { thread: "worker" }): Promise<WorkerModel>;
  (source: ModelSource, options?: LoadOptions & { thread?: "inline" | undefined }): Promise<Model>;
  (source: ModelSource, options?: LoadOptions): Promise<Model | WorkerModel>;
}
