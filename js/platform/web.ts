/** Pages and Web Workers: everything comes by URL. */

import type { Build } from "../artefact.js";
import { PrediktError } from "../error.js";
import type { Platform, ThreadPort } from "../platform.js";
import { chooseVariant } from "../probe.js";
import type { WasmSource } from "../slim-options.js";
import { compileWasm } from "./compile.js";

export interface WebParts {
  /** A build's module. */
  wasm(build: Build): WasmSource | PromiseLike<WasmSource>;
  /** Starts worker.js. */
  worker(): Worker;
}

export function webPlatform(parts: WebParts): Platform {
  return {
    variant: () => chooseVariant(),
    compile: async (build) => compileWasm(await parts.wasm(build)),
    resolve: resolveUrl,
    startThread: () => webThread(parts.worker),
  };
}

/** A URL as the page or worker sees it. */
export function resolveUrl(source: string): URL {
  const { document, location } = globalThis as Partial<typeof globalThis>;
  const base = document?.baseURI ?? location?.href;
  try {
    return new URL(source, base);
  } catch {
    throw new PrediktError(
      "OPTIONS_INVALID",
      base === undefined
        ? `${JSON.stringify(source)} is a relative URL, and there is no page here that it could be relative to: pass an absolute one.`
        : `${JSON.stringify(source)} is no URL.`,
      { option: "source", got: source },
    );
  }
}

function webThread(start: () => Worker): ThreadPort {
  if (typeof Worker === "undefined") {
    throw new PrediktError(
      "ENGINE_UNSUPPORTED",
      'There are no Web Workers here: load the model without thread: "worker".',
      { option: "thread", feature: "Worker" },
    );
  }
  let worker: Worker;
  try {
    worker = start();
  } catch (thrown) {
    throw new PrediktError(
      "ENGINE_FAILED",
      "The model's thread could not be started: a page may only start workers from its own origin, so serve worker.js from there.",
      { option: "thread" },
      { cause: thrown },
    );
  }
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    listen: (receive, crash) => {
      worker.onmessage = (event) => receive(event.data);
      worker.onmessageerror = () => crash(new Error("a message could not be read"));
      worker.onerror = (event) => {
        event.preventDefault?.();
        crash(new Error(event.message || "its script could not be loaded"));
      };
    },
    keepAlive: () => {},
    terminate: () => worker.terminate(),
  };
}
