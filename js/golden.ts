/** Golden samples: what a model answers on them, and what its trainer recorded. */

import { PrediktError } from "./error.js";
import type { Golden, Label, Prediction } from "./types.js";

/** The samples' rows. @throws PrediktError `MANIFEST_INVALID` where they are not what they should be */
export function goldenRows(golden: Golden): Golden["features"] {
  const { features, prediction, probabilities, rtol, atol } = Object(golden) as Golden;
  const width = features?.[0]?.length;
  if (
    !(width && rtol >= 0 && atol >= 0) ||
    !features.every((row) => row?.length === width) ||
    ![prediction, probabilities ?? prediction].every((list) => list?.length === features.length)
  ) {
    throw new PrediktError(
      "MANIFEST_INVALID",
      "The golden samples need rtol, atol and rows of one length, with one answer each.",
      { field: "golden" },
    );
  }
  return features;
}

/** Compares an answer on all rows. @throws PrediktError `SELF_TEST_FAILED` on the first difference */
export function compareGolden(golden: Golden, answer: Prediction): void {
  compare(golden, answer, "prediction");
  compare(golden, answer, "probabilities");
}

function compare(golden: Golden, answer: Prediction, field: "prediction" | "probabilities"): void {
  golden[field]?.forEach((want, row) => {
    const expected = listed(want);
    const got = listed(answer[field]?.[row] ?? []);
    // Labels are equal or not, however large they are.
    const isLabel = answer.classes !== undefined && typeof want !== "object";
    const fits = (value: Label, i: number) =>
      got[i] === value || (!isLabel && isClose(golden, got[i], value));
    if (got.length === expected.length && expected.every(fits)) return;
    throw new PrediktError(
      "SELF_TEST_FAILED",
      `On this device the model's golden sample ${row} does not come out as its trainer recorded it (${field}), so its answers cannot be trusted here.`,
      { field, row, expected: expected.join(", "), got: got.join(", ") },
    );
  });
}

function listed(value: Label | readonly Label[]): Label[] {
  return typeof value === "object" ? [...value] : [value];
}

/** As numpy's `allclose` has it. */
function isClose({ rtol, atol }: Golden, got: unknown, want: Label): boolean {
  if (typeof got !== "number" || typeof want !== "number") return false;
  return (
    Math.abs(got - want) <= atol + rtol * Math.abs(want) ||
    (Number.isNaN(got) && Number.isNaN(want))
  );
}
