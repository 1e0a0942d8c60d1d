// Runs a model on samples in predikt and compares with the answers that the samples hold.
//
//     node tools/replay.mjs MODEL SAMPLES [--rtol 1e-5] [--atol A] [--package dist/entry/node.js] [--engine auto] [--json]
//
// SAMPLES is a JSON file: `features` with `prediction`, and perhaps `probabilities` and `classes`, for `predict`; or `inputs`
// with `outputs`, tensors by name, for `run`. Labels and texts must be equal, floats within
// |got - expected| <= rtol * |expected| + atol; atol defaults to a tenth of rtol of the output's largest value, and null
// stands for what is not finite.
//
// Exits with 0 when all is equal, 1 when something differs or predikt refuses the model, 2 when called wrongly.

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const SHOWN = 5;
const usage =
  "usage: node tools/replay.mjs MODEL SAMPLES [--rtol R] [--atol A] [--package PATH] [--engine NAME] [--json]";

function fail(message) {
  console.error(message);
  process.exit(2);
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        rtol: { type: "string", default: "1e-5" },
        atol: { type: "string" },
        package: {
          type: "string",
          default: fileURLToPath(new URL("../dist/entry/node.js", import.meta.url)),
        },
        engine: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    if (positionals.length !== 2) fail(usage);
    for (const name of ["rtol", "atol"]) {
      if (values[name] !== undefined && !(Number(values[name]) >= 0))
        fail(`--${name} is a number, not ${values[name]}`);
    }
    return { ...values, model: positionals[0], samples: positionals[1] };
  } catch (error) {
    return fail(`${error.message}\n${usage}`);
  }
}

/** Rows × columns as arrays of plain values, whatever the nesting below the rows. */
function flatten(value) {
  return Array.isArray(value) ? value.flat(Infinity) : [value];
}

function isNumber(value) {
  return value === null || typeof value === "number" || typeof value === "bigint";
}

function absoluteTolerance(expected, { rtol, atol }) {
  if (atol !== undefined) return atol;
  let largest = 0;
  for (const row of expected) {
    for (const value of flatten(row))
      if (typeof value === "number") largest = Math.max(largest, Math.abs(value));
  }
  return 0.1 * rtol * largest;
}

function same(got, expected, rtol, atol) {
  if (!isNumber(expected)) return got === expected;
  if (expected === null) return got === null || (typeof got === "number" && !Number.isFinite(got));
  if (!isNumber(got) || got === null) return false;
  return Math.abs(Number(got) - Number(expected)) <= rtol * Math.abs(Number(expected)) + atol;
}

/** The rows that differ, one entry a row: its first value that does. */
function differences(output, got, expected, tolerance, exact = false) {
  if (got === undefined) return [{ row: 0, output, got: null, expected: "an output of this kind" }];
  if (got.length !== expected.length) {
    return [{ row: 0, output: `rows of ${output}`, got: got.length, expected: expected.length }];
  }
  const atol = exact ? 0 : absoluteTolerance(expected, tolerance);
  const rtol = exact ? 0 : tolerance.rtol;
  const found = [];
  for (const [row, wanted] of expected.entries()) {
    const want = flatten(wanted);
    const have = flatten(got[row]);
    if (want.length !== have.length) {
      found.push({ row, output: `width of ${output}`, got: have.length, expected: want.length });
      continue;
    }
    const column = want.findIndex((value, index) => !same(have[index], value, rtol, atol));
    if (column >= 0) {
      const name = want.length > 1 ? `${output}[${column}]` : output;
      found.push({ row, output: name, got: shown(have[column]), expected: want[column] });
    }
  }
  return found;
}

function shown(value) {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : (value ?? null);
}

function replayPredict(model, samples, tolerance) {
  const said = model.predict(samples.features);
  const found = differences(
    "prediction",
    said.prediction,
    samples.prediction,
    tolerance,
    samples.classes !== undefined,
  );
  if (samples.classes !== undefined) {
    found.push(
      ...differences("classes", [[...(said.classes ?? [])]], [samples.classes], tolerance, true),
    );
  }
  if (samples.probabilities !== undefined) {
    found.push(
      ...differences("probabilities", said.probabilities, samples.probabilities, tolerance),
    );
  }
  return { rows: samples.prediction.length, differences: found };
}

/** A tensor of the samples as `run` takes it. */
function feed({ type, dims, data }) {
  if (type === "int64" || type === "uint64")
    return { type, dims, data: data.map((value) => BigInt(value)) };
  return { type, dims, data: data.map((value) => (value === null ? Number.NaN : value)) };
}

function replayRun(model, samples, tolerance) {
  const feeds = Object.fromEntries(
    Object.entries(samples.inputs).map(([name, tensor]) => [name, feed(tensor)]),
  );
  const said = model.run(feeds);
  const found = [];
  for (const [name, wanted] of Object.entries(samples.outputs)) {
    const got = said[name];
    if (got === undefined) {
      found.push({ row: 0, output: name, got: null, expected: "an output of this name" });
    } else if (String(got.dims) !== String(wanted.dims)) {
      found.push({
        row: 0,
        output: `shape of ${name}`,
        got: String(got.dims),
        expected: String(wanted.dims),
      });
    } else {
      found.push(
        ...differences(
          name,
          inRows(got),
          inRows(wanted),
          tolerance,
          !wanted.type.startsWith("float"),
        ),
      );
    }
  }
  const [first] = Object.values(samples.inputs);
  return { rows: first?.dims[0] ?? 1, differences: found };
}

function inRows({ dims, data }) {
  const values = Array.from(data);
  const rows = dims.length > 0 ? dims[0] : 1;
  const width = rows > 0 ? values.length / rows : 0;
  return Array.from({ length: rows }, (_, row) => values.slice(row * width, (row + 1) * width));
}

async function main() {
  const options = readArguments();
  const tolerance = {
    rtol: Number(options.rtol),
    atol: options.atol === undefined ? undefined : Number(options.atol),
  };
  const { loadModel } = await import(pathToFileURL(resolve(options.package)));
  const samples = JSON.parse(await readFile(options.samples, "utf8"));
  let result;
  try {
    const bytes = await readFile(options.model);
    const model = await loadModel(bytes, {
      ...(options.engine === undefined ? {} : { engine: options.engine }),
      ...(samples.classes === undefined || samples.classes.length === 0
        ? {}
        : { classes: samples.classes }),
    });
    result =
      samples.inputs === undefined
        ? replayPredict(model, samples, tolerance)
        : replayRun(model, samples, tolerance);
    model.dispose();
  } catch (error) {
    result = { error: { code: error.code ?? error.name, message: error.message } };
  }
  if (options.json) {
    console.log(JSON.stringify(result));
  } else if (result.error) {
    console.error(`${result.error.code}: ${result.error.message}`);
  } else if (result.differences.length === 0) {
    console.log(`${result.rows} rows, all as expected`);
  } else {
    console.error(
      `${new Set(result.differences.map(({ row }) => row)).size} of ${result.rows} rows differ:`,
    );
    for (const { row, output, got, expected } of result.differences.slice(0, SHOWN)) {
      console.error(
        `  row ${row}, ${output}: got ${JSON.stringify(got)}, expected ${JSON.stringify(expected)}`,
      );
    }
  }
  process.exitCode = result.error || result.differences.length > 0 ? 1 : 0;
}

await main();
