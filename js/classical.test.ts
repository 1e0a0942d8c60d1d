/**
 * Models of scikit-learn, LightGBM, XGBoost and CatBoost answer as their trainers did, in the compact artefact alone unless their
 * operators tell the loader that they need the full one: the same files as in tests/classical.rs. `PREDIKT_FIXTURE=word` runs
 * those whose name has the word.
 */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import type { Artefact } from "./artefact.js";
import { Sniffer } from "./sniff.js";
import type { FeatureRecord, FeatureValue, Label, Prediction, Signature, Tensor } from "./types.js";

type Package = typeof import("./entry/node.js");
type Row = FeatureValue[];

interface Expected {
  type: string;
  dims: number[];
  data: (number | string | null)[];
}

interface Samples {
  rtol: number;
  features: (Row | Record<string, FeatureValue>)[];
  prediction: (Label | (Label | null)[] | null)[];
  probabilities?: (number | null)[][];
  classes?: Label[];
  outputs: Record<string, Expected>;
}

interface Index {
  sources: string;
  models: { name: string; "model.onnx": string; "samples.json": string }[];
}

const root = fileURLToPath(new URL("../", import.meta.url));
const folder = `${root}tests/fixtures/models`;
const entry = new URL("../dist/entry/node.js", import.meta.url).href;
const { loadModel } = (await import(/* @vite-ignore */ entry)) as Package;

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");
const index = JSON.parse(readFileSync(`${folder}/index.json`, "utf8")) as Index;
const word = process.env.PREDIKT_FIXTURE ?? "";
const models = index.models.filter(({ name }) => name.includes(word));

/** Numbers of rows that one loaded model is asked for, beside each row alone and all of them. */
const BATCHES = [7, 1000];

/** What the trainer gave: rows × columns, with each column's size, to which small values are compared. */
class Wanted {
  readonly columns: number;
  readonly #sizes: number[];

  constructor(
    readonly values: readonly (number | string | null)[],
    rows: number,
    readonly rtol: number,
    least = 0,
  ) {
    this.columns = values.length / rows;
    this.#sizes = Array.from({ length: this.columns }, () => least);
    for (const [at, value] of values.entries()) {
      const column = at % this.columns;
      const size = typeof value === "number" ? Math.abs(value) : 0;
      this.#sizes[column] = Math.max(this.#sizes[column] as number, size);
    }
  }

  /** Says what is wrong with a row's values, or nothing. */
  difference(row: number, got: readonly unknown[], exact: boolean): string | undefined {
    if (got.length !== this.columns) return `${got.length} values, not ${this.columns}`;
    for (const [column, value] of got.entries()) {
      const want = this.values[row * this.columns + column] as number | string | null;
      if (!this.#same(value, want, column, exact)) {
        return `row ${row} has ${value} in column ${column}, not ${want}`;
      }
    }
    return undefined;
  }

  #same(got: unknown, want: number | string | null, column: number, exact: boolean): boolean {
    if (want === null) return Number.isNaN(got);
    if (typeof want === "string" || exact) return got === want;
    const size = Math.max(this.#sizes[column] as number, Math.abs(want));
    return typeof got === "number" && Math.abs(got - want) <= this.rtol * size;
  }
}

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** Compares an answer to `rows`, which are positions in the samples. */
function checkPrediction(answer: Prediction, rows: number[], samples: Samples): void {
  const count = samples.features.length;
  const { rtol } = samples;
  const prediction = new Wanted(samples.prediction.flat(), count, rtol);
  const exact = samples.probabilities !== undefined;
  expect(answer.prediction).toHaveLength(rows.length);
  const wrong = rows.map((row, at) =>
    prediction.difference(row, list(answer.prediction[at] as Label | Label[]), exact),
  );
  expect(wrong.find(Boolean)).toBeUndefined();
  if (samples.probabilities === undefined) return;
  const probabilities = new Wanted(samples.probabilities.flat(), count, rtol, 1);
  if (samples.classes !== undefined) expect(answer.classes).toEqual(samples.classes);
  expect(answer.probabilities).toHaveLength(rows.length);
  const off = rows.map((row, at) =>
    probabilities.difference(row, answer.probabilities?.[at] ?? [], false),
  );
  expect(off.find(Boolean)).toBeUndefined();
}

/** Rows in the model's order of columns. */
function inOrder({ features }: Signature, samples: Samples): Row[] {
  return samples.features.map((row) =>
    Array.isArray(row) ? row : (features ?? []).map((name) => row[name] ?? missing(row, name)),
  );
}

/** What a record does not name is 0; what it names as null is missing. */
const missing = (record: Record<string, FeatureValue>, name: string) => (name in record ? null : 0);

