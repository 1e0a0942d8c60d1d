/** What is wrong with features, in words: which row, which column, what was expected, what came. */

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
  "predict takes a row of numbers, an array of rows, a typed array of whole rows, a record by column name or an array of records";

function described(value: unknown): string {
  const kind = kindOf(value);
  if (kind === "null" || kind === "undefined") return kind;
  return /^[aeiouAEIO]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

function values(count: number): string {
  return count === 1 ? "1 value" : `${count} values`;
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
    `Row ${row} is ${described(value)}: the rows of one call must all be arrays of numbers, or all records.`,
    { expected: "row", got: kindOf(value), row },
  );
}

/** A value that is no number. */
export function badValue(
  value: unknown,
  row: number,
  column: number,
  names: readonly string[] | undefined,
): PrediktError {
  const name = names?.[column];
  const place = name === undefined ? `column ${column}` : `column ${column} (${name})`;
  const advice = Array.isArray(value) || ArrayBuffer.isView(value) ? "; flatten a row first" : "";
  return new PrediktError(
    "INPUT_TYPE",
    `Row ${row}, ${place} is ${described(value)}: features are numbers, and NaN stands for a missing one${advice}.`,
    {
      row,
      column,
      expected: "number",
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

/** Features with a getter that calls a model: it takes the buffers that are being filled. */
export function movedWhileRead(): PrediktError {
  return new PrediktError(
    "INPUT_TYPE",
    "A getter among the features called a model while they were read: read the values first, and pass plain numbers.",
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

/**
 * What is wrong with a record: a column that is missing or no number, or a name that the model does not know.
 * With column -1 only unknown names are looked for, and there may be none.
 */
export function badRecord(
  record: object,
  row: number,
  column: number,
  names: readonly string[],
): PrediktError | undefined {
  const unknown = Object.keys(record).find((key) => !names.includes(key));
  const missing = names[column];
  if (missing !== undefined && Object.hasOwn(record, missing)) {
    return badValue((record as Record<string, unknown>)[missing], row, column, names);
  }
  if (missing !== undefined) {
    const hint = unknown === undefined ? "" : ` (it has ${JSON.stringify(unknown)})`;
    return new PrediktError(
      "INPUT_MISSING",
      `Row ${row} has no ${JSON.stringify(missing)}${hint}: a record needs ${names.join(", ")}.`,
      { name: missing, row },
    );
  }
  if (unknown === undefined) return undefined;
  return new PrediktError(
    "INPUT_UNKNOWN",
    `Row ${row} has ${JSON.stringify(unknown)}, which this model does not know: it takes ${names.join(", ")}.`,
    { name: unknown, row },
  );
}
