import { createLoader } from "../load.js";
import type { LoadModel } from "../load-model.js";
import { webPlatform } from "../platform/web.js";
import { realm } from "../realm.js";

export * from "../index.js";

const platform = /* @__PURE__ */ webPlatform({
  wasm: (build) => {
    switch (build) {
      case "compact":
        return new URL("../predikt_compact.wasm", import.meta.url);
      case "relaxed":
        return new URL("../predikt_full_relaxed.wasm", import.meta.url);
      case "simd":
        return new URL("../predikt_full.wasm", import.meta.url);
    }
  },
  worker: () => new Worker(new URL("../worker.js", import.meta.url), { type: "module" }),
});

export const loadModel: LoadModel = /* @__PURE__ */ createLoader(
  platform,
  /* @__PURE__ */ realm(() => import("../predikt_full.js")),
);
