import type { Signature } from "./catalogue.js";
import { ApiError, type Details } from "./errors.js";

/** One value of a row; null where it is missing. */
export type FeatureValue = number | string | boolean | null;

/** One record: values by column name; an input of several values, beside others, also as an array under its own name. */
export type FeatureRecord = Record<string, FeatureValue | FeatureValue[]>;

/** What a request may send: one row, rows, one record or records. */
export type Features = FeatureValue[] | FeatureValue[][] | FeatureRecord | FeatureRecord[];

/** The most that one request may send. */
export interface FeatureLimits {
  /** Rows. */
  readonly maxBatch: number;
  /** Characters of one text, in units of UTF-16. */
  readonly maxTextLength: number;
}

/** Features whose form has been checked: `rows` is what they hold, whichever form they came in. */
export interface CheckedFeatures {
  readonly features: Features;
  readonly rows: readonly (FeatureValue[] | FeatureRecord)[];
}

/**
 * Takes `features` out of a body and checks their form: a row, rows, a record or records of plain values, not empty and
 * not ragged. The number of columns, their names and types are the model's to check.
 *
 * @throws ApiError 400 `BODY_INVALID`, `INPUT_MISSING`, `INPUT_SHAPE`, `INPUT_TYPE` or `LIMIT_EXCEEDED`; 413 `BATCH_TOO_LARGE`
 */
export function readFeatures(body: unknown, limits: FeatureLimits): CheckedFeatures {
  const { maxBatch, maxTextLength } = limits;
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
    checkRecord(features, 0, maxTextLength);
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
    checkRow(items, 0, maxTextLength);
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
    checkRecords(items, maxTextLength);
    return { features: items, rows: items };
  }
  checkRows(items, maxTextLength);
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
  const check = (
    value: FeatureValue,
    type: string | undefined,
    row: number,
    column: number | string,
  ) => {
    if (typeof value !== "number") return;
    if (Math.abs(value) <= (FLOAT_LIMITS[type ?? ""] ?? Number.MAX_VALUE)) return;
    throw refusal(
      "INPUT_NOT_FINITE",
      `Row ${row} has a number at ${placeOf(column)} that is too large for ${type ?? "float64"}.`,
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
        if (Array.isArray(value)) {
          const type = signature.inputs.find((input) => input.name === name)?.type;
          for (const one of value) check(one, type, row, name);
        } else {
          check(value, typeOf(names.indexOf(name)), row, name);
        }
      }
    }
  });
}

/** Element types by column; a single one when it holds for all of them. */
function columnTypes(signature: Signature): readonly string[] {
  let types = typesOf.get(signature);
  if (types === undefined) {
    types = findTypes(signature);
    typesOf.set(signature, types);
  }
  return types;
}

const typesOf = new WeakMap<Signature, readonly string[]>();

function findTypes({ inputs }: Signature): string[] {
  const distinct = [...new Set(inputs.map(({ type }) => type))];
  if (distinct.length <= 1) return distinct;
  return inputs.flatMap(({ type, shape }) => {
    const width = (shape ?? [])
      .slice(1)
      .reduce<number>((product, size) => product * Number(size), 1);
    return Number.isSafeInteger(width) ? Array.from({ length: width }, () => type) : [type];
  });
}

function checkRows(
  items: readonly unknown[],
  maxTextLength: number,
): asserts items is FeatureValue[][] {
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
    checkRow(item, row, maxTextLength);
  });
}

function checkRow(
  values: readonly unknown[],
  row: number,
  maxTextLength: number,
): asserts values is FeatureValue[] {
  values.forEach((value, column) => {
    if (Array.isArray(value)) {
      throw refusal(
        "INPUT_SHAPE",
        `Row ${row} holds an array at column ${column}: a row is flat, one value a column.`,
        { row, column, expected: "value", got: "array" },
      );
    }
    checkValue(value, row, column, maxTextLength);
  });
}

function checkRecords(
  items: readonly unknown[],
  maxTextLength: number,
): asserts items is FeatureRecord[] {
  items.forEach((item, row) => {
    if (!isObject(item)) throw mixed(row, "object", item);
    checkRecord(item, row, maxTextLength);
  });
}

function checkRecord(
  record: Record<string, unknown>,
  row: number,
  maxTextLength: number,
): asserts record is FeatureRecord {
  for (const [column, value] of Object.entries(record)) {
    const values: unknown[] = Array.isArray(value) ? value : [value];
    for (const one of values) checkValue(one, row, column, maxTextLength);
  }
}

/** A value that some column may take. */
function checkValue(
  value: unknown,
  row: number,
  column: number | string,
  maxTextLength: number,
): void {
  if (typeof value === "string") {
    if (value.length <= maxTextLength) return;
    throw refusal(
      "LIMIT_EXCEEDED",
      `Row ${row} has a text of ${value.length} characters at ${placeOf(column)}, and ${maxTextLength} are allowed.`,
      { row, column, limit: maxTextLength, got: value.length },
    );
  }
  if (typeof value !== "object" || value === null) return;
  throw refusal(
    "INPUT_TYPE",
    `Row ${row} has ${article(kindOf(value))} at ${placeOf(column)}: a value is a number, a text, true, false or null.`,
    { row, column, expected: "value", got: kindOf(value) },
  );
}

function mixed(row: number, expected: string, item: unknown): ApiError {
  return refusal(
    "INPUT_TYPE",
    `Row ${row} is ${article(kindOf(item))}, and the rows before it are ${expected}s: send all in one form.`,
    { row, expected, got: kindOf(item) },
  );
}

function placeOf(column: number | string): string {
  return typeof column === "number" ? `column ${column}` : `"${column}"`;
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
