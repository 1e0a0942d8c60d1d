import { describe, expect, it } from "vitest";
import { type FakeInput, GROW_TEXT, TRAP_TEXT } from "./testing/fake.js";
import { failureOf, fakeLoaded } from "./testing/loader.js";
import type { Features } from "./types.js";

/** An input of several values among others of one. */
const INPUTS: FakeInput[] = [
  { name: "sex", type: "string", width: 1 },
  { name: "x", type: "float32", width: 2 },
  { name: "town", type: "string", width: 1 },
  { name: "children", type: "int64", width: 1 },
  { name: "member", type: "bool", width: 1 },
];
const NAMES = ["sex", "x[0]", "x[1]", "town", "children", "member"];
const ROW = ["f", 1, 2, "Rome", 3, true] as const;
const RECORD = { sex: "f", "x[0]": 1, "x[1]": 2, town: "Rome", children: 3, member: true };

const mixed = (more = {}) => fakeLoaded({ inputs: INPUTS, features: NAMES, ...more });

describe("features of texts and numbers", () => {
  it.each<[string, Features, unknown[]]>([
    ["a row", ROW, ["fRome 12"]],
    ["rows", [ROW, ["m", 0, 0, "Oslo", 0, false]], ["fRome 12", "mOslo 5"]],
    ["a record", RECORD, ["fRome 12"]],
    [
      "a record in another order",
      Object.fromEntries(Object.entries(RECORD).reverse()) as Features,
      ["fRome 12"],
    ],
    ["records", [RECORD, { ...RECORD, town: "Paris" }], ["fRome 12", "fParis 13"]],
    [
      "an input's own array in a record",
      [{ sex: "f", x: [1, 2], town: "Rome", children: 3, member: true }],
      ["fRome 12"],
    ],
    [
      "an input's own typed array in a record",
      { sex: "f", x: new Float32Array([1, 2]), town: "Rome", children: 3, member: 0 },
      ["fRome 11"],
    ],
    ["null for text", { ...RECORD, town: null }, ["f 8"]],
    ["null first", [null, 1, 2, "Rome", 3, true], ["Rome 11"]],
    ["null for a float", { ...RECORD, "x[1]": null }, ["fRome NaN"]],
    ["null in an input's own array", [["f", null, 2, "Rome", 3, false]], ["fRome NaN"]],
    ["NaN for a float", ["f", Number.NaN, 2, "Rome", 3, false], ["fRome NaN"]],
    ["any text", ["", 1, 2, "日本 \u{1F600}", 3, false], ["日本 \u{1F600} 11"]],
  ])("take %s", async (_what, features, expected) => {
    const { model } = await mixed({ texts: true });
    expect(model.predict(features).prediction).toEqual(expected);
    expect(model.predict(ROW).prediction).toEqual(["fRome 12"]);
  });

  it.each<[string, unknown, string, object, RegExp]>([
    [
      "a number for text",
      [
        ["f", 1, 2, "Rome", 3, true],
        [7, 1, 2, "Rome", 3, true],
      ],
      "INPUT_TYPE",
      { row: 1, column: 0, name: "sex", expected: "string", got: "number" },
      /^Row 1, column 0 \(sex\) is a number: it takes text/,
    ],
    [
      "text for a number",
      { ...RECORD, "x[1]": "2" },
      "INPUT_TYPE",
      { row: 0, column: 2, name: "x[1]", expected: "number", got: "string" },
      /it takes numbers, and null or NaN stands for a missing one/,
    ],
    ["truth for a float", { ...RECORD, "x[0]": true }, "INPUT_TYPE", { name: "x[0]" }, /boolean/],
    ["truth for text", ["f", 1, 2, true, 3, true], "INPUT_TYPE", { name: "town" }, /boolean/],
    [
      "null for a whole number",
      { ...RECORD, children: null },
      "INPUT_TYPE",
      { name: "children", column: 4, got: "null" },
      /whole numbers, and has no missing values/,
    ],
    ["null for truth", { ...RECORD, member: null }, "INPUT_TYPE", { name: "member" }, /is null/],
    [
      "undefined for text",
      { ...RECORD, town: undefined },
      "INPUT_TYPE",
      { name: "town", got: "undefined" },
      /undefined/,
    ],
    ["a typed array", new Float32Array(6), "INPUT_TYPE", { column: 0, got: "number" }, /text/],
    ["a short row", ["f", 1], "INPUT_SHAPE", { expected: 6, got: 2, row: 0 }, /takes 6/],
    ["text alone", "f", "INPUT_TYPE", { got: "string" }, /The features are a string/],
    [
      "a missing text",
      [RECORD, { sex: "f", x: [1, 2], children: 3, member: true }],
      "INPUT_MISSING",
      { name: "town", row: 1 },
      /Row 1 has no "town"/,
    ],
    [
      "a missing input of several values",
      { sex: "f", town: "Rome", children: 3, member: true },
      "INPUT_MISSING",
      { name: "x[0]", row: 0 },
      /a record needs sex, x\[0\], x\[1\], town/,
    ],
    [
      "an unknown column",
      { ...RECORD, town_: "Rome" },
      "INPUT_UNKNOWN",
      { name: "town_", row: 0 },
      /it takes sex, x\[0\]/,
    ],
    [
      "a column beside its input's own array",
      { ...RECORD, x: [1, 2] },
      "INPUT_UNKNOWN",
      { name: "x[0]" },
      /its input's own array has already/,
    ],
    [
      "an input's own array of another length",
      { ...RECORD, x: [1, 2, 3] },
      "INPUT_SHAPE",
      { name: "x", expected: 2, got: 3, row: 0 },
      /3 values under "x"/,
    ],
    [
      "text in an input's own array",
      { sex: "f", x: [1, "2"], town: "Rome", children: 3, member: true },
      "INPUT_TYPE",
      { name: "x[1]", column: 2 },
      /column 2/,
    ],
    ["an array for text", { ...RECORD, town: ["Rome"] }, "INPUT_TYPE", { got: "array" }, /array/],
  ])("refuse %s", async (_what, features, code, details, message) => {
    const { model } = await mixed({ texts: true });
    const error = await failureOf(() => model.predict(features as Features));
    expect(error).toMatchObject({ name: "PrediktError", code, details });
    expect((error as Error).message).toMatch(message);
    expect(model.predict(ROW).prediction).toEqual(["fRome 12"]);
  });

  it("do not take inherited properties for columns", async () => {
    const inputs: FakeInput[] = [{ name: "toString", type: "string", width: 1 }];
    const { model } = await fakeLoaded({ inputs });
    const error = await failureOf(() => model.predict({}));
    expect(error).toMatchObject({ code: "INPUT_MISSING", details: { name: "toString" } });
  });

  it("list only some of very many names", async () => {
    const features = Array.from({ length: 500 }, (_, i) => `word${i}`);
    const { model } = await fakeLoaded({ widths: [500], features });
    const error = (await failureOf(() => model.predict({ word0: 1 }))) as Error;
    expect(error.message).toMatch(/word29 and 470 more\.$/);
  });

  it("need as much room as there are rows", async () => {
    const { model, fake } = await mixed({ texts: true });
    model.predict([ROW, ROW, ROW]);
    expect(model.predict(ROW).prediction).toEqual(["fRome 12"]);
    expect(model.predict([ROW, ROW]).prediction).toEqual(["fRome 12", "fRome 12"]);
    const before = fake.log.reserves;
    model.predict([ROW, ROW]);
    expect(fake.log.reserves).toBe(before);
  });

  it("are whole again after a refusal, growth and a trap", async () => {
    const { model } = await mixed({ texts: true });
    expect(await failureOf(() => model.predict([ROW, ["f", "1"]]))).toBeDefined();
    expect(model.predict(["grow", 1, 2, "Rome", 3, true]).prediction).toEqual(["growRome 15"]);
    expect(GROW_TEXT).toBe("grow");
    const trapped = await failureOf(() => model.predict([TRAP_TEXT, 1, 2, "Rome", 3, true]));
    expect(trapped).toMatchObject({ code: "ENGINE_TRAP" });
    expect(model.predict(ROW).prediction).toEqual(["fRome 12"]);
  });

  it("may not call a model while they are read", async () => {
    const { model } = await mixed({ texts: true });
    const record = {
      ...RECORD,
      get town() {
        model.predict(ROW);
        return "Rome";
      },
    };
    expect(await failureOf(() => model.predict(record))).toMatchObject({
      details: { got: "getter" },
    });
    expect(model.predict(ROW).prediction).toEqual(["fRome 12"]);
  });
});

