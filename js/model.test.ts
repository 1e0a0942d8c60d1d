import { describe, expect, it } from "vitest";
import { deepFreeze } from "./freeze.js";
import { failureOf, fakeLoaded } from "./testing/loader.js";
import type { Feed, Tensor } from "./types.js";

const ROW = [1, 2, 3, 4];

describe("dispose", () => {
  it("frees once", async () => {
    const { fake, model } = await fakeLoaded();
    model.dispose();
    model.dispose();
    expect(fake.log.frees).toBe(1);
  });

  it.each([
    ["predict", (model: Loaded) => model.predict(ROW)],
    ["run", (model: Loaded) => model.run({})],
    ["selfTest", (model: Loaded) => model.selfTest()],
  ])("makes %s an error", async (_name, use) => {
    const { model } = await fakeLoaded();
    model.dispose();
    expect(await failureOf(() => use(model))).toMatchObject({ code: "DISPOSED" });
  });

  it("happens at the end of a block", async () => {
    const { fake, model } = await fakeLoaded();
    {
      using _scoped = model;
      expect(fake.log.frees).toBe(0);
    }
    expect(fake.log.frees).toBe(1);
  });

  it.runIf(typeof gc === "function")("happens to models that nobody holds", async () => {
    const { engine, fake } = await fakeLoaded();
    const { Model } = await import("./model.js");
    const { fakeBytes } = await import("./testing/fake.js");
    for (let i = 0; i < 20; i++) Model.load({ engine, bytes: fakeBytes({}), options: {} });
    for (let i = 0; i < 50 && fake.log.frees < 10; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      gc?.();
    }
    expect(fake.log.frees).toBeGreaterThanOrEqual(10);
  });
});

type Loaded = Awaited<ReturnType<typeof fakeLoaded>>["model"];

describe("signature", () => {
  it("is frozen", async () => {
    const { model } = await fakeLoaded({ classes: [0, 1] });
    expect(Object.isFrozen(model.signature)).toBe(true);
    expect(Object.isFrozen(model.signature.inputs[0]?.shape)).toBe(true);
    expect(deepFreeze([{ a: [1] }])[0]?.a).toSatisfy(Object.isFrozen);
  });
});

describe("a model without rows", () => {
  it("says to use run, in the engine's words", async () => {
    const { model } = await fakeLoaded({ runOnly: true });
    expect(await failureOf(() => model.predict(ROW))).toMatchObject({
      code: "INPUT_TYPE",
      message: "The input is text: use run.",
    });
  });
});

/** As onnxruntime-web's Tensor: type and dims are properties, data a getter of the class. */
class ForeignTensor {
  readonly type = "float32";
  readonly dims = [1, 2];
  readonly location: string;
  constructor(location = "cpu") {
    this.location = location;
  }
  get data(): Float32Array {
    if (this.location !== "cpu") throw new Error("The data is not on CPU.");
    return new Float32Array([1, 2]);
  }
}

