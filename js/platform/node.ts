/** Node, Deno and Bun: the engine lies on disk beside this file, and models may too. */

import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { Build } from "../artefact.js";
import { messageOf, PrediktError } from "../error.js";
import type { OpenFile, Platform, ThreadPort } from "../platform.js";
import { chooseVariant } from "../probe.js";
import { compileBytes, compileWasm } from "./compile.js";

export interface NodeParts {
  /** Where a build's module is. */
  wasm(build: Build): URL;
  /** Where worker-node.js is. */
  worker(): URL;
}

export function nodePlatform(parts: NodeParts): Platform {
  return {
    variant: () => chooseVariant(),
    compile: (build) => compileFile(parts.wasm(build)),
    resolve,
    openFile,
    startThread: () => nodeThread(parts.worker()),
  };
}

async function compileFile(url: URL): Promise<WebAssembly.Module> {
  if (url.protocol !== "file:") return compileWasm(url);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await readFile(url);
  } catch (thrown) {
    throw new PrediktError(
      "ENGINE_FAILED",
      `The engine's module could not be read: ${messageOf(thrown)}. A bundle needs the .wasm files of predikt beside it.`,
      { url: url.href },
      { cause: thrown },
    );
  }
  return compileBytes(bytes, url.href);
}

/** A URL is a URL, everything else a path; a scheme of one letter is a drive. */
function resolve(source: string): URL {
  if (!/^[A-Za-z][A-Za-z0-9+.-]+:/.test(source)) return pathToFileURL(source);
  try {
    return new URL(source);
  } catch {
    throw new PrediktError("OPTIONS_INVALID", `${JSON.stringify(source)} is no URL.`, {
      option: "source",
      got: source,
    });
  }
}

async function openFile(url: URL): Promise<OpenFile> {
  try {
    const info = await stat(url);
    if (info.isDirectory()) throw new Error("it is a folder");
    const file = createReadStream(url, { highWaterMark: 1 << 18 });
    return { stream: Readable.toWeb(file) as ReadableStream<Uint8Array>, total: info.size };
  } catch (thrown) {
    const missing = (thrown as { code?: unknown }).code === "ENOENT";
    throw new PrediktError(
      missing ? "MODEL_NOT_FOUND" : "FETCH_FAILED",
      missing
        ? `There is no file ${url.href}.`
        : `${url.href} could not be read: ${messageOf(thrown)}.`,
      { url: url.href },
      { cause: thrown },
    );
  }
}

/** The thread takes none of the process's own flags: some, such as --input-type, are for another script. */
function nodeThread(script: URL): ThreadPort {
  const worker = new Worker(script, { execArgv: [] });
  let ended = false;
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    listen: (receive, crash) => {
      worker.on("message", receive);
      worker.on("messageerror", crash);
      worker.on("error", crash);
      worker.on("exit", (code) => {
        if (!ended) crash(new Error(`it ended with code ${code}`));
      });
    },
    keepAlive: (alive) => (alive ? worker.ref() : worker.unref()),
    terminate: () => {
      ended = true;
      void worker.terminate();
    },
  };
}
