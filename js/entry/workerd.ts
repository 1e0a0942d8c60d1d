import { createLoader } from "../load.js";
import type { LoadModel } from "../load-model.js";
import { workerdPlatform } from "../platform/workerd.js";
import wasm from "../predikt_full_relaxed.wasm";
import { engine } from "../realm.js";

export * from "../index.js";

const platform = /* @__PURE__ */ workerdPlatform(wasm);

export const loadModel: LoadModel = /* @__PURE__ */ createLoader(platform, engine);