/** The inputs as tensors of the types that the signature declares. */
function feeds(signature: Signature, rows: Row[]): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  const several = signature.inputs.length > 1;
  let first = 0;
  for (const { name, type, shape } of signature.inputs) {
    const declared = shape?.at(-1);
    const whole = several || typeof declared !== "number" ? 1 : declared;
    const width = several ? whole : (rows[0]?.length ?? whole);
    const values = rows.flatMap((row) => row.slice(first, first + width));
    const dims = shape?.length === 1 ? [rows.length] : [rows.length, width];
    tensors[name] = { type, dims, data: elements(type, values) };
    first += width;
  }
  return tensors;
}

function elements(type: Tensor["type"], values: Row): Tensor["data"] {
  const numbers = () => values.map((value) => (value === null ? NaN : Number(value)));
  if (type === "string") return values.map((value) => (value === null ? "" : String(value)));
  if (type === "int64") return BigInt64Array.from(values, (value) => BigInt(value ?? 0));
  if (type === "bool") return Uint8Array.from(values, Number);
  if (type === "float64") return Float64Array.from(numbers());
  return Float32Array.from(numbers());
}

function checkOutputs(got: Record<string, Tensor>, samples: Samples): void {
  for (const [name, { type, dims, data }] of Object.entries(samples.outputs)) {
    expect({ type: got[name]?.type, dims: got[name]?.dims }, name).toEqual({ type, dims });
    const float = type.startsWith("float");
    const columns = dims.length > 1 ? (dims.at(-1) as number) : 1;
    const least = float && samples.probabilities ? 1 : 0;
    const wanted = new Wanted(data, Math.max(data.length / columns, 1), samples.rtol, least);
    const elements = (got[name]?.data ?? []) as Iterable<number | bigint | string>;
    const values = Array.from(elements, (value) =>
      typeof value === "bigint" ? Number(value) : value,
    );
    const wrong = Array.from({ length: data.length / columns }, (_, row) =>
      wanted.difference(row, values.slice(row * columns, (row + 1) * columns), !float),
    );
    expect(wrong.find(Boolean), name).toBeUndefined();
  }
}

/** The artefact that the loader begins with, and ends with: the other one is not tried. */
function artefactFor(bytes: Uint8Array): Artefact {
  const sniffer = new Sniffer();
  sniffer.push(bytes);
  return sniffer.needsFull ? "full" : "compact";
}

async function check(name: string): Promise<Artefact> {
  const read = (file: string) => readFileSync(`${folder}/${name}/${file}`);
  const samples = JSON.parse(read("samples.json").toString()) as Samples;
  const bytes = read("model.onnx");
  const artefact = artefactFor(bytes);
  const model = await loadModel(bytes, { engine: artefact === "full" ? "auto" : "compact" });
  const rows = samples.features.map((_, row) => row);
  const cycled = (count: number) => Array.from({ length: count }, (_, row) => row % rows.length);
  const ask = (batch: number[]) => batch.map((row) => samples.features[row]);
  checkOutputs(model.run(feeds(model.signature, inOrder(model.signature, samples))), samples);
  for (const row of rows) {
    const features = samples.features[row] as Row | FeatureRecord;
    checkPrediction(model.predict(features), [row], samples);
  }
  for (const batch of [rows, ...BATCHES.map(cycled)]) {
    checkPrediction(model.predict(ask(batch) as Row[] | FeatureRecord[]), batch, samples);
  }
  model.dispose();
  return artefact;
}

describe("models as their trainers exported them", () => {
  const equal = { compact: 0, full: 0 };

  it.each(models)("$name", async ({ name }) => {
    equal[await check(name)] += 1;
  });

  afterAll(() => {
    const { compact, full } = equal;
    const others = models.length - compact - full;
    console.log(
      `wasm: models ${models.length}, equal ${compact} compact and ${full} full, others ${others}`,
    );
  });
});

describe("the index of the models", () => {
  it("lists the files that are there, as they are", () => {
    const folders = readdirSync(folder, { withFileTypes: true }).filter((at) => at.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual(index.models.map(({ name }) => name));
    for (const model of index.models) {
      for (const file of ["model.onnx", "samples.json"] as const) {
        const path = `${folder}/${model.name}/${file}`;
        expect(sha256(readFileSync(path)), path).toBe(model[file]);
      }
    }
  });

  it("was made by the sources that are there", () => {
    const sources = `${root}tools/fixtures`;
    const lines = readdirSync(sources, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".py") || path === "requirements.txt")
      .map((path) => path.replaceAll("\\", "/"))
      .map((path) => `${path} ${sha256(readFileSync(`${sources}/${path}`))}\n`);
    expect(sha256(lines.sort().join(""))).toBe(index.sources);
  });
});
