import {
  type Features,
  loadModel,
  type Manifest,
  type Model,
  type Prediction,
  PrediktError,
  type Signature,
  type Tensor,
  version,
  type WorkerModel,
} from "predikt";

export async function inline(url: URL, signal: AbortSignal): Promise<number[][] | undefined> {
  const model: Model = await loadModel(url, {
    signal,
    integrity: "sha256-AAAA",
    onProgress: ({ loaded, total }) => console.log(loaded, total),
    limits: { maxBytes: 1 << 20 },
    selfTest: true,
  });
  const signature: Signature = model.signature;
  const record: Features = {
    sepal_length: 5.1,
    sepal_width: 3.5,
    petal_length: 1.4,
    petal_width: 0.2,
  };
  const { probabilities, classes }: Prediction = model.predict([record]);
  model.predict([5.1, 3.5, 1.4, 0.2]);
  model.predict(new Float32Array(8));
  model.predict([new Float32Array(4), [5.1, 3.5, 1.4, 0.2]]);
  model.predict(["Rome", 5.1, null, true]);
  model.predict([{ town: "Rome", x: [1, 2, null], y: new Float32Array(2) }]);
  // @ts-expect-error what is missing is null
  model.predict([undefined]);
  // @ts-expect-error an object is no value
  model.predict([[{}]]);
  const { prediction } = model.predict({ town: null });
  const texts: (number | string | number[] | string[])[] = prediction;
  console.log(texts);
  // @ts-expect-error there is no such option
  await loadModel(url, { treads: "worker" });
  const manifest: Manifest | undefined = model.manifest;
  console.log(signature.inputs[0]?.shape, classes, manifest?.golden?.rtol, version);
  model.dispose();
  return probabilities;
}

export async function inThread(bytes: Uint8Array): Promise<Tensor | undefined> {
  const model: WorkerModel = await loadModel(bytes, { thread: "worker" });
  try {
    const outputs = await model.run({
      float_input: { type: "float32", dims: [1, 4], data: Float32Array.of(5.1, 3.5, 1.4, 0.2) },
    });
    return outputs.output_probability;
  } catch (error) {
    if (error instanceof PrediktError && error.code === "INPUT_SHAPE") console.log(error.details);
    throw error;
  } finally {
    model.dispose();
  }
}

export async function atTheEndOfItsBlock(response: Response): Promise<Prediction> {
  using model = await loadModel(response);
  return model.predict([5.1, 3.5, 1.4, 0.2]);
}
