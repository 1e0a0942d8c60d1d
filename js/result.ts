/** The engine's result → plain arrays. */

import type { ModelHandle } from "./binding.js";
import type { Engine } from "./engine.js";
import type { Label, Prediction } from "./types.js";

/** What the values of a result are; anything else is numbers. */
const POSITIONS = 1;
const TEXTS = 2;

/**
 * Reads what the last predict of a model left in memory.
 *
 * @param header offset of the result's five words, counted in words
 */
export function readResult(
  engine: Engine,
  handle: ModelHandle,
  header: number,
  rows: number,
  classes: readonly Label[] | undefined,
): Prediction {
  if (engine.f32.length === 0) engine.renewViews();
  const words = engine.u32;
  const values = engine.f64;
  const start = (words[header] as number) / 8;
  const columns = words[header + 1] as number;
  const kind = words[header + 2] as number;
  const table = (words[header + 3] as number) / 8;
  const count = words[header + 4] as number;

  let prediction: Prediction["prediction"];
  if (kind === TEXTS) {
    prediction =
      columns > 1 ? inRows(readTexts(engine, handle), columns) : readTexts(engine, handle);
  } else if (kind === POSITIONS && classes !== undefined) {
    const labels = readLabels(values, start, rows * columns, classes);
    prediction = columns > 1 ? inRows(labels, columns) : labels;
  } else if (columns > 1) {
    prediction = readRows(values, start, rows, columns);
  } else {
    prediction = readNumbers(values, start, rows);
  }
  if (count === 0) return classes === undefined ? { prediction } : { prediction, classes };
  const probabilities = readRows(engine.f64, table, rows, count);
  return classes === undefined
    ? { prediction, probabilities }
    : { prediction, probabilities, classes };
}

/** Making them may move the views of memory, which are found again. */
function readTexts(engine: Engine, handle: ModelHandle): string[] {
  try {
    return handle.prediction_strings();
  } catch (thrown) {
    throw engine.failure(thrown);
  } finally {
    if (engine.f32.length === 0) engine.renewViews();
  }
}

/** All of a result's columns have one type, so that its rows do. */
function inRows(values: readonly Label[], columns: number): string[][] {
  const rows: Label[][] = [];
  for (let at = 0; at < values.length; at += columns) rows.push(values.slice(at, at + columns));
  return rows as string[][];
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
