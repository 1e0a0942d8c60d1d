// node predict.js < rows.json

import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { configure, loadModel } from "predikt/slim";

const file = (path) => readFile(new URL(path, import.meta.url));
configure({ wasm: (variant) => file(`engine/${variant}.wasm`) });

const rows = JSON.parse(await text(process.stdin));
const model = await loadModel(await file("models/iris/1/model.onnx"));
console.log(
  JSON.stringify({ one: model.predict([5.1, 3.5, 1.4, 0.2]), many: model.predict(rows) }),
);
