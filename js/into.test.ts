import { describe, expect, it } from "vitest";
import { Model } from "./model.js";
import { fakeBytes, GROW } from "./testing/fake.js";
import { failureOf, fakeLoaded, fakeLoader } from "./testing/loader.js";
import type { PredictOptions } from "./types.js";

const ROWS = new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]);

describe("predict into typed arrays", () => {
  it("fills those that are passed", async () => {
    const { model } = await fakeLoaded({ columns: 2 });
    const prediction = new Float64Array(4);
    expect(model.predict(ROWS, { into: { prediction } }).prediction).toBe(prediction);
    expect([...prediction]).toEqual([10, 11, 26, 27]);
    const single = new Float32Array(4);
    expect(model.predict(ROWS, { into: single }).prediction).toBe(single);
    expect([...single]).toEqual([10, 11, 26, 27]);
  });

  it("gives a classifier's positions and probabilities, row after row", async () => {
    const { model } = await fakeLoaded({ classes: ["a", "b", "c"] });
    const into = { prediction: new Float32Array(2), probabilities: new Float32Array(10) };
    const answer = model.predict(ROWS, { into });
    expect([...answer.prediction]).toEqual([1, 2]);
    expect(answer.probabilities).toHaveLength(6);
    expect(answer.probabilities?.buffer).toBe(into.probabilities.buffer);
    expect(answer.probabilities?.[5]).toBeCloseTo(1 / 3);
    expect(answer.classes).toEqual(["a", "b", "c"]);
    expect(model.predict(ROWS).prediction).toEqual(["b", "c"]);
  });

  it("gives views of the engine's memory", async () => {
    const { engine, model } = await fakeLoaded({ classes: [1, 2] });
    const answer = model.predict(ROWS, { into: "views" });
    expect(answer.prediction.buffer).toBe(engine.f64.buffer);
    expect(answer.probabilities?.buffer).toBe(engine.f64.buffer);
    expect(answer.prediction).toHaveLength(2);
    const part = model.predict(ROWS, { into: { prediction: new Float64Array(2) } });
    expect(part.probabilities?.buffer).toBe(engine.f64.buffer);
  });

  it("gives views that can be read after memory grew during the call", async () => {
    const { model } = await fakeLoaded();
    const { prediction } = model.predict([GROW, 1, 2, 3], { into: "views" });
    expect([...prediction]).toEqual([GROW + 6]);
  });

  it.each<[string, unknown, object]>([
    ["too short", new Float64Array(1), { option: "into.prediction", expected: 2, got: 1 }],
    ["of whole numbers", new Int32Array(2), { option: "into.prediction", got: "Int32Array" }],
    ["no array", { prediction: [0, 0] }, { option: "into.prediction", got: "array" }],
    ["a number", 5, { option: "into" }],
    ["true", true, { option: "into" }],
  ])("refuses what is %s", async (_what, into, details) => {
    const { model } = await fakeLoaded();
    const options = { into } as PredictOptions;
    expect(await failureOf(() => model.predict(ROWS, options))).toMatchObject({
      code: "OPTIONS_INVALID",
      details,
    });
    expect(model.predict(ROWS).prediction).toEqual([10, 26]);
  });

  it("refuses a model that answers with texts", async () => {
    const { engine } = await fakeLoaded();
    const model = Model.load({ engine, bytes: fakeBytes({ texts: true }), options: {} });
    expect(await failureOf(() => model.predict([1, 2, 3, 4], { into: "views" }))).toMatchObject({
      code: "OPTIONS_INVALID",
    });
  });

  it("is refused of a model in a thread", async () => {
    const model = await fakeLoader().loadModel(fakeBytes({}), { thread: "worker" });
    const options = { into: "views" } as object;
    expect(await failureOf(() => model.predict(ROWS, options))).toMatchObject({
      code: "OPTIONS_INVALID",
    });
    model.dispose();
  });
});
