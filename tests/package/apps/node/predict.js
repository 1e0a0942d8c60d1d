// node predict.js < rows.json

import { text } from "node:stream/consumers";
import { loadModel } from "predikt";

const rows = JSON.parse(await text(process.stdin));
const answers = {};
for (const thread of ["inline", "worker"]) {
  const model = await loadModel("models/iris/model.json", { thread, selfTest: true });
  answers[thread] = {
    one: await model.predict([5.1, 3.5, 1.4, 0.2]),
    many: await model.predict(rows),
  };
  model.dispose();
}
console.log(JSON.stringify(answers));
