import { createLoader } from "../load.js";
import type { LoadModel } from "../load-model.js";
import { workerdPlatform } from "../platform/workerd.js";
import compactModule from "../predikt_compact.wasm";
import * as full from "../predikt_full.js";
import fullModule from "../predikt_full_relaxed.wasm";
import { realm } from "../realm.js";

export * from "../index.js";

const platform = /* @__PURE__ */ workerdPlatform({
  compact: compactModule,
  full: fullModule,
});

export const loadModel: LoadModel = /* @__PURE__ */ createLoader(
  platform,
  /* @__PURE__ */ realm(full),
);
