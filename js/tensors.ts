/** Checks the tensors passed to `run` and brings them into the form that the engine takes. */

import { PrediktError } from "./error.js";
import { kindOf } from "./feature-errors.js";
import type { Feed, Signature, Tensor, TensorData, TensorType } from "./types.js";

interface ArrayType {
  new (length: number): Exclude<TensorData, string[]>;
  readonly name: string;
}

const ARRAYS: Readonly<Record<Exclude<TensorType, "string">, ArrayType>> = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
};

/**
 * Every feed as a plain `{ type, dims, data }` with its element type's own array.
 *
 * @throws PrediktError `INPUT_MISSING`, `INPUT_UNKNOWN`, `INPUT_TYPE`, `INPUT_SHAPE`
 */
export function plainFeeds(feeds: unknown, signature: Signature): Record<string, Tensor> {
  if (typeof feeds !== "object" || feeds === null || Array.isArray(feeds)) {
    throw new PrediktError(
      "INPUT_TYPE",
      "run takes an object of tensors by input name: { name: { type, dims, data } }.",
      { expected: "object", got: kindOf(feeds) },
    );
  }
  const names = signature.inputs.map((input) => input.name);
  const unknown = Object.keys(feeds).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new PrediktError(
      "INPUT_UNKNOWN",
      `This model has no input ${JSON.stringify(unknown)}: its inputs are ${names.join(", ")}.`,
      { name: unknown },
    );
  }
  const plain: Record<string, Tensor> = {};
  for (const name of names) {
    if (!Object.hasOwn(feeds, name)) {
      throw new PrediktError(
        "INPUT_MISSING",
        `The input ${JSON.stringify(name)} is missing: this model needs ${names.join(", ")}.`,
        { name },
      );
    }
    plain[name] = plainTensor((feeds as Record<string, unknown>)[name], name);
  }
  return plain;
}

function plainTensor(value: unknown, input: string): Tensor {
  if (typeof value !== "object" || value === null) {
    throw wrongType(input, "{ type, dims, data }", kindOf(value));
  }
  const { type, location } = value as { type?: unknown; location?: unknown };
  if (typeof location === "string" && location !== "cpu" && location !== "cpu-pinned") {
    throw new PrediktError(
      "INPUT_TYPE",
      `The tensor for ${JSON.stringify(input)} lies on ${location}: fetch it first with await tensor.getData().`,
      { input, expected: "cpu", got: location },
    );
  }
  if (type !== "string" && (typeof type !== "string" || !Object.hasOwn(ARRAYS, type))) {
    throw wrongType(input, ["string", ...Object.keys(ARRAYS)].join(", "), String(type));
  }
  const { dims, data } = value as Feed;
  const elements = countElements(dims, input);
  const array = plainData(type as TensorType, data, input);
  if (array.length !== elements) {
    throw new PrediktError(
      "INPUT_SHAPE",
      `The tensor for ${JSON.stringify(input)} has ${array.length} elements, its dims [${dims.join(", ")}] want ${elements}.`,
      { input, expected: elements, got: array.length },
    );
  }
  return { type: type as TensorType, dims: Array.from(dims), data: array };
}

function countElements(dims: unknown, input: string): number {
  if (!Array.isArray(dims)) throw wrongType(input, "dims as an array of numbers", kindOf(dims));
  let elements = 1;
  for (const size of dims as unknown[]) {
    if (!Number.isSafeInteger(size) || (size as number) < 0) {
      throw new PrediktError(
        "INPUT_SHAPE",
        `The dims of ${JSON.stringify(input)} must be whole numbers from 0 on, not ${String(size)}.`,
        { input, expected: "whole numbers", got: String(size) },
      );
    }
    elements *= size as number;
  }
  return elements;
}

function plainData(type: TensorType, data: unknown, input: string): TensorData {
  if (type === "string") {
    if (!Array.isArray(data)) throw wrongType(input, "an array of strings", kindOf(data));
    const odd = data.findIndex((entry) => typeof entry !== "string");
    if (odd >= 0) throw wrongType(input, "strings", kindOf(data[odd]), odd);
    return data as string[];
  }
  const ArrayOf = ARRAYS[type];
  if (Array.isArray(data)) return fromNumbers(type, data, input);
  if (!ArrayBuffer.isView(data)) throw wrongType(input, ArrayOf.name, kindOf(data));
  const kind = kindOf(data);
  if (kind === ArrayOf.name) return data as Exclude<TensorData, string[]>;
  if (type === "float16" && kind === "Float16Array") {
    return new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  }
  if (kind === "Uint8ClampedArray" && (type === "uint8" || type === "bool")) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  throw wrongType(input, ArrayOf.name, kind);
}

type HalfArray = new (values: readonly number[]) => ArrayBufferView;

function fromNumbers(type: Exclude<TensorType, "string">, data: unknown[], input: string) {
  const wide = type === "int64" || type === "uint64";
  const float = type.startsWith("float");
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    const fits =
      typeof value === "number"
        ? float || Number.isInteger(value)
        : (wide && typeof value === "bigint") || (type === "bool" && typeof value === "boolean");
    if (!fits) {
      const got = typeof value === "number" ? String(value) : kindOf(value);
      throw wrongType(input, wide ? "whole numbers or bigints" : `values of ${type}`, got, i);
    }
  }
  if (type === "float16") {
    const Half = (globalThis as { Float16Array?: HalfArray }).Float16Array;
    if (Half === undefined) throw wrongType(input, "Uint16Array (the bits)", "array");
    const half = new Half(data as number[]);
    return new Uint16Array(half.buffer, half.byteOffset, data.length);
  }
  const array = new ARRAYS[type](data.length);
  for (let i = 0; i < data.length; i++) {
    const value = wide ? BigInt(data[i] as number | bigint) : Number(data[i]);
    array[i] = value;
    if (!float && array[i] !== value) {
      throw wrongType(input, `values of ${type}`, String(value), i);
    }
  }
  return array;
}

function wrongType(input: string, expected: string, got: string, index?: number): PrediktError {
  const place = index === undefined ? "" : ` at index ${index}`;
  return new PrediktError(
    "INPUT_TYPE",
    `The tensor for ${JSON.stringify(input)} has ${got}${place} where ${expected} is expected.`,
    { input, expected, got, ...(index === undefined ? {} : { index }) },
  );
}
