import { createLoader } from "../load.js";
import type { LoadModel } from "../load-model.js";
import { slimPlatform } from "../platform/slim.js";
import * as full from "../predikt_full.js";
import { realm } from "../realm.js";
import type { SlimOptions } from "../slim-options.js";

export * from "../index.js";
export type { SlimOptions, WasmSource } from "../slim-options.js";

const slim = /* @__PURE__ */ slimPlatform(
  () => new Worker(new URL("../worker.js", import.meta.url), { type: "module" }),
);

/** Says where the engines' modules are, one or both: before the first `loadModel`. */
export const configure: (options: SlimOptions) => void = (options) => slim.configure(options);

export const loadModel: LoadModel = /* @__PURE__ */ createLoader(
  /* @__PURE__ */ (() => slim.platform)(),
  /* @__PURE__ */ realm(full),
);
