/** The engine's result → plain arrays. */

import type { Engine } from "./engine.js";
import type { Label, Prediction } from "./types.js";

/**
 * Reads what the last predict of a model left in memory.
 *
 * @param header offset of the result's five words, counted in words
 */
export function readResult(
  engine: Engine,
  header: number,
  rows: number,
  classes: readonly Label[] | undefined,
): Prediction {
  if (engine.f32.length === 0) engine.renewViews();
  const words = engine.u32;
  const values = engine.f64;
  const start = (words[header] as number) / 8;
  const columns = words[header + 1] as number;
  const count = words[header + 4] as number;

  let prediction: Label[] | number[][];
  if (columns > 1) {
    prediction = readRows(values, start, rows, columns);
  } else if (words[header + 2] === 1 && classes !== undefined) {
    prediction = readLabels(values, start, rows, classes);
  } else {
    prediction = readNumbers(values, start, rows);
  }
  if (count === 0) return classes === undefined ? { prediction } : { prediction, classes };
  const probabilities = readRows(values, (words[header + 3] as number) / 8, rows, count);
  return classes === undefined
    ? { prediction, probabilities }
    : { prediction, probabilities, classes };
}

function readNumbers(values: Float64Array, start: number, count: number): number[] {
  const numbers = [values[start] as number];
  for (let i = 1; i < count; i++) numbers.push(values[start + i] as number);
  return numbers;
}

function readLabels(
  values: Float64Array,
  start: number,
  count: number,
  classes: readonly Label[],
): Label[] {
  const labels = [classes[values[start] as number] as Label];
  for (let i = 1; i < count; i++) labels.push(classes[values[start + i] as number] as Label);
  return labels;
}

function readRows(values: Float64Array, start: number, rows: number, columns: number): number[][] {
  const table = [readNumbers(values, start, columns)];
  for (let row = 1; row < rows; row++) {
    table.push(readNumbers(values, start + row * columns, columns));
  }
  return table;
}
