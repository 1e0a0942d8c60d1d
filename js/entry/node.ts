import { createLoader } from "../load.js";
import type { LoadModel } from "../load-model.js";
import { nodePlatform } from "../platform/node.js";
import * as full from "../predikt_full.js";
import { realm } from "../realm.js";

export * from "../index.js";

const platform = /* @__PURE__ */ nodePlatform({
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
  worker: () => new URL("../worker-node.js", import.meta.url),
});

export const loadModel: LoadModel = /* @__PURE__ */ createLoader(
  platform,
  /* @__PURE__ */ realm(full),
);
