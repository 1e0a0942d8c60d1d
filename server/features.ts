import type { Signature } from "./catalogue.js";
import { ApiError, type Details } from "./errors.js";

/** One record: values by column name. */
export type FeatureRecord = Record<string, number>;

/** What a request may send: one row, rows, one record or records. */
export type Features = number[] | number[][] | FeatureRecord | FeatureRecord[];

/** Features whose form has been checked: `rows` is what they hold, whichever form they came in. */
export interface CheckedFeatures {
  readonly features: Features;
  readonly rows: readonly (number[] | FeatureRecord)[];
}

/**
 * Takes `features` out of a body and checks their form: a row, rows, a record or records of numbers, not empty and
 * not ragged. The number of columns and their names are the model's to check.
 *
 * @throws ApiError 400 `BODY_INVALID`, `INPUT_MISSING`, `INPUT_SHAPE` or `INPUT_TYPE`; 413 `BATCH_TOO_LARGE`
 */
export function readFeatures(body: unknown, maxBatch: number): CheckedFeatures {
  if (!isObject(body)) {
    throw new ApiError(400, "BODY_INVALID", 'The body must be an object: {"features": …}.', {
      expected: "object",
      got: kindOf(body),
    });
  }
  if (!Object.hasOwn(body, "features")) {
    throw new ApiError(400, "INPUT_MISSING", 'The body has no "features".', {
      missing: "features",
      got: Object.keys(body).slice(0, 20),
    });
  }
  const features = body.features;
  if (isObject(features)) {
    checkRecord(features, 0);
    return { features, rows: [features] };
  }
  if (!Array.isArray(features)) {
    throw refusal("INPUT_TYPE", '"features" must be a row, rows, a record or records.', {
      expected: "array or object",
      got: kindOf(features),
    });
  }
  if (features.length === 0) {
    throw refusal("INPUT_SHAPE", '"features" is empty: send at least one row.', { got: 0 });
  }
  const items: unknown[] = features;
  const first = items[0];
  if (!Array.isArray(first) && !isObject(first)) {
    checkRow(items, 0);
    return { features: items, rows: [items] };
  }
  if (items.length > maxBatch) {
    throw new ApiError(
      413,
      "BATCH_TOO_LARGE",
      `The request has ${items.length} rows, and ${maxBatch} are allowed: send it in parts.`,
      { limit: maxBatch, got: items.length },
    );
  }
  if (isObject(first)) {
    checkRecords(items);
    return { features: items, rows: items };
  }
  checkRows(items);
  return { features: items, rows: items };
}

/** The largest magnitude that rounds to a finite value of each floating-point type. */
const FLOAT_LIMITS: Record<string, number> = {
  float16: 65519.99999999999,
  float32: 3.4028235677973362e38,
};

/**
 * Refuses numbers that are not finite in the type of their input: JSON's `1e999` is infinite as it is, `1e39` in a
 * `float32` input.
 *
 * @throws ApiError 400 `INPUT_NOT_FINITE` with the row and the column
 */
export function checkFinite(
  { rows }: CheckedFeatures,
  signature: Signature & { readonly features?: readonly string[] },
): void {
  const types = columnTypes(signature);
  const typeOf = (column: number) => (types.length === 1 ? types[0] : types[column]);
  const check = (value: number, type: string | undefined, row: number, column: number | string) => {
    if (Math.abs(value) <= (FLOAT_LIMITS[type ?? ""] ?? Number.MAX_VALUE)) return;
    const place = typeof column === "number" ? `column ${column}` : `"${column}"`;
    throw refusal(
      "INPUT_NOT_FINITE",
      `Row ${row} has a number at ${place} that is too large for ${type ?? "float64"}.`,
      { row, column, ...(type && { type }) },
    );
  };
  const names = signature.features ?? signature.inputs.map(({ name }) => name);
  rows.forEach((values, row) => {
    if (Array.isArray(values)) {
      values.forEach((value, column) => {
        check(value, typeOf(column), row, column);
      });
    } else {
      for (const [name, value] of Object.entries(values)) {
        check(value, typeOf(names.indexOf(name)), row, name);
      }
    }
  });
}

/** Element types by column; a single one when it holds for all of them. */
function columnTypes({ inputs }: Signature): string[] {
  const distinct = [...new Set(inputs.map(({ type }) => type))];
  if (distinct.length <= 1) return distinct;
  return inputs.flatMap(({ type, shape }) => {
    const width = (shape ?? [])
      .slice(1)
      .reduce<number>((product, size) => product * Number(size), 1);
    return Number.isSafeInteger(width) ? Array.from({ length: width }, () => type) : [type];
  });
}

function checkRows(items: readonly unknown[]): asserts items is number[][] {
  let width: number | undefined;
  items.forEach((item, row) => {
    if (!Array.isArray(item)) throw mixed(row, "array", item);
    if (item.length === 0) throw refusal("INPUT_SHAPE", `Row ${row} is empty.`, { row, got: 0 });
    width ??= item.length;
    if (item.length !== width) {
      throw refusal(
        "INPUT_SHAPE",
        `Row ${row} has ${item.length} values, and the rows before it have ${width}.`,
        { row, expected: width, got: item.length },
      );
    }
    checkRow(item, row);
  });
}

function checkRow(values: readonly unknown[], row: number): asserts values is number[] {
  values.forEach((value, column) => {
    if (typeof value === "number") return;
    if (Array.isArray(value)) {
      throw refusal(
        "INPUT_SHAPE",
        `Row ${row} holds an array at column ${column}: a row is flat, one number a column.`,
        { row, column, expected: "number", got: "array" },
      );
    }
    throw notNumber(row, column, value);
  });
}

function checkRecords(items: readonly unknown[]): asserts items is FeatureRecord[] {
  items.forEach((item, row) => {
    if (!isObject(item)) throw mixed(row, "object", item);
    checkRecord(item, row);
  });
}

function checkRecord(
  record: Record<string, unknown>,
  row: number,
): asserts record is FeatureRecord {
  for (const [column, value] of Object.entries(record)) {
    if (typeof value !== "number") throw notNumber(row, column, value);
  }
}

function mixed(row: number, expected: string, item: unknown): ApiError {
  return refusal(
    "INPUT_TYPE",
    `Row ${row} is ${article(kindOf(item))}, and the rows before it are ${expected}s: send all in one form.`,
    { row, expected, got: kindOf(item) },
  );
}

function notNumber(row: number, column: number | string, value: unknown): ApiError {
  const place = typeof column === "number" ? `column ${column}` : `"${column}"`;
  return refusal(
    "INPUT_TYPE",
    `Row ${row} has ${article(kindOf(value))} at ${place}: features are numbers.`,
    { row, column, expected: "number", got: kindOf(value) },
  );
}

function refusal(code: string, message: string, details: Details): ApiError {
  return new ApiError(400, code, message, details);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function article(kind: string): string {
  if (kind === "null") return kind;
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
