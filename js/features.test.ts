import { describe, expect, it } from "vitest";
import { GROW } from "./testing/fake.js";
import { failureOf, fakeLoaded } from "./testing/loader.js";

const NAMES = ["a", "b", "c", "d"];

describe("features of one input", () => {
  it.each([
    ["an array", [1, 2, 3, 4], [10]],
    ["a Float32Array", new Float32Array([1, 2, 3, 4]), [10]],
    ["a Float64Array", new Float64Array([1, 2, 3, 4]), [10]],
    ["an Int16Array", new Int16Array([1, 2, 3, 4]), [10]],
    [
      "an array of arrays",
      [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ],
      [10, 26],
    ],
    ["an array of typed arrays", [new Float32Array([1, 2, 3, 4]), new Uint8Array(4)], [10, 0]],
    ["a mixed array of both", [[1, 2, 3, 4], new Uint8Array(4)], [10, 0]],
    ["a typed array of two rows", new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]), [10, 26]],
    ["a part of a buffer", new Float32Array(9).fill(1).subarray(1), [4, 4]],
    ["a record", { d: 4, c: 3, b: 2, a: 1 }, [10]],
    [
      "an array of records",
      [
        { a: 1, b: 2, c: 3, d: 4 },
        { d: 8, a: 5, b: 6, c: 7 },
      ],
      [10, 26],
    ],
  ])("takes %s", async (_what, features, expected) => {
    for (const buffer of ["f32", "f64"] as const) {
      const { model } = await fakeLoaded({ buffer, features: NAMES });
      expect(model.predict(features as number[]).prediction).toEqual(expected);
    }
  });

  it("takes NaN, null and infinities", async () => {
    const { model } = await fakeLoaded({ features: NAMES });
    expect(model.predict([1, Number.NaN, 3, 4]).prediction).toEqual([Number.NaN]);
    expect(model.predict([1, null, 3, 4]).prediction).toEqual([Number.NaN]);
    expect(model.predict([null, 2, 3, 4]).prediction).toEqual([Number.NaN]);
    expect(model.predict([[1, 2, 3, null]]).prediction).toEqual([Number.NaN]);
    expect(model.predict({ a: 1, b: null, c: 3, d: 4 }).prediction).toEqual([Number.NaN]);
    expect(model.predict([1, Infinity, 3, 4]).prediction).toEqual([Infinity]);
  });

  it.each([
    ["too few", [1, 2, 3], "INPUT_SHAPE", { expected: 4, got: 3, row: 0 }],
    ["too many", [1, 2, 3, 4, 5], "INPUT_SHAPE", { expected: 4, got: 5, row: 0 }],
    ["two rows in a plain row", [1, 2, 3, 4, 5, 6, 7, 8], "INPUT_SHAPE", { expected: 4, got: 8 }],
    ["no features", [], "INPUT_SHAPE", { expected: 4, got: 0 }],
    ["an empty row", [[]], "INPUT_SHAPE", { expected: 4, got: 0, row: 0 }],
    ["an empty typed array", new Float32Array(0), "INPUT_SHAPE", { expected: 4, got: 0 }],
    ["a broken typed array", new Float32Array(6), "INPUT_SHAPE", { expected: 4, got: 6 }],
    [
      "a short second row",
      [
        [1, 2, 3, 4],
        [1, 2],
      ],
      "INPUT_SHAPE",
      { expected: 4, got: 2, row: 1 },
    ],
    ["a wide typed row", [new Float32Array(5)], "INPUT_SHAPE", { expected: 4, got: 5, row: 0 }],
    ["a string", "1,2,3,4", "INPUT_TYPE", { got: "string" }],
    ["a number", 5, "INPUT_TYPE", { got: "number" }],
    ["null", null, "INPUT_TYPE", { got: "null" }],
    ["undefined", undefined, "INPUT_TYPE", { got: "undefined" }],
    ["a function", () => 1, "INPUT_TYPE", { got: "function" }],
    ["a DataView", new DataView(new ArrayBuffer(16)), "INPUT_TYPE", { got: "DataView" }],
    ["a row of strings", ["1", "2", "3", "4"], "INPUT_TYPE", { row: 0, column: 0, got: "string" }],
    [
      "a string within",
      [1, 2, "3", 4],
      "INPUT_TYPE",
      { row: 0, column: 2, got: "string", name: "c" },
    ],
    ["undefined within", [1, undefined, 3, 4], "INPUT_TYPE", { column: 1, got: "undefined" }],
    ["a hole", new Array(4).fill(1, 0, 3), "INPUT_TYPE", { column: 3, got: "undefined" }],
    [
      "a boolean within",
      [
        [1, 2, 3, 4],
        [1, 2, 3, true],
      ],
      "INPUT_TYPE",
      { row: 1, column: 3, got: "boolean" },
    ],
    ["a bigint within", [1, 2n, 3, 4], "INPUT_TYPE", { column: 1, got: "bigint" }],
    [
      "nested rows",
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
      "INPUT_SHAPE",
      { expected: 4, got: 2 },
    ],
    ["nested values", [[[1], [2], [3], [4]]], "INPUT_TYPE", { row: 0, column: 0, got: "array" }],
    ["a BigInt64Array", new BigInt64Array(4), "INPUT_TYPE", { row: 0, column: 0, got: "bigint" }],
    ["rows of bigints", [new BigInt64Array(4)], "INPUT_TYPE", { row: 0, column: 0, got: "bigint" }],
    ["a DataView as row", [new DataView(new ArrayBuffer(4))], "INPUT_TYPE", { row: 0 }],
    [
      "a DataView among rows",
      [[1, 2, 3, 4], new DataView(new ArrayBuffer(16))],
      "INPUT_TYPE",
      { row: 1, got: "DataView" },
    ],
    ["a number among rows", [[1, 2, 3, 4], 5], "INPUT_TYPE", { row: 1, got: "number" }],
    ["a record among rows", [[1, 2, 3, 4], {}], "INPUT_TYPE", { row: 1, got: "object" }],
    [
      "a row among records",
      [{ a: 1, b: 2, c: 3, d: 4 }, [1]],
      "INPUT_TYPE",
      { row: 1, got: "array" },
    ],
    ["an empty record", {}, "INPUT_MISSING", { name: "a", row: 0 }],
    ["a record with a gap", { a: 1, b: 2, d: 4 }, "INPUT_MISSING", { name: "c", row: 0 }],
    [
      "a later record with a gap",
      [
        { a: 1, b: 2, c: 3, d: 4 },
        { a: 1, b: 2, c: 3 },
      ],
      "INPUT_MISSING",
      { name: "d", row: 1 },
    ],
    [
      "a record with more",
      { a: 1, b: 2, c: 3, d: 4, e: 5 },
      "INPUT_UNKNOWN",
      { name: "e", row: 0 },
    ],
    [
      "a record of text",
      { a: 1, b: "2", c: 3, d: 4 },
      "INPUT_TYPE",
      { name: "b", column: 1, got: "string" },
    ],
    [
      "a record of undefined",
      { a: 1, b: undefined, c: 3, d: 4 },
      "INPUT_TYPE",
      { name: "b", got: "undefined" },
    ],
  ])("refuses %s", async (_what, features, code, details) => {
    const { model } = await fakeLoaded({ features: NAMES });
    const error = await failureOf(() => model.predict(features as number[]));
    expect(error).toMatchObject({ name: "PrediktError", code, details });
    expect(model.predict([1, 2, 3, 4]).prediction).toEqual([10]);
  });

  it("does not take inherited properties for columns", async () => {
    const { model } = await fakeLoaded({ widths: [2], features: ["toString", "constructor"] });
    const error = await failureOf(() => model.predict({} as Record<string, number>));
    expect(error).toMatchObject({ code: "INPUT_MISSING", details: { name: "toString" } });
  });

  it("refuses a getter that predicts while its record is read", async () => {
    const { model } = await fakeLoaded({ widths: [2], features: ["a", "b"] });
    for (const inner of [[5, 6], new Float64Array(20_000)]) {
      const record = {
        a: 1,
        get b() {
          model.predict(inner);
          return 2;
        },
      };
      expect(await failureOf(() => model.predict(record))).toMatchObject({
        code: "INPUT_TYPE",
        details: { got: "getter" },
      });
      expect(model.predict([1, 2]).prediction).toEqual([3]);
    }
  });

  it("says that records need names", async () => {
    const { model } = await fakeLoaded();
    const error = await failureOf(() => model.predict({ a: 1 }));
    expect(error).toMatchObject({ code: "INPUT_TYPE" });
    expect((error as Error).message).toContain("have no names");
  });
});

