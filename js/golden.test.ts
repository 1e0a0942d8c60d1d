import { describe, expect, it } from "vitest";
import { compareGolden, goldenRows } from "./golden.js";
import type { Golden, Prediction } from "./types.js";

const golden = (changes: object): Golden => ({
  rtol: 1e-5,
  atol: 1e-6,
  features: [[1]],
  prediction: [1],
  ...changes,
});

describe("golden samples", () => {
  it.each<[string, object, object]>([
    ["numbers within the tolerance", { prediction: [200_001] }, { prediction: [200_002] }],
    ["labels", { prediction: ["a"] }, { prediction: ["a"], classes: ["a", "b"] }],
    ["a row of one column", { prediction: [[1]] }, { prediction: [1] }],
    ["texts", { prediction: [["a", "b"]] }, { prediction: [["a", "b"]] }],
    ["what is no number", { prediction: [Number.NaN] }, { prediction: [Number.NaN] }],
    ["probabilities", { probabilities: [[0.5]] }, { prediction: [1], probabilities: [[0.5]] }],
  ])("hold: %s", (_what, changes, answer) => {
    expect(() => compareGolden(golden(changes), answer as Prediction)).not.toThrow();
  });

  it.each<[string, object, object, object]>([
    [
      "labels, however close",
      { prediction: [200_001] },
      { prediction: [200_002], classes: [] },
      {},
    ],
    ["numbers too far off", {}, { prediction: [1.1] }, { expected: "1", got: "1.1" }],
    ["a text for a number", {}, { prediction: ["1"] }, { got: "1" }],
    ["fewer columns", { prediction: [[1, 2]] }, { prediction: [1] }, { expected: "1, 2" }],
    ["no probabilities", { probabilities: [[1]] }, { prediction: [1] }, { field: "probabilities" }],
  ])("do not hold: %s", (_what, changes, answer, details) => {
    expect(() => compareGolden(golden(changes), answer as Prediction)).toThrow(
      expect.objectContaining({
        code: "SELF_TEST_FAILED",
        details: expect.objectContaining({ row: 0, ...details }),
      }),
    );
  });

  it.each<[string, unknown]>([
    ["nothing", null],
    ["no rows", golden({ features: [] })],
    ["rows of several lengths", golden({ features: [[1], [1, 2]], prediction: [1, 1] })],
    ["too few answers", golden({ prediction: [] })],
    ["too few probabilities", golden({ probabilities: [] })],
    ["no tolerance", golden({ rtol: undefined })],
  ])("are refused: %s", (_what, samples) => {
    expect(() => goldenRows(samples as Golden)).toThrow(
      expect.objectContaining({ code: "MANIFEST_INVALID", details: { field: "golden" } }),
    );
  });
});
