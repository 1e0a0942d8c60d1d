/** onnxruntime-web with its wasm execution provider (the only one of this entry): one thread, in this thread. */

import * as ort from "onnxruntime-web/wasm";

ort.env.wasm.numThreads = 1;
ort.env.wasm.proxy = false;
ort.env.logLevel = "error";

export { ort };
