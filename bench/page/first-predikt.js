import { loadModel } from "predikt";
import { report, SETOSA } from "./first.js";

const model = await loadModel("/models/iris.onnx");
report(model.predict(SETOSA).prediction[0]);