describe("run", () => {
  it.each<[string, Feed, Tensor]>([
    [
      "a Float32Array",
      { type: "float32", dims: [2], data: new Float32Array([1, 2]) },
      { type: "float32", dims: [2], data: new Float32Array([1, 2]) },
    ],
    [
      "numbers",
      { type: "float32", dims: [1, 2], data: [1, 2] },
      { type: "float32", dims: [1, 2], data: new Float32Array([1, 2]) },
    ],
    [
      "a scalar",
      { type: "float64", dims: [], data: [5] },
      { type: "float64", dims: [], data: new Float64Array([5]) },
    ],
    [
      "nothing",
      { type: "int32", dims: [0, 3], data: [] },
      { type: "int32", dims: [0, 3], data: new Int32Array(0) },
    ],
    [
      "bigints",
      { type: "int64", dims: [2], data: [1n, -2n] },
      { type: "int64", dims: [2], data: new BigInt64Array([1n, -2n]) },
    ],
    [
      "numbers for int64",
      { type: "int64", dims: [1], data: [7] },
      { type: "int64", dims: [1], data: new BigInt64Array([7n]) },
    ],
    [
      "booleans",
      { type: "bool", dims: [2], data: [true, false] },
      { type: "bool", dims: [2], data: new Uint8Array([1, 0]) },
    ],
    [
      "clamped bytes",
      { type: "uint8", dims: [1], data: new Uint8ClampedArray([9]) },
      { type: "uint8", dims: [1], data: new Uint8Array([9]) },
    ],
    [
      "half bits",
      { type: "float16", dims: [1], data: new Uint16Array([0x3c00]) },
      { type: "float16", dims: [1], data: new Uint16Array([0x3c00]) },
    ],
    [
      "strings",
      { type: "string", dims: [2], data: ["a", "b"] },
      { type: "string", dims: [2], data: ["a", "b"] },
    ],
    [
      "a foreign tensor",
      new ForeignTensor(),
      { type: "float32", dims: [1, 2], data: new Float32Array([1, 2]) },
    ],
  ])("takes %s", async (_what, feed, expected) => {
    const { model } = await fakeLoaded();
    expect(model.run({ x0: feed })).toEqual({ x0: expected });
  });

  it.runIf("Float16Array" in globalThis)("takes a Float16Array as its bits", async () => {
    const { model } = await fakeLoaded();
    const Half = (globalThis as unknown as { Float16Array: new (v: number[]) => ArrayBufferView })
      .Float16Array;
    const bits = { type: "float16", dims: [2], data: new Uint16Array([0x3c00, 0xc000]) };
    expect(model.run({ x0: { ...bits, data: new Half([1, -2]) } })).toEqual({ x0: bits });
    expect(model.run({ x0: { ...bits, data: [1, -2] } })).toEqual({ x0: bits });
  });

  it.each([
    ["no feeds", undefined, "INPUT_TYPE", {}],
    ["an array", [], "INPUT_TYPE", { got: "array" }],
    ["a missing input", {}, "INPUT_MISSING", { name: "x0" }],
    [
      "an unknown input",
      { x0: { type: "float32", dims: [1], data: [1] }, y: 1 },
      "INPUT_UNKNOWN",
      { name: "y" },
    ],
    ["a number", { x0: 1 }, "INPUT_TYPE", { input: "x0", got: "number" }],
    [
      "an unknown type",
      { x0: { type: "float8", dims: [1], data: [1] } },
      "INPUT_TYPE",
      { got: "float8" },
    ],
    [
      "a type of Object's",
      { x0: { type: "toString", dims: [1], data: [1] } },
      "INPUT_TYPE",
      { got: "toString" },
    ],
    ["no dims", { x0: { type: "float32", data: [1] } }, "INPUT_TYPE", { got: "undefined" }],
    [
      "negative dims",
      { x0: { type: "float32", dims: [-1], data: [1] } },
      "INPUT_SHAPE",
      { got: "-1" },
    ],
    [
      "broken dims",
      { x0: { type: "float32", dims: [1.5], data: [1] } },
      "INPUT_SHAPE",
      { got: "1.5" },
    ],
    [
      "too little data",
      { x0: { type: "float32", dims: [2, 2], data: [1, 2, 3] } },
      "INPUT_SHAPE",
      { expected: 4, got: 3 },
    ],
    ["no data", { x0: { type: "float32", dims: [1] } }, "INPUT_TYPE", { expected: "Float32Array" }],
    [
      "another array type",
      { x0: { type: "float32", dims: [1], data: new Float64Array(1) } },
      "INPUT_TYPE",
      { expected: "Float32Array", got: "Float64Array" },
    ],
    [
      "strings for numbers",
      { x0: { type: "float32", dims: [1], data: ["1"] } },
      "INPUT_TYPE",
      { index: 0, got: "string" },
    ],
    [
      "fractions for integers",
      { x0: { type: "int32", dims: [2], data: [1, 1.5] } },
      "INPUT_TYPE",
      { index: 1, got: "1.5" },
    ],
    [
      "a number that does not fit",
      { x0: { type: "uint8", dims: [2], data: [255, 256] } },
      "INPUT_TYPE",
      { index: 1, got: "256" },
    ],
    [
      "a negative number for an unsigned type",
      { x0: { type: "uint32", dims: [1], data: [-1] } },
      "INPUT_TYPE",
      { index: 0, got: "-1" },
    ],
    [
      "a bigint that does not fit",
      { x0: { type: "int64", dims: [1], data: [2n ** 63n] } },
      "INPUT_TYPE",
      { index: 0, got: "9223372036854775808" },
    ],
    [
      "numbers for strings",
      { x0: { type: "string", dims: [1], data: [1] } },
      "INPUT_TYPE",
      { index: 0, got: "number" },
    ],
    [
      "a tensor elsewhere",
      { x0: new ForeignTensor("gpu-buffer") },
      "INPUT_TYPE",
      { got: "gpu-buffer" },
    ],
  ])("refuses %s", async (_what, feeds, code, details) => {
    const { model } = await fakeLoaded();
    const error = await failureOf(() => model.run(feeds as Record<string, Feed>));
    expect(error).toMatchObject({ code, details });
  });
});

describe("selfTest", () => {
  it("needs samples", async () => {
    const { model } = await fakeLoaded();
    expect(await failureOf(() => model.selfTest())).toMatchObject({ code: "OPTIONS_INVALID" });
  });

  it("names the first row that deviates", async () => {
    const { model } = await fakeLoaded();
    const golden = { rtol: 0, atol: 0, features: [ROW], prediction: [0] };
    expect(await failureOf(() => model.selfTest(golden))).toMatchObject({
      code: "SELF_TEST_FAILED",
      details: { row: 0 },
    });
  });
});