describe("features of several inputs", () => {
  it("divides a row among them", async () => {
    const { model } = await fakeLoaded({ widths: [1, 2, 1], features: NAMES });
    expect(model.predict([1, 2, 3, 4]).prediction).toEqual([10]);
    expect(
      model.predict([
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ]).prediction,
    ).toEqual([10, 26]);
    expect(model.predict(new Float32Array([1, 2, 3, 4, 5, 6, 7, 8])).prediction).toEqual([10, 26]);
    expect(model.predict({ a: 1, b: 2, c: 3, d: 4 }).prediction).toEqual([10]);
  });

  it("names columns by inputs of one value each", async () => {
    const { model } = await fakeLoaded({ widths: [1, 1] });
    expect(model.predict({ x1: 5, x0: 1 }).prediction).toEqual([6]);
    const error = await failureOf(() => model.predict({ x0: 1 }));
    expect(error).toMatchObject({ code: "INPUT_MISSING", details: { name: "x1" } });
  });
});

describe("a free row width", () => {
  it("is the first row's", async () => {
    const { model } = await fakeLoaded({ widths: [null] });
    expect(model.predict([1, 2]).prediction).toEqual([3]);
    expect(
      model.predict([
        [1, 2, 3],
        [4, 5, 6],
      ]).prediction,
    ).toEqual([6, 15]);
    expect(model.predict(new Float32Array([1, 2, 3])).prediction).toEqual([6]);
    const error = await failureOf(() =>
      model.predict([
        [1, 2, 3],
        [4, 5],
      ]),
    );
    expect(error).toMatchObject({ code: "INPUT_SHAPE", details: { expected: 3, got: 2, row: 1 } });
  });
});

