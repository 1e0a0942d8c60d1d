import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { asset, publish } from "./bindings.js";
import { post } from "./fakes.js";
import { serve } from "./serve.js";

interface Published {
  input: { name: string; type: string; shape: (number | string | null)[] }[];
  changes?: object;
}

const column = (name: string) => ({ name, type: "float32", shape: [null, 1] });
const COLUMNS = ["sepal_length", "sepal_width", "petal_length", "petal_width"];

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
  two_free: { input: [{ name: "x", type: "float32", shape: ["N", "time"] }] },
};

beforeAll(async () => {
  for (const [name, { input, changes }] of Object.entries(MODELS)) {
    const bytes = await (await asset(`fixtures/${name}.onnx`)).arrayBuffer();
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
    ["two_free", [[1, 2], [3]], "INPUT_SHAPE"],
  ])("%s refuses %j with %s", async (name, features, code) => {
    const response = await request(`/models/${name}/predict`, post({ features }));
    expect(await response.json()).toMatchObject({ error: { code } });
    expect(response.status).toBe(400);
  });
});
