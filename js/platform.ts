/** What differs between runtimes, and nothing else. Each entry point hands one of these to the loader. */

import type { Artefact, Build } from "./artefact.js";
import type { Variant } from "./probe.js";

/** A file opened for reading. */
export interface OpenFile {
  stream: ReadableStream<Uint8Array>;
  /** Its size in bytes. */
  total: number;
}

/** One end of a thread: a Web Worker or a worker of node:worker_threads. */
export interface ThreadPort {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  /** `receive` gets every message; `crash` is called once when the thread ended by itself. */
  listen(receive: (message: unknown) => void, crash: (cause: unknown) => void): void;
  /** Whether the thread keeps the process alive. Called when work starts and when none is left. */
  keepAlive(alive: boolean): void;
  terminate(): void;
}

/** A runtime. */
export interface Platform {
  /** Which of the full engine's builds this runtime loads; throws where no engine runs. */
  variant(): Variant;
  /** Gets and compiles a module. */
  compile(build: Build): Promise<WebAssembly.Module>;
  /** The artefacts that there are, one at least; all of them unless this is here to say so. */
  artefacts?(): readonly Artefact[];
  /** An absolute URL for what a caller wrote: a URL, a relative URL or a path. */
  resolve(source: string): URL;
  /** Reads a `file:` URL, where there are files. */
  openFile?(url: URL): Promise<OpenFile>;
  /** Starts a thread, where there are threads. */
  startThread?(): ThreadPort;
}
