const { readFileSync } = require("node:fs");
const { loadModel } = require("predikt");

loadModel(readFileSync(require.resolve("./models/iris/1/model.onnx"))).then((model) => {
  console.log(JSON.stringify(model.predict([5.1, 3.5, 1.4, 0.2]).prediction));
});