describe("buffers", () => {
  it("are reserved when the number of rows changes", async () => {
    const { model, fake } = await fakeLoaded();
    for (let i = 0; i < 5; i++) model.predict([1, 2, 3, 4]);
    expect(fake.log.reserves).toBe(1);
    model.predict(new Float32Array(40));
    expect(fake.log.reserves).toBe(2);
    model.predict(new Float32Array(40));
    expect(fake.log.reserves).toBe(2);
    expect(model.predict([[1, 2, 3, 4]]).prediction).toEqual([10]);
    expect(fake.log.reserves).toBe(3);
  });

  it("are found again when memory grew", async () => {
    const { model } = await fakeLoaded({ classes: ["even", "odd"] });
    const big = new Float32Array(4 * 100_000).fill(1);
    expect(model.predict([GROW, 0, 0, 1]).prediction).toEqual(["even"]);
    expect(model.predict(big).prediction).toHaveLength(100_000);
    expect(model.predict([1, 1, 1, 0]).prediction).toEqual(["odd"]);
  });

  it("stay reserved for a self-test", async () => {
    const { model, fake } = await fakeLoaded();
    model.predict([1, 2, 3, 4]);
    model.selfTest({ rtol: 1, atol: 1, features: [[1, 2, 3, 4]], prediction: [10] });
    const before = fake.log.reserves;
    expect(model.predict([1, 2, 3, 4]).prediction).toEqual([10]);
    expect(fake.log.reserves).toBe(before);
  });
});

describe("results", () => {
  it("give labels, probabilities and classes of a classifier", async () => {
    const { model } = await fakeLoaded({ widths: [1], classes: ["no", "yes"] });
    const result = model.predict([[0], [1], [2]]);
    expect(result).toEqual({
      prediction: ["no", "yes", "no"],
      probabilities: [
        [0.5, 0.5],
        [0.5, 0.5],
        [0.5, 0.5],
      ],
      classes: ["no", "yes"],
    });
    expect(result.classes).toBe(model.signature.classes);
    expect(Object.isFrozen(result.classes)).toBe(true);
  });

  it("give an array a row when there are more columns", async () => {
    const { model } = await fakeLoaded({ widths: [1], columns: 3 });
    expect(model.predict([[1], [5]])).toEqual({
      prediction: [
        [1, 2, 3],
        [5, 6, 7],
      ],
    });
  });

  it("are not touched by later calls", async () => {
    const { model } = await fakeLoaded();
    const first = model.predict([1, 2, 3, 4]);
    model.predict([5, 6, 7, 8]);
    expect(first).toEqual({ prediction: [10] });
  });
});
