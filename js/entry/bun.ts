/** Bun reads the engine from beside this package, and has node:worker_threads, as Node. */
export * from "./node.js";
