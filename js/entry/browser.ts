import { createLoader } from "../load.js";
import type { LoadModel } from "../load-model.js";
import { webPlatform } from "../platform/web.js";
import { engine } from "../realm.js";

export * from "../index.js";

const platform = /* @__PURE__ */ webPlatform({
  wasm: (variant) =>
    variant === "relaxed"
      ? new URL("../predikt_full_relaxed.wasm", import.meta.url)
      : new URL("../predikt_full.wasm", import.meta.url),
  worker: () => new Worker(new URL("../worker.js", import.meta.url), { type: "module" }),
});

export const loadModel: LoadModel = /* @__PURE__ */ createLoader(platform, engine);
