import { report, SETOSA } from "./first.js";
import { ort } from "./ort.js";

const session = await ort.InferenceSession.create("/models/iris.peer.onnx");
const outputs = await session.run({
  [session.inputNames[0]]: new ort.Tensor("float32", Float32Array.from(SETOSA), [1, 4]),
});
report(Number(outputs.output_label.data[0]));
