import { createLoader } from "../load.js";
import type { LoadModel } from "../load-model.js";
import { nodePlatform } from "../platform/node.js";
import { engine } from "../realm.js";

export * from "../index.js";

const platform = /* @__PURE__ */ nodePlatform({
  wasm: (variant) =>
    variant === "relaxed"
      ? new URL("../predikt_full_relaxed.wasm", import.meta.url)
      : new URL("../predikt_full.wasm", import.meta.url),
  worker: () => new URL("../worker-node.js", import.meta.url),
});

export const loadModel: LoadModel = /* @__PURE__ */ createLoader(platform, engine);
