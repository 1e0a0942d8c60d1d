/** predikt and onnxruntime-web side by side; the driver calls `window.bench`. */

import { loadModel } from "predikt";
import { ort } from "./ort.js";
import { asynchronous, interleave, making, synchronous } from "./timing.js";

const TOLERANCE = 1e-5;

/** What one model needs for being asked in both ways. */
async function open(name) {
  const [bytes, tensorBytes] = await Promise.all(
    [`${name}.onnx`, `${name}-tensors.onnx`].map(
      async (file) => new Uint8Array(await (await fetch(`/models/${file}`)).arrayBuffer()),
    ),
  );
  const names = await (await fetch(`/models/${name}.json`)).json();
  const samples = await (await fetch(`/models/${name}-samples.json`)).json();
  const model = await loadModel(bytes);
  const session = await ort.InferenceSession.create(tensorBytes);
  return { bytes, tensorBytes, names, samples, model, session };
}

/** So many rows of the held-out set, from its beginning again where it ends, as one flat array. */
function rowsOf(samples, count) {
  const { features } = samples;
  return Float32Array.from(
    Array.from({ length: count }, (_, i) => features[i % features.length]).flat(),
  );
}

/** Calls of both engines on the same rows. Each makes its input tensor anew and reads its outputs, as its users do. */
function calls({ model, session, names }, flat, rows) {
  const { name, shape } = names.input;
  const dims = [rows, ...shape.slice(1)];
  return {
    predict: () => model.predict(flat),
    run: () => model.run({ [name]: { type: "float32", dims, data: flat } }),
    peer: async () => {
      const outputs = await session.run({ [name]: new ort.Tensor("float32", flat, dims) });
      return { labels: outputs[names.label].data, probabilities: outputs[names.probability].data };
    },
  };
}

/** @throws Error when labels differ, or a probability by more than `TOLERANCE` */
async function check(what, subject, signature) {
  const predicted = subject.predict();
  const ran = subject.run();
  const peer = await subject.peer();
  const [label, probability] = signature.outputs.map((output) => output.name);
  const forms = {
    predict: [predicted.prediction, predicted.probabilities.flat()],
    run: [ran[label].data, ran[probability].data],
  };
  let greatest = 0;
  for (const [form, [labels, probabilities]] of Object.entries(forms)) {
    if (
      labels.length !== peer.labels.length ||
      probabilities.length !== peer.probabilities.length
    ) {
      throw new Error(`${what}: ${form} has another number of outputs than onnxruntime-web`);
    }
    for (let i = 0; i < labels.length; i++) {
      if (Number(labels[i]) === Number(peer.labels[i])) continue;
      throw new Error(
        `${what}: ${form} row ${i} is ${labels[i]}, onnxruntime-web's ${peer.labels[i]}`,
      );
    }
    for (let i = 0; i < probabilities.length; i++) {
      const difference = Math.abs(probabilities[i] - peer.probabilities[i]);
      greatest = Math.max(greatest, difference);
      if (difference <= TOLERANCE) continue;
      throw new Error(`${what}: ${form} probability ${i} differs by ${difference}`);
    }
  }
  return greatest;
}

const models = {};

globalThis.bench = {
  /** Checks the answers on the held-out set and on the rows that will be timed. Returns the greatest difference. */
  async check(name, counts) {
    models[name] ??= await open(name);
    const opened = models[name];
    const all = [opened.samples.features.length, ...counts];
    let greatest = 0;
    for (const rows of all) {
      const subject = calls(opened, rowsOf(opened.samples, rows), rows);
      const difference = await check(`${name}, ${rows} rows`, subject, opened.model.signature);
      greatest = Math.max(greatest, difference);
    }
    return { rows: all, greatest };
  },

  /** Steady latency of one call. */
  latency(name, rows, rounds) {
    const { predict, run, peer } = calls(models[name], rowsOf(models[name].samples, rows), rows);
    return interleave(
      { predict: synchronous(predict), run: synchronous(run), peer: asynchronous(peer) },
      { rounds },
    );
  },

  /** From bytes in memory to a model, without and with a first prediction of one row. */
  loading(name, rounds) {
    const { bytes, tensorBytes, samples } = models[name];
    const flat = rowsOf(samples, 1);
    const ours = () => loadModel(bytes);
    const theirs = () => ort.InferenceSession.create(tensorBytes);
    const release = (model) => model.dispose();
    const releasePeer = (session) => session.release();
    return interleave(
      {
        load: making(ours, release),
        peerLoad: making(theirs, releasePeer),
        first: making(async () => {
          const model = await ours();
          model.predict(flat);
          return model;
        }, release),
        peerFirst: making(async () => {
          const session = await theirs();
          await calls({ ...models[name], session }, flat, 1).peer();
          return session;
        }, releasePeer),
      },
      { rounds, most: 64 },
    );
  },

  ortVersion: ort.env.versions.web,
};

console.log("ready");
