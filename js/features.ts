/**
 * Features → the engine's memory: rows, typed arrays and records are written straight into the buffers of the model's
 * inputs. Nothing is allocated here; a wrong shape or type leaves through feature-errors.ts.
 */

import type { Layout, ModelHandle } from "./binding.js";
import type { Engine } from "./engine.js";
import {
  badFeatures,
  badRecord,
  badRow,
  badValue,
  badWidth,
  movedWhileRead,
  noColumnNames,
  noRows,
} from "./feature-errors.js";
import type { FeatureRecord, FeatureRow, Features, NumericArray, Signature } from "./types.js";

/** One input's buffer: where it begins, counted in its own elements, and its values a row. */
interface Target {
  double: boolean;
  base: number;
  width: number;
}

/** Writes features for one handle of a model; a new handle needs a new writer. */
export class FeatureWriter {
  readonly #engine: Engine;
  readonly #handle: ModelHandle;
  readonly #layout: Layout;
  readonly #names: readonly string[] | undefined;
  readonly #targets: Target[];
  /** The only target, when there is just one: the usual case. */
  readonly #only: Target | undefined;
  /** Values a row that the buffers are made for; -1 before the first call. */
  #width = -1;
  /** Rows that the buffers have room for. */
  #capacity = 0;

  constructor(engine: Engine, handle: ModelHandle, layout: Layout, signature: Signature) {
    this.#engine = engine;
    this.#handle = handle;
    this.#layout = layout;
    this.#names = columnNames(layout, signature);
    this.#targets = layout.inputs.map((input) => ({
      double: input.buffer === "f64",
      base: 0,
      width: input.width ?? 0,
    }));
    this.#only = this.#targets.length === 1 ? this.#targets[0] : undefined;
  }

  /** Forgets the buffers, after a call that may have moved them. */
  invalidate(): void {
    this.#width = -1;
    this.#capacity = 0;
  }

  /** Writes the features and returns their number of rows. */
  write(features: Features): number {
    const engine = this.#engine;
    if (engine.f32.length === 0) engine.renewViews();
    const turn = (engine.turn + 1) | 0;
    engine.turn = turn;
    const rows = this.#write(features);
    if (engine.turn !== turn || engine.f32.length === 0) throw movedWhileRead();
    return rows;
  }

  #write(features: Features): number {
    if (Array.isArray(features)) {
      if (typeof features[0] !== "number") return this.#writeMany(features);
      this.#makeRoom(1, features.length, 0);
      this.#writeRow(features, 0);
      return 1;
    }
    if (ArrayBuffer.isView(features)) return this.#writeFlat(features as NumericArray);
    if (typeof features !== "object" || features === null) throw badFeatures(features);
    const names = this.#namesOfRecord();
    this.#makeRoom(1, names.length, 0);
    this.#writeRecord(features as FeatureRecord, 0, names);
    return 1;
  }

  #writeMany(items: readonly unknown[]): number {
    const rows = items.length;
    if (rows === 0) throw noRows(this.#layout.width);
    const first = items[0];
    if (!Array.isArray(first) && !ArrayBuffer.isView(first)) {
      if (typeof first === "object" && first !== null) {
        return this.#writeRecords(items as readonly FeatureRecord[]);
      }
      throw badValue(first, 0, 0, this.#names);
    }
    const width = (first as FeatureRow).length;
    if (width === undefined) throw badRow(first, 0);
    this.#makeRoom(rows, width, 0);
    for (let row = 0; row < rows; row++) {
      const values = items[row];
      if (!Array.isArray(values) && !ArrayBuffer.isView(values)) throw badRow(values, row);
      const { length } = values as FeatureRow;
      if (length === undefined) throw badRow(values, row);
      if (length !== width) throw badWidth(width, length, row, this.#layout.width === null);
      this.#writeRow(values as FeatureRow, row);
    }
    return rows;
  }

  #writeRow(values: FeatureRow, row: number): void {
    const only = this.#only;
    if (only === undefined) {
      this.#scatter(values, 0, row);
      return;
    }
    const width = this.#width;
    const view = only.double ? this.#engine.f64 : this.#engine.f32;
    const start = only.base + row * width;
    for (let column = 0; column < width; column++) {
      const value = values[column];
      if (typeof value !== "number") throw badValue(value, row, column, this.#names);
      view[start + column] = value;
    }
  }

  /** Divides one row, which begins at `offset` of `values`, among the inputs. */
  #scatter(values: FeatureRow, offset: number, row: number): void {
    const { f32, f64 } = this.#engine;
    let column = 0;
    for (let t = 0; t < this.#targets.length; t++) {
      const target = this.#targets[t] as Target;
      const view = target.double ? f64 : f32;
      const start = target.base + row * target.width;
      for (let i = 0; i < target.width; i++) {
        const value = values[offset + column];
        if (typeof value !== "number") throw badValue(value, row, column, this.#names);
        view[start + i] = value;
        column += 1;
      }
    }
  }

  #writeFlat(values: NumericArray): number {
    const length = values.length;
    if (length === undefined) throw badFeatures(values);
    if (length === 0) throw noRows(this.#layout.width);
    const width = this.#layout.width ?? length;
    const rows = length / width;
    if (!Number.isInteger(rows)) throw badWidth(width, length, 0, false, true);
    if (typeof values[0] !== "number") throw badValue(values[0], 0, 0, this.#names);
    this.#makeRoom(rows, width, 0);
    const only = this.#only;
    if (only !== undefined) {
      (only.double ? this.#engine.f64 : this.#engine.f32).set(values, only.base);
    } else {
      for (let row = 0; row < rows; row++) this.#scatter(values, row * width, row);
    }
    return rows;
  }

  #writeRecords(records: readonly FeatureRecord[]): number {
    const names = this.#namesOfRecord();
    const rows = records.length;
    this.#makeRoom(rows, names.length, 0);
    for (let row = 0; row < rows; row++) {
      const record = records[row];
      if (
        typeof record !== "object" ||
        record === null ||
        Array.isArray(record) ||
        ArrayBuffer.isView(record)
      ) {
        throw badRow(record, row);
      }
      this.#writeRecord(record, row, names);
    }
    return rows;
  }

  #namesOfRecord(): readonly string[] {
    if (this.#names === undefined) throw noColumnNames();
    return this.#names;
  }

  #writeRecord(record: FeatureRecord, row: number, names: readonly string[]): void {
    const { f32, f64 } = this.#engine;
    let column = 0;
    for (let t = 0; t < this.#targets.length; t++) {
      const target = this.#targets[t] as Target;
      const view = target.double ? f64 : f32;
      const start = target.base + row * target.width;
      for (let i = 0; i < target.width; i++) {
        const value = record[names[column] as string];
        if (typeof value !== "number") throw badRecord(record, row, column, names);
        view[start + i] = value;
        column += 1;
      }
    }
    let keys = 0;
    for (const _ in record) keys += 1;
    if (keys > column) {
      const unknown = badRecord(record, row, -1, names);
      if (unknown !== undefined) throw unknown;
    }
  }

  /** Room for `rows` rows of `width` values: nothing to do once the buffers are large enough. */
  #makeRoom(rows: number, width: number, row: number): void {
    if (width === this.#width && rows <= this.#capacity) return;
    const expected = this.#layout.width;
    if (expected !== null && width !== expected) throw badWidth(expected, width, row, false);
    if (width === 0) throw badWidth(expected ?? 1, 0, row, false);
    this.invalidate();
    try {
      this.#handle.reserve(rows, width);
      this.#place(width);
    } catch (thrown) {
      throw this.#engine.failure(thrown);
    }
    this.#width = width;
    this.#capacity = rows;
    if (this.#engine.f32.length === 0) this.#engine.renewViews();
  }

  #place(width: number): void {
    let rest = width;
    for (const input of this.#layout.inputs) rest -= input.width ?? 0;
    for (let t = 0; t < this.#targets.length; t++) {
      const target = this.#targets[t] as Target;
      target.base = this.#handle.input_ptr(t) / (target.double ? 8 : 4);
      target.width = this.#layout.inputs[t]?.width ?? rest;
    }
  }
}

/** The names by which a record's values are found, when there is one for every value of a row. */
function columnNames(layout: Layout, signature: Signature): readonly string[] | undefined {
  const { features } = signature;
  if (features !== undefined && (layout.width === null || features.length === layout.width)) {
    return features;
  }
  return layout.inputs.every((input) => input.width === 1)
    ? layout.inputs.map((input) => input.name)
    : undefined;
}
