/** For those who place the engine's module themselves. */

import { PrediktError } from "../error.js";
import type { Platform } from "../platform.js";
import type { Variant } from "../probe.js";
import type { WasmSource } from "./compile.js";
import { webPlatform } from "./web.js";

/** What `configure` takes. */
export interface SlimOptions {
  /**
   * The engine's module, or a function that gives it for the build that runs best here: `simd` is
   * predikt_full.wasm, `relaxed` predikt_full_relaxed.wasm.
   */
  wasm: WasmSource | ((variant: Variant) => WasmSource | PromiseLike<WasmSource>);
  /** Starts worker.js for models with `thread: "worker"`, where the usual place is not the right one. */
  worker?: () => Worker;
}

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
