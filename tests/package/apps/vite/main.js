import { loadModel } from "predikt";

/** What the test calls. */
globalThis.predictIris = async (rows, thread) => {
  const model = await loadModel("models/iris/model.json", { thread, selfTest: true });
  const one = await model.predict([5.1, 3.5, 1.4, 0.2]);
  const many = await model.predict(rows);
  model.dispose();
  return { one, many };
};

/** What the test calls after it: a network, which the compact engine does not have. */
globalThis.predictDigits = async (rows, thread) => {
  const model = await loadModel("models/digits/model.json", { thread });
  const { prediction } = await model.predict(rows);
  model.dispose();
  return prediction;
};
