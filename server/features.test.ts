import { describe, expect, it } from "vitest";
import type { Signature } from "./catalogue.js";
import { checkFinite, readFeatures } from "./features.js";

const LIMITS = { maxBatch: 2, maxTextLength: 10 };

describe("readFeatures", () => {
  it.each([
    ["a row", [1, 2], [[1, 2]]],
    [
      "rows",
      [
        [1, 2],
        [3, 4],
      ],
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ["a record", { a: 1, b: 2 }, [{ a: 1, b: 2 }]],
    ["records", [{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 2 }]],
    ["a row of texts and missing values", ["Rome", null, 1, true], [["Rome", null, 1, true]]],
    ["a row that begins with null", [null, "Rome"], [[null, "Rome"]]],
    ["records of them", [{ a: "Rome" }, { a: null }], [{ a: "Rome" }, { a: null }]],
    ["an array for an input of several values", { a: [1, "b"] }, [{ a: [1, "b"] }]],
    ["a text of the greatest length", ["0123456789"], [["0123456789"]]],
  ])("takes %s", (_, features, rows) => {
    expect(readFeatures({ features }, LIMITS)).toEqual({ features, rows });
  });

  it("does not count the values of one row as a batch", () => {
    const features = Array.from({ length: 64 }, (_, index) => index);
    expect(readFeatures({ features }, { ...LIMITS, maxBatch: 1 }).rows).toHaveLength(1);
  });

  it.each<[string, unknown, number, string, object]>([
    ["no object", [1, 2], 400, "BODY_INVALID", { expected: "object", got: "array" }],
    ["null", null, 400, "BODY_INVALID", { got: "null" }],
    ["no features", { instances: [] }, 400, "INPUT_MISSING", { got: ["instances"] }],
    ["inherited features", {}, 400, "INPUT_MISSING", { missing: "features" }],
    ["a string", { features: "1,2" }, 400, "INPUT_TYPE", { got: "string" }],
    ["a number", { features: 1 }, 400, "INPUT_TYPE", { got: "number" }],
    ["null features", { features: null }, 400, "INPUT_TYPE", { got: "null" }],
    ["nothing", { features: [] }, 400, "INPUT_SHAPE", { got: 0 }],
    ["an empty row", { features: [[]] }, 400, "INPUT_SHAPE", { row: 0 }],
    [
      "ragged rows",
      { features: [[1, 2], [3]] },
      400,
      "INPUT_SHAPE",
      { row: 1, expected: 2, got: 1 },
    ],
    ["depth three", { features: [[[1]]] }, 400, "INPUT_SHAPE", { row: 0, column: 0 }],
    [
      "a text that is too long",
      { features: [["1", "01234567890"]] },
      400,
      "LIMIT_EXCEEDED",
      { row: 0, column: 1, limit: 10, got: 11 },
    ],
    [
      "a text that is too long in a record",
      { features: { a: ["01234567890"] } },
      400,
      "LIMIT_EXCEEDED",
      { row: 0, column: "a" },
    ],
    ["an object in a row", { features: [1, {}] }, 400, "INPUT_TYPE", { column: 1, got: "object" }],
    ["an object in a record", { features: { a: {} } }, 400, "INPUT_TYPE", { column: "a" }],
    [
      "nested arrays in a record",
      { features: [{ a: [[1]] }] },
      400,
      "INPUT_TYPE",
      { got: "array" },
    ],
    ["a row after a record", { features: [{ a: 1 }, [1]] }, 400, "INPUT_TYPE", { row: 1 }],
    ["a record after a row", { features: [[1], { a: 1 }] }, 400, "INPUT_TYPE", { row: 1 }],
    ["a number after a row", { features: [[1], 2] }, 400, "INPUT_TYPE", { row: 1, got: "number" }],
    ["a row after a number", { features: [1, [2]] }, 400, "INPUT_SHAPE", { column: 1 }],
    ["too many rows", { features: [[1], [2], [3]] }, 413, "BATCH_TOO_LARGE", { limit: 2, got: 3 }],
    ["too many records", { features: [{}, {}, {}] }, 413, "BATCH_TOO_LARGE", { limit: 2 }],
  ])("refuses %s", (_, body, status, code, details) => {
    const refusal = { status, code, details: expect.objectContaining(details) };
    expect(() => readFeatures(body, LIMITS)).toThrow(expect.objectContaining(refusal));
  });
});

describe("checkFinite", () => {
  const one = (type: string): Signature => ({
    inputs: [{ name: "x", type, shape: [null, 2] }],
    outputs: [],
  });
  const check = (features: unknown, signature: Signature & { features?: string[] }) =>
    checkFinite(readFeatures({ features }, { ...LIMITS, maxBatch: 10 }), signature);

  it("knows the largest number of each type", () => {
    expect(() => check([3.4028235677973362e38, -3.4e38], one("float32"))).not.toThrow();
    expect(Math.fround(3.4028235677973362e38)).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(() => check([1e39, 0], one("float32"))).toThrow("float32");
    expect(Math.fround(3.4028235677973366e38)).toBe(Number.POSITIVE_INFINITY);
    expect(() => check([3.4028235677973366e38, 0], one("float32"))).toThrow("float32");
    expect(() => check([1e39, 0], one("float64"))).not.toThrow();
    expect(() => check([Number.POSITIVE_INFINITY, 0], one("float64"))).toThrow("float64");
    expect(() => check([65519, 0], one("float16"))).not.toThrow();
    expect(() => check([65520, 0], one("float16"))).toThrow("float16");
  });

  it("names the row and the column", () => {
    const refusal = { status: 400, code: "INPUT_NOT_FINITE" };
    expect(() =>
      check(
        [
          [1, 2],
          [3, Number.NEGATIVE_INFINITY],
        ],
        one("float32"),
      ),
    ).toThrow(
      expect.objectContaining({ ...refusal, details: { row: 1, column: 1, type: "float32" } }),
    );
    const named = { ...one("float32"), features: ["a", "b"] };
    expect(() => check({ a: 1, b: 1e39 }, named)).toThrow(
      expect.objectContaining({ ...refusal, details: { row: 0, column: "b", type: "float32" } }),
    );
  });

  it("takes each column by the type of its own input", () => {
    const mixed: Signature = {
      inputs: [
        { name: "a", type: "float32", shape: [null, 2] },
        { name: "b", type: "float64", shape: [null, 1] },
      ],
      outputs: [],
    };
    expect(() => check([1, 2, 1e39], mixed)).not.toThrow();
    expect(() => check([1, 1e39, 2], mixed)).toThrow("column 1");
  });

  it("leaves texts and missing values alone, and looks into an input's own array", () => {
    const mixed: Signature = {
      inputs: [
        { name: "town", type: "string", shape: [null, 1] },
        { name: "x", type: "float32", shape: [null, 2] },
      ],
      outputs: [],
    };
    expect(() => check(["Rome", null, 1], mixed)).not.toThrow();
    expect(() => check({ town: null, x: [1, null] }, mixed)).not.toThrow();
    expect(() => check({ town: "Rome", x: [1, 1e39] }, mixed)).toThrow('"x"');
    expect(() => check(["Rome", 1, 1e39], mixed)).toThrow("column 2");
  });

  it("leaves unknown columns to the model", () => {
    expect(() => check({ nobody: 1 }, one("float32"))).not.toThrow();
  });
});
