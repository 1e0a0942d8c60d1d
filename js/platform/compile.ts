/** Compiles the engine's module from whatever a runtime or a user has of it. */

import { messageOf, PrediktError } from "../error.js";
import { kindOf } from "../feature-errors.js";
import type { WasmSource } from "../slim-options.js";

const MAGIC = 0x6d736100;

/** Compiles a module: as it streams in where the server names its type, else from its bytes. */
export async function compileWasm(source: WasmSource): Promise<WebAssembly.Module> {
  switch (kindOf(source)) {
    case "WebAssembly.Module":
      return source as WebAssembly.Module;
    case "string":
    case "URL":
      return compileResponse(await fetchWasm(String(source)));
    case "Response":
      return compileResponse(source as Response);
    default:
      if (kindOf(source) !== "ArrayBuffer" && !ArrayBuffer.isView(source)) {
        throw new PrediktError(
          "OPTIONS_INVALID",
          `wasm must be a URL, Response, buffer or WebAssembly.Module, not ${kindOf(source)}.`,
          { option: "wasm", got: kindOf(source) },
        );
      }
      return compileBytes(source as BufferSource, undefined);
  }
}

/** Compiles bytes. @throws PrediktError `ENGINE_FAILED` */
export async function compileBytes(
  bytes: BufferSource,
  url: string | undefined,
): Promise<WebAssembly.Module> {
  const where = url === undefined ? {} : { url };
  const view = ArrayBuffer.isView(bytes)
    ? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new DataView(bytes);
  if (view.byteLength < 8 || view.getUint32(0, true) !== MAGIC) {
    throw new PrediktError(
      "ENGINE_FAILED",
      `${url ?? "The source"} is not the engine's WebAssembly module: is it served beside the script? With Vite's dev server add "predikt" to optimizeDeps.exclude.`,
      where,
    );
  }
  try {
    return await WebAssembly.compile(bytes);
  } catch (thrown) {
    throw notCompiled(thrown, where);
  }
}

async function fetchWasm(url: string): Promise<Response> {
  try {
    return await fetch(url);
  } catch (thrown) {
    throw new PrediktError(
      "FETCH_FAILED",
      `The engine's module ${url} could not be fetched: ${messageOf(thrown)}.`,
      { url },
      { cause: thrown },
    );
  }
}

async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  const { url, status } = response;
  if (!response.ok) {
    throw new PrediktError(
      "FETCH_FAILED",
      `The engine's module ${url} could not be fetched: HTTP ${status}.`,
      { url, status },
    );
  }
  const type = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/wasm" || typeof WebAssembly.compileStreaming !== "function") {
    return compileBytes(await response.arrayBuffer(), url || undefined);
  }
  try {
    return await WebAssembly.compileStreaming(response);
  } catch (thrown) {
    throw notCompiled(thrown, { url });
  }
}

function notCompiled(thrown: unknown, details: { url?: string }): PrediktError {
  const message = messageOf(thrown);
  const policy = /content security policy|unsafe-eval/i.test(message)
    ? " Allow it with script-src 'wasm-unsafe-eval' in the page's Content-Security-Policy."
    : "";
  return new PrediktError(
    "ENGINE_FAILED",
    `The engine's module could not be compiled: ${message}.${policy}`,
    details,
    { cause: thrown },
  );
}