describe("a model of one text", () => {
  const inputs: FakeInput[] = [{ name: "document", type: "string", width: 1 }];

  it("takes a row, rows, a record and records", async () => {
    const { model } = await fakeLoaded({ inputs, classes: ["short", "long"] });
    expect(model.predict(["ab"]).prediction).toEqual(["short"]);
    expect(model.predict([["ab"], ["abc"]]).prediction).toEqual(["short", "long"]);
    expect(model.predict({ document: "abc" }).prediction).toEqual(["long"]);
    expect(model.predict([{ document: "abc" }, { document: null }]).prediction).toEqual([
      "long",
      "short",
    ]);
  });

  it("says that a list of texts is one row", async () => {
    const { model } = await fakeLoaded({ inputs });
    const error = await failureOf(() => model.predict(["one", "two"]));
    expect(error).toMatchObject({ code: "INPUT_SHAPE", details: { expected: 1, got: 2 } });
  });
});

describe("records of a sparse model", () => {
  const features = ["age", "city=Oslo", "city=Rome"];
  const sparse = () => fakeLoaded({ widths: [3], sparse: true, features, columns: 2 });

  it.each<[string, Features, number]>([
    ["all columns", { age: 5, "city=Oslo": 1, "city=Rome": 2 }, 8],
    ["some columns", { age: 5 }, 5],
    ["none", {}, 0],
    ["unknown columns", { age: 5, height: 180 }, 5],
    ["text as a category", { age: 5, city: "Rome" }, 6],
    ["an unknown category", { age: 5, city: "Paris" }, 5],
    ["truth values", { age: true }, 1],
    ["a missing value", { age: null }, Number.NaN],
    ["a row", [1, 2, 3], 6],
  ])("take %s", async (_what, row, sum) => {
    const { model } = await sparse();
    model.predict([[100, 100, 100]]);
    expect(model.predict(row).prediction).toEqual([[sum, sum + 1]]);
  });

  it("refuse what is no value", async () => {
    const { model } = await sparse();
    const error = await failureOf(() => model.predict({ age: 1, tags: ["a"] }));
    expect(error).toMatchObject({ code: "INPUT_TYPE", details: { row: 0, name: "tags" } });
    expect((error as Error).message).toMatch(/^Row 0, "tags" is an array/);
  });
});

describe("answers of texts", () => {
  it("are an array a row when there are more columns", async () => {
    const inputs: FakeInput[] = [{ name: "word", type: "string", width: 1 }];
    const { model } = await fakeLoaded({ inputs, texts: true, columns: 2 });
    expect(model.predict([["a"], ["bc"]])).toEqual({
      prediction: [
        ["a 1", "a 2"],
        ["bc 2", "bc 3"],
      ],
    });
  });

  it("are labels in each column of a classifier with several", async () => {
    const { model } = await fakeLoaded({ widths: [1], classes: ["no", "yes"], columns: 2 });
    expect(model.predict([[0], [1]]).prediction).toEqual([
      ["no", "no"],
      ["yes", "yes"],
    ]);
  });
});
