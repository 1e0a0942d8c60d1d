/** What every app must answer: scikit-learn's own predictions, stored when the model was trained. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { models } from "./paths.mjs";

const samples = JSON.parse(await readFile(join(models, "iris/1/samples.json"), "utf8"));

/** The held-out rows. */
export const rows = samples.features;

const CLASSES = [0, 1, 2];

/** @param {{ one: object, many: object }} answers of `predict` for the flower of the README, and for `rows` */
export function assertIris({ one, many }) {
  assert.deepEqual(one.prediction, [0]);
  assert.deepEqual(one.classes, CLASSES);
  assert.equal(one.probabilities.length, 1);
  const [probabilities] = one.probabilities;
  assertClose([[probabilities.reduce((sum, value) => sum + value)]], [[1]]);
  assert.ok(probabilities[0] > 0.9, `a setosa for certain, not ${probabilities}`);

  assert.deepEqual(many.prediction, samples.prediction);
  assert.deepEqual(many.classes, CLASSES);
  assertClose(many.probabilities, samples.probabilities);
}

/** As numpy's allclose with rtol 1e-5 and atol 1e-6. */
function assertClose(got, expected) {
  assert.equal(got.length, expected.length);
  for (const [r, row] of expected.entries()) {
    assert.equal(got[r].length, row.length);
    for (const [c, value] of row.entries()) {
      const distance = Math.abs(got[r][c] - value);
      assert.ok(
        distance <= 1e-6 + 1e-5 * Math.abs(value),
        `row ${r}, column ${c}: ${got[r][c]} instead of ${value}`,
      );
    }
  }
}
