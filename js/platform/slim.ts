/** For those who place the engine's module themselves. */

import { PrediktError } from "../error.js";
import type { Platform } from "../platform.js";
import type { SlimOptions } from "../slim-options.js";
import { webPlatform } from "./web.js";

/** A platform and the function that completes it. */
export interface Slim {
  platform: Platform;
  /** Says where the engine's module is: before the first `loadModel`. */
  configure(options: SlimOptions): void;
}

export function slimPlatform(worker: () => Worker): Slim {
  let options: SlimOptions | undefined;
  return {
    platform: webPlatform({
      wasm: (variant) => {
        if (options === undefined) throw notConfigured();
        return typeof options.wasm === "function" ? options.wasm(variant) : options.wasm;
      },
      worker: () => (options?.worker ?? worker)(),
    }),
    configure: (given) => {
      if (given?.wasm === undefined) throw notConfigured();
      options = given;
    },
  };
}

function notConfigured(): PrediktError {
  return new PrediktError(
    "OPTIONS_INVALID",
    "predikt/slim does not know where its module is: call configure({ wasm }) with a URL, Response, buffer or WebAssembly.Module first.",
    { option: "wasm" },
  );
}
