/** One model asked in every way there is: predikt's three calls, onnxruntime-web, and m2cgen's JavaScript. */

import { loadModel } from "predikt";
import { ort } from "./ort.js";

/** As many different rows as calls of one row take in turn: more than a branch predictor learns by heart in one. */
const TURNS = 64;

/** What one model needs for being asked. @param {string} name */
export async function open(name) {
  const get = async (file) => {
    const response = await fetch(`/models/${file}`);
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
  };
  const [bytes, tensorBytes, described] = await Promise.all(
    [`${name}.onnx`, `${name}.peer.onnx`, `${name}.json`].map(get),
  );
  const samples = JSON.parse(new TextDecoder().decode(described));
  const model = await loadModel(bytes);
  const session = await ort.InferenceSession.create(tensorBytes);
  const code = samples.code ? await import(/* @vite-ignore */ samples.code) : undefined;
  return { name, bytes, tensorBytes, samples, model, session, score: code?.score };
}

/**
 * Calls on `count` rows, each taking the number of the call. All make their tensors anew and read their outputs, as their
 * users do, and return a number, so that no compiler finds them superfluous.
 *
 * @param {Awaited<ReturnType<typeof open>>} subject
 * @param {number} count of rows
 */
export function calls({ model, session, samples, score }, count) {
  const turns = count === 1 ? TURNS : 1;
  const inputs = Array.from({ length: turns }, (_, turn) => input(model, samples, turn, count));
  const label = model.signature.outputs[0].name;
  const [peerLabel] = session.outputNames;
  const subjects = {
    predict: (call) => Number(model.predict(inputs[call % turns].features).prediction.at(-1)),
    views: (call) =>
      model.predict(inputs[call % turns].features, { into: "views" }).prediction.at(-1),
    run: (call) => Number(model.run(inputs[call % turns].feeds())[label].data.at(-1)),
    peer: async (call) => {
      const outputs = await session.run(inputs[call % turns].tensors());
      return Number(outputs[peerLabel].data.at(-1));
    },
  };
  if (score) {
    subjects.code = (call) => {
      const { rows } = inputs[call % turns];
      let last = 0;
      for (const row of rows) last += score(row)[0];
      return last;
    };
  }
  return subjects;
}

/** One input in every form: for predict, for run, for onnxruntime-web, and as rows of their own. */
function input({ signature }, { kind, rows: all }, turn, count) {
  const rows = Array.from({ length: count }, (_, i) => all[(turn + i) % all.length]);
  const columns = signature.inputs.map(({ name, type, shape }) => {
    const values = kind === "records" ? rows.map((row) => row[name]) : rows.flat();
    const dims = [count, ...shape.slice(1)];
    const data = type === "string" ? values : Float32Array.from(values, (v) => v ?? Number.NaN);
    return { name, type, dims, data };
  });
  const forms = {
    numbers: () => columns[0].data,
    texts: () => (count === 1 ? rows : rows.map((text) => [text])),
    records: () => (count === 1 ? rows[0] : rows),
  };
  return {
    features: forms[kind](),
    rows: kind === "numbers" ? rows.map((row) => Float32Array.from(row)) : rows,
    feeds: () =>
      Object.fromEntries(columns.map(({ name, type, dims, data }) => [name, { type, dims, data }])),
    tensors: () =>
      Object.fromEntries(
        columns.map(({ name, type, dims, data }) => [name, new ort.Tensor(type, data, dims)]),
      ),
  };
}

/**
 * Compares the answers of all on `count` rows: labels must be equal (the trainer's own too), and the numbers beside them near.
 *
 * @returns the greatest difference
 * @throws Error that says what differs
 */
export async function check({ name, model, session, samples, score }, count, tolerance) {
  const asked = input(model, samples, 0, count);
  const fail = (text) => {
    throw new Error(`${name}, ${count} rows: ${text}`);
  };
  const outputs = await session.run(asked.tensors());
  const [labels, numbers] = session.outputNames.map((output) => [...outputs[output].data]);
  const trained = asked.rows.map((_, i) => samples.labels[i % samples.labels.length]);
  const ran = model.run(asked.feeds());
  const predicted = model.predict(asked.features);
  const views = model.predict(asked.features, { into: "views" });
  const viewed = {
    labels: Array.from(views.prediction, (position) => views.classes[position]),
    numbers: views.probabilities && Array.from(views.probabilities),
  };
  const [ranLabels, ranNumbers] = model.signature.outputs.map((output) => ran[output.name].data);
  const classes = [...new Set(samples.labels)].sort();
  const subjects = {
    "the trainer": [trained],
    run: [ranLabels, ranNumbers],
    "predict into views": [viewed.labels, viewed.numbers],
    predict: [predicted.prediction, predicted.probabilities?.flat()],
  };
  if (score) {
    const scores = asked.rows.map((row) => score(row));
    const best = scores.map((row) => classes[row.indexOf(Math.max(...row))]);
    subjects.m2cgen = [best, sumsToOne(scores[0]) ? scores.flat() : undefined];
  }
  let greatest = 0;
  for (const [subject, [own, values]] of Object.entries(subjects)) {
    if (own.length !== labels.length) fail(`${subject} has ${own.length} labels`);
    for (const [i, label] of labels.entries()) {
      if (Number(own[i]) !== Number(label)) {
        fail(`${subject} says ${own[i]} in row ${i}, onnxruntime-web ${label}`);
      }
    }
    if (values === undefined) continue;
    if (values.length !== numbers.length) fail(`${subject} has ${values.length} numbers`);
    for (const [i, value] of numbers.entries()) {
      const difference = Math.abs(values[i] - value);
      greatest = Math.max(greatest, difference);
      if (!(difference <= tolerance * Math.max(1, Math.abs(value)))) {
        fail(`${subject}'s number ${i} is ${values[i]}, onnxruntime-web's ${value}`);
      }
    }
  }
  return greatest;
}

/** m2cgen gives a linear model's scores, not its probabilities. @param {number[]} row */
function sumsToOne(row) {
  return Math.abs(row.reduce((sum, value) => sum + value, 0) - 1) < 1e-6;
}
