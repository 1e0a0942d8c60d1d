/** Workers: modules are compiled when they are deployed, and there are no threads. */

import type { Platform } from "../platform.js";
import { resolveUrl } from "./web.js";

export function workerdPlatform(module: WebAssembly.Module): Platform {
  return {
    variant: () => "relaxed",
    compile: () => Promise.resolve(module),
    resolve: resolveUrl,
  };
}
