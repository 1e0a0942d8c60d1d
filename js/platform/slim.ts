/** For those who place the engines' modules themselves. */

import { ARTEFACTS, type Build } from "../artefact.js";
import { PrediktError } from "../error.js";
import type { Platform } from "../platform.js";
import type { SlimOptions, WasmSource } from "../slim-options.js";
import { webPlatform } from "./web.js";

/** A platform and the function that completes it. */
export interface Slim {
  platform: Platform;
  /** Says where the engines' modules are: before the first `loadModel`. */
  configure(options: SlimOptions): void;
}

export function slimPlatform(worker: () => Worker): Slim {
  let options: SlimOptions | undefined;
  return {
    platform: {
      ...webPlatform({
        wasm: (build) => sourceOf(options, build),
        worker: () => (options?.worker ?? worker)(),
      }),
      artefacts: () =>
        options === undefined
          ? ARTEFACTS
          : ARTEFACTS.filter((artefact) => options?.[OPTION[artefact]] !== undefined),
    },
    configure: (given) => {
      if (given?.compact === undefined && given?.wasm === undefined) throw notConfigured("wasm");
      options = given;
    },
  };
}

/** Which option has an artefact. */
const OPTION = { compact: "compact", full: "wasm" } as const;

function sourceOf(
  options: SlimOptions | undefined,
  build: Build,
): WasmSource | PromiseLike<WasmSource> {
  if (build === "compact") {
    const { compact } = options ?? {};
    if (compact === undefined) throw notConfigured("compact");
    return typeof compact === "function" ? compact() : compact;
  }
  const { wasm } = options ?? {};
  if (wasm === undefined) throw notConfigured("wasm");
  return typeof wasm === "function" ? wasm(build) : wasm;
}

function notConfigured(option: "compact" | "wasm"): PrediktError {
  return new PrediktError(
    "OPTIONS_INVALID",
    `predikt/slim does not know where ${option === "wasm" ? "its module" : "its compact module"} is: call configure({ ${option} }) with a URL, Response, buffer or WebAssembly.Module first.`,
    { option },
  );
}
