import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { asset, publish } from "./bindings.js";
import { post } from "./fakes.js";
import { serve } from "./serve.js";

interface Published {
  input: { name: string; type: string; shape: (number | string | null)[] }[];
  changes?: object;
  /** Where the file is, when it is not among the small ones. */
  path?: string;
}

const column = (name: string) => ({ name, type: "float32", shape: [null, 1] });
const COLUMNS = ["sepal_length", "sepal_width", "petal_length", "petal_width"];

const text = { name: "X", type: "string", shape: [null, 1] };
const trained = (name: string) => `fixtures/models/${name}/model.onnx`;

/** Fixtures that are not like the sample models. */
const MODELS: Record<string, Published> = {
  columns: { input: COLUMNS.map(column) },
  double: { input: [{ name: "x", type: "float64", shape: ["N", 3] }] },
  fixed_batch: { input: [{ name: "x", type: "float32", shape: [1, 4] }] },
  int_input: { input: [{ name: "x", type: "int64", shape: ["N", 2] }] },
  many_columns: {
    input: [{ name: "x", type: "float32", shape: ["N", 2] }],
    changes: { features: [{ name: "a" }, { name: "b" }] },
  },
  document: { input: [text], path: trained("text_logistic_texts") },
  words: { input: [text], path: trained("simple_imputer_texts") },
  dictionary: {
    input: [{ name: "X", type: "float32", shape: [null, 4] }],
    path: trained("dict_vectorizer_tree"),
  },
  two_free: { input: [{ name: "x", type: "float32", shape: ["N", "time"] }] },
};

beforeAll(async () => {
  for (const [name, { input, changes, path }] of Object.entries(MODELS)) {
    const bytes = await (await asset(path ?? `fixtures/${name}.onnx`)).arrayBuffer();
    await publish(name, bytes, { inputs: input, outputs: [] }, changes);
  }
});

const request = serve({ ...env });
const FOUR = [5.1, 3.5, 1.4, 0.2];
const RECORD = Object.fromEntries(COLUMNS.map((name, i) => [name, FOUR[i]]));

describe("models of other kinds", () => {
  it.each<[string, unknown, unknown]>([
    ["columns", FOUR, [-4.575]],
    ["columns", RECORD, [-4.575]],
    ["double", [[4, 0, 0]], [-4.9999999999990905]],
    ["double", [1e39, 0, 0], [expect.any(Number)]],
    ["fixed_batch", FOUR, [[-5.075, 2.025]]],
    ["fixed_batch", [FOUR, FOUR], Array(2).fill([-5.075, 2.025])],
    [
      "int_input",
      [
        [1, 2],
        [-3, 16777216],
      ],
      [
        [1.5, 2.25],
        [-2.5, 16777216],
      ],
    ],
    [
      "many_columns",
      [
        [0, 0],
        [-1, 4],
      ],
      [
        [1, 2, 3],
        [4.25, 7.5, -0.25],
      ],
    ],
    ["many_columns", { a: -1, b: 4 }, [[4.25, 7.5, -0.25]]],
    ["document", ["ships on the cold sea"], ["sea"]],
    ["document", [["the lazy fox"], ["ships on the cold sea"], [null]], ["land", "sea", "land"]],
    ["document", [{ X: "the lazy fox" }], ["land"]],
    ["words", [["Oslo"], [null], [""], ["日本"]], ["Oslo", "Bonn", "Bonn", "日本"]],
    ["dictionary", [{ floor: 7 }, { rooms: 1.5, cellar: 3 }, {}], [1, 0, 0]],
    ["dictionary", [[7, 0, 0, 0]], [1]],
    ["two_free", [[1, 2, 3]], [2]],
    [
      "two_free",
      [
        [1, 2, 3, 4, 5],
        [2, 4, 6, 8, 10],
      ],
      [3, 6],
    ],
  ])("%s predicts %j", async (name, features, expected) => {
    const response = await request(`/models/${name}/predict`, post({ features }));
    expect(response.status, await response.clone().text()).toBe(200);
    const { prediction } = await response.json<{ prediction: unknown[] }>();
    const close = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(close);
      return typeof value === "number" ? expect.closeTo(value, 5) : value;
    };
    expect(prediction).toEqual(close(expected));
  });

  it.each<[string, unknown, string]>([
    ["columns", [[1, 2, 3]], "INPUT_SHAPE"],
    ["columns", { ...RECORD, sepal_width: 1e39 }, "INPUT_NOT_FINITE"],
    ["columns", { sepal_length: 1 }, "INPUT_MISSING"],
    ["double", [1, 2], "INPUT_SHAPE"],
    ["double", { a: 1, b: 2, c: 3 }, "INPUT_TYPE"],
    ["fixed_batch", [1, 2, 3], "INPUT_SHAPE"],
    ["int_input", [1.5, 2], "INPUT_TYPE"],
    ["int_input", [1, 1e300], "INPUT_TYPE"],
    ["many_columns", [1, 2, 3], "INPUT_SHAPE"],
    ["many_columns", { a: 1, c: 2 }, "INPUT_MISSING"],
    ["many_columns", { a: 1, b: 2, c: 3 }, "INPUT_UNKNOWN"],
    ["document", [5], "INPUT_TYPE"],
    ["document", ["one", "two"], "INPUT_SHAPE"],
    ["document", { Y: "one" }, "INPUT_MISSING"],
    ["document", { X: "x".repeat(70_000) }, "LIMIT_EXCEEDED"],
    ["dictionary", [{ floor: [1] }], "INPUT_TYPE"],
    ["dictionary", [{ floor: 1e39 }], "INPUT_NOT_FINITE"],
    ["columns", [1, 2, "3", 4], "INPUT_TYPE"],
    ["int_input", [1, null], "INPUT_TYPE"],
    ["two_free", [[1, 2], [3]], "INPUT_SHAPE"],
  ])("%s refuses %j with %s", async (name, features, code) => {
    const response = await request(`/models/${name}/predict`, post({ features }));
    expect(await response.json()).toMatchObject({ error: { code } });
    expect(response.status).toBe(400);
  });
});
