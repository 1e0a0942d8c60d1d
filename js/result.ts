/** The engine's result → plain arrays, or typed ones. */

import type { ModelHandle } from "./binding.js";
import type { Engine } from "./engine.js";
import { PrediktError } from "./error.js";
import { kindOf } from "./feature-errors.js";
import type { Label, NumberArray, NumericPrediction, Prediction, PredictOptions } from "./types.js";

/** What the values of a result are; anything else is numbers. */
const POSITIONS = 1;
const TEXTS = 2;

/**
 * Reads what the last predict of a model left in memory.
 *
 * @param header offset of the result's words, counted in words
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
  const start = (words[header] as number) >>> 3;
  const columns = words[header + 1] as number;
  const kind = words[header + 2] as number;
  const table = (words[header + 3] as number) >>> 3;
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

/**
 * As `readResult`, for the option `into`: numbers go into the caller's arrays, or stay where they are.
 *
 * @throws PrediktError `OPTIONS_INVALID` where an array is too short or none, and for a model that answers with texts
 */
export function readInto(
  engine: Engine,
  header: number,
  rows: number,
  classes: readonly Label[] | undefined,
  into: NonNullable<PredictOptions["into"]>,
): NumericPrediction {
  if (engine.f32.length === 0) engine.renewViews();
  const words = engine.u32;
  const start = (words[header] as number) >>> 3;
  const columns = words[header + 1] as number;
  const table = (words[header + 3] as number) >>> 3;
  const count = words[header + 4] as number;
  if (words[header + 2] === TEXTS) {
    throw new PrediktError(
      "OPTIONS_INVALID",
      "This model answers with texts, which no array of numbers holds: leave the option into out.",
      { option: "into" },
    );
  }
  const own = arraysOf(into);
  const part = (at: number, length: number, name: "prediction" | "probabilities") =>
    fill(own[name], engine.f64.subarray(at, at + length), `into.${name}`);
  const answer: NumericPrediction = { prediction: part(start, rows * columns, "prediction") };
  if (count > 0) answer.probabilities = part(table, rows * count, "probabilities");
  if (classes !== undefined) answer.classes = classes;
  return answer;
}

/** The caller's arrays. */
function arraysOf(into: NonNullable<PredictOptions["into"]>): {
  readonly prediction?: NumberArray | undefined;
  readonly probabilities?: NumberArray | undefined;
} {
  if (into === "views") return {};
  if (ArrayBuffer.isView(into)) return { prediction: into };
  if (kindOf(into) === "object") return into;
  throw new PrediktError(
    "OPTIONS_INVALID",
    `into must be "views", an array of floats or an object of them, not ${kindOf(into)}.`,
    { option: "into", got: kindOf(into) },
  );
}

/** Copies numbers into the caller's array, if there is one. */
function fill(target: NumberArray | undefined, values: Float64Array, option: string): NumberArray {
  if (target === undefined) return values;
  if (!(target instanceof Float64Array || target instanceof Float32Array)) {
    throw new PrediktError(
      "OPTIONS_INVALID",
      `${option} must be a Float64Array or Float32Array, not ${kindOf(target)}.`,
      { option, got: kindOf(target) },
    );
  }
  if (target.length < values.length) {
    throw new PrediktError(
      "OPTIONS_INVALID",
      `${option} has room for ${target.length} numbers, and the answer has ${values.length}.`,
      { option, expected: values.length, got: target.length },
    );
  }
  target.set(values);
  return target.length === values.length ? target : target.subarray(0, values.length);
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

/** Of short rows a literal of the right length: an array that grows is given room for sixteen more. */
function readNumbers(values: Float64Array, start: number, count: number): number[] {
  const first = values[start] as number;
  if (count === 1) return [first];
  const second = values[start + 1] as number;
  if (count === 2) return [first, second];
  const third = values[start + 2] as number;
  if (count === 3) return [first, second, third];
  const numbers = [first, second, third, values[start + 3] as number];
  for (let i = 4; i < count; i++) numbers.push(values[start + i] as number);
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
