/** What is wrong with features, in words: which row, which column, what was expected, what came. */

import type { ColumnKind } from "./columns.js";
import { PrediktError } from "./error.js";

/** A value's kind, as errors name it: "string", "null", "array", "Date"… */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value !== "object") return typeof value;
  const name = Object.prototype.toString.call(value).slice(8, -1);
  return name === "Object" ? "object" : name;
}

const WHAT_PREDICT_TAKES =
  "predict takes a row of values, an array of rows, a typed array of whole rows, a record by column name or an array of records";

/** What a column takes: for `details.expected`, and in words. */
const TAKEN: Readonly<Record<ColumnKind, readonly [expected: string, words: string]>> = {
  float: ["number", "it takes numbers, and null or NaN stands for a missing one"],
  whole: ["number", "it takes whole numbers, and has no missing values"],
  bool: ["boolean", "it takes true and false, or 1 and 0, and has no missing values"],
  text: ["string", "it takes text, and null stands for a missing one"],
};

/** Names beyond these are only counted. */
const MOST_NAMES = 30;

function described(value: unknown): string {
  const kind = kindOf(value);
  if (kind === "null" || kind === "undefined") return kind;
  return /^[aeiouAEIO]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

function values(count: number): string {
  return count === 1 ? "1 value" : `${count} values`;
}

function listed(names: readonly string[]): string {
  if (names.length <= MOST_NAMES) return names.join(", ");
  return `${names.slice(0, MOST_NAMES).join(", ")} and ${names.length - MOST_NAMES} more`;
}

/** Features that are no array, typed array or record. */
export function badFeatures(features: unknown): PrediktError {
  return new PrediktError(
    "INPUT_TYPE",
    `The features are ${described(features)}: ${WHAT_PREDICT_TAKES}.`,
    { expected: "row, rows or records", got: kindOf(features) },
  );
}

/** An entry of an array of rows or records that is none. */
export function badRow(value: unknown, row: number): PrediktError {
  return new PrediktError(
    "INPUT_TYPE",
    `Row ${row} is ${described(value)}: the rows of one call must all be arrays, or all records.`,
    { expected: "row", got: kindOf(value), row },
  );
}

/** A value that its column does not take; the column's name or its number may be unknown. */
export function badValue(
  value: unknown,
  row: number,
  column: number | undefined,
  name: string | undefined,
  kind: ColumnKind,
): PrediktError {
  const place =
    column === undefined
      ? JSON.stringify(name)
      : `column ${column}${name === undefined ? "" : ` (${name})`}`;
  const advice = Array.isArray(value) || ArrayBuffer.isView(value) ? "; flatten a row first" : "";
  const [expected, words] = TAKEN[kind];
  return new PrediktError(
    "INPUT_TYPE",
    `Row ${row}, ${place} is ${described(value)}: ${words}${advice}.`,
    {
      row,
      ...(column === undefined ? {} : { column }),
      expected,
      got: kindOf(value),
      ...(name === undefined ? {} : { name }),
    },
  );
}

/** A row of the wrong length; `free` when the first row set the length, `flat` for one typed array of all rows. */
export function badWidth(
  expected: number,
  got: number,
  row: number,
  free: boolean,
  flat = false,
): PrediktError {
  const message = flat
    ? `The typed array has ${values(got)}: its length must be a multiple of the ${values(expected)} of a row.`
    : `Row ${row} has ${values(got)}, ${free ? "the rows before it have" : "this model takes"} ${expected}.`;
  return new PrediktError("INPUT_SHAPE", message, { expected, got, row });
}

/** An input's own array, in a record, of the wrong length. */
export function badPart(name: string, expected: number, got: number, row: number): PrediktError {
  return new PrediktError(
    "INPUT_SHAPE",
    `Row ${row} has ${values(got)} under ${JSON.stringify(name)}, this model takes ${expected}.`,
    { name, expected, got, row },
  );
}

/** Features with a getter that calls a model: it takes the buffers that are being filled. */
export function movedWhileRead(): PrediktError {
  return new PrediktError(
    "INPUT_TYPE",
    "A getter among the features called a model while they were read: read the values first, and pass plain values.",
    { expected: "plain values", got: "getter" },
  );
}

/** An empty batch: nothing that could be predicted. */
export function noRows(width: number | null): PrediktError {
  const wanted = width === null ? "a row" : `a row of ${values(width)}`;
  return new PrediktError(
    "INPUT_SHAPE",
    `There are no features: pass ${wanted} or more than one, and don't call predict for an empty batch.`,
    { expected: width ?? 1, got: 0, row: 0 },
  );
}

/** Records for a model whose columns have no names. */
export function noColumnNames(): PrediktError {
  return new PrediktError(
    "INPUT_TYPE",
    "This model's columns have no names, so it takes no records: pass arrays, or load it with its manifest or with the option `features`.",
    { expected: "row", got: "object", row: 0 },
  );
}

/** A record without a value for a column. */
export function missingColumn(
  record: object,
  row: number,
  column: number,
  names: readonly string[],
): PrediktError {
  const name = names[column] as string;
  const unknown = Object.keys(record).find((key) => !names.includes(key));
  const hint = unknown === undefined ? "" : ` (it has ${JSON.stringify(unknown)})`;
  return new PrediktError(
    "INPUT_MISSING",
    `Row ${row} has no ${JSON.stringify(name)}${hint}: a record needs ${listed(names)}.`,
    { name, row },
  );
}

/** A record with a name that the model does not know, or that was not needed. */
export function unknownColumn(name: string, row: number, names: readonly string[]): PrediktError {
  const [message, known] = names.includes(name)
    ? ["which its input's own array has already", ""]
    : ["which this model does not know", `: it takes ${listed(names)}`];
  return new PrediktError(
    "INPUT_UNKNOWN",
    `Row ${row} has ${JSON.stringify(name)}, ${message}${known}.`,
    { name, row },
  );
}
