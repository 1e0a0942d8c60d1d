/** Workers: modules are compiled when they are deployed, and there are no threads. */

import type { Artefact } from "../artefact.js";
import type { Platform } from "../platform.js";
import { resolveUrl } from "./web.js";

export function workerdPlatform(modules: Readonly<Record<Artefact, WebAssembly.Module>>): Platform {
  return {
    variant: () => "relaxed",
    compile: async (build) => modules[build === "compact" ? "compact" : "full"],
    resolve: resolveUrl,
  };
}
