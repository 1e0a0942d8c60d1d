/** A network of one float input: random numbers in, every output compared. */

import { loadModel } from "predikt";
import { loadModel as loadBeside } from "predikt-beside";
import { ort } from "./ort.js";

/** Of an output's greatest number: sums of thousands of products in another order. */
const TOLERANCE = 1e-3;

/**
 * @param {string} name
 * @param {boolean} beside whether another build of predikt takes part
 */
export async function openNetwork(name, beside) {
  const [file, described] = await Promise.all(
    [`${name}.onnx`, `${name}.json`].map((path) => fetch(`/networks/${path}`)),
  );
  const bytes = new Uint8Array(await file.arrayBuffer());
  const { input, dims } = await described.json();
  const data = random(dims.reduce((product, length) => product * length, 1));
  const model = await loadModel(bytes);
  const other = beside ? await loadBeside(bytes) : undefined;
  const session = await ort.InferenceSession.create(bytes);
  const outputs = session.outputNames;
  const run = (loaded = model) => loaded.run({ [input]: { type: "float32", dims, data } });
  const peer = () => session.run({ [input]: new ort.Tensor("float32", data, dims) });
  return {
    name,
    outputs,
    run,
    peer,
    ours: () => Number(run()[outputs[0]].data[0]),
    other: other && (() => Number(run(other)[outputs[0]].data[0])),
    theirs: async () => Number((await peer())[outputs[0]].data[0]),
    release: () => {
      model.dispose();
      other?.dispose();
      return session.release();
    },
  };
}

/** @returns the greatest difference, as a part of the output's greatest number @throws Error when it is too great */
export async function checkNetwork({ name, outputs, run, peer }) {
  const ours = run();
  const theirs = await peer();
  let greatest = 0;
  for (const output of outputs) {
    const [a, b] = [ours[output].data, theirs[output].data];
    const scale = b.reduce((most, value) => Math.max(most, Math.abs(Number(value))), 1e-9);
    const off = b.reduce((most, value, i) => {
      const difference = Math.abs(Number(value) - Number(a[i])) / scale;
      return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(most, difference);
    }, 0);
    if (a.length !== b.length || off > TOLERANCE) {
      throw new Error(`${name}: output ${output} differs by ${off} of its greatest number`);
    }
    greatest = Math.max(greatest, off);
  }
  return greatest;
}

/** Numbers in -1..1, the same every time. @param {number} count */
function random(count) {
  let state = 20;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}
