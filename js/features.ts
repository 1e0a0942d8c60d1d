/**
 * Features → the engine's memory: rows, typed arrays and records are written straight into the buffers of the model's
 * inputs; texts are handed over once they are all there. A wrong shape or type leaves through feature-errors.ts.
 */

import type { InputLayout, Layout, ModelHandle } from "./binding.js";
import { type ColumnKind, columnNames, kindOfColumns, standIn } from "./columns.js";
import type { Engine } from "./engine.js";
import type { PrediktError } from "./error.js";
import {
  badFeatures,
  badPart,
  badRow,
  badValue,
  badWidth,
  missingColumn,
  movedWhileRead,
  noColumnNames,
  noRows,
  unknownColumn,
} from "./feature-errors.js";
import type {
  FeatureRecord,
  FeatureRow,
  Features,
  FeatureValue,
  NumericArray,
  Signature,
} from "./types.js";

/** Up to so many numbers are copied by a loop; more of them by the runtime, which costs more to call. */
const FEW = 64;

/** Up to so many characters of a text are copied by a loop, where they are all ASCII. */
const SHORT = 48;

const ASCII = 0x7f;

/** Words of a result that say where the texts of the next call go: their ends, and themselves. */
const ENDS = 5;
const TEXTS = 6;

/** One input's buffer: where it begins, counted in its own elements, and its values a row. */
interface Target {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly double: boolean;
  base: number;
  width: number;
  /** The first of its columns. */
  first: number;
  /** The texts of this call, in the order of the rows. Few of them leave their places to the next. */
  readonly texts: string[];
  /** How many of them there are by now. */
  written: number;
}

/** Writes features for one handle of a model; a new handle needs a new writer. */
export class FeatureWriter {
  readonly #engine: Engine;
  readonly #handle: ModelHandle;
  readonly #layout: Layout;
  readonly #names: readonly string[] | undefined;
  readonly #targets: Target[];
  /** The only target, when there is just one and it takes numbers: the usual case. */
  readonly #only: Target | undefined;
  readonly #hasTexts: boolean;
  readonly #encoder = new TextEncoder();
  /** Offset of the result's words. */
  readonly #header: number;
  /** How many texts, and how many bytes of them, there is room for. */
  #texts = 0;
  #textBytes = 0;
  /** Where a sparse model's columns are, by name. */
  #columns: Map<string, number> | undefined;
  /** Values a row that the buffers are made for; -1 before the first call. */
  #width = -1;
  /** Rows that the buffers are made for. */
  #capacity = 0;

  /** @param header offset of the result's words, counted in words */
  constructor(
    engine: Engine,
    handle: ModelHandle,
    layout: Layout,
    signature: Signature,
    header: number,
  ) {
    this.#engine = engine;
    this.#handle = handle;
    this.#layout = layout;
    this.#header = header;
    this.#names = columnNames(layout, signature);
    this.#targets = layout.inputs.map(newTarget);
    this.#hasTexts = this.#targets.some(({ kind }) => kind === "text");
    this.#only = this.#targets.length === 1 && !this.#hasTexts ? this.#targets[0] : undefined;
  }

  /** Writes the features and returns their number of rows. */
  write(features: Features): number {
    const engine = this.#engine;
    if (engine.f32.length === 0) engine.renewViews();
    const turn = (engine.turn + 1) | 0;
    engine.turn = turn;
    const rows = this.#write(features);
    if (engine.turn !== turn || engine.f32.length === 0) throw movedWhileRead();
    if (this.#hasTexts) this.#handOver();
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
      if (!isValue(first)) throw this.#badFirst(first);
      this.#makeRoom(1, rows, 0);
      this.#writeRow(items as readonly FeatureValue[], 0);
      return 1;
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
      view[start + column] =
        typeof value === "number" ? value : this.#number(value, only, row, column);
    }
  }

  /** Divides one row, which begins at `offset` of `values`, among the inputs. */
  #scatter(values: FeatureRow, offset: number, row: number): void {
    for (let t = 0; t < this.#targets.length; t++) {
      const target = this.#targets[t] as Target;
      this.#writePart(values, offset + target.first, target, row);
    }
  }

  /** Writes one input's values of a row, which begin at `offset` of `values`. */
  #writePart(values: FeatureRow, offset: number, target: Target, row: number): void {
    const { first, width } = target;
    if (target.kind === "text") {
      for (let i = 0; i < width; i++) {
        target.texts[target.written++] = this.#text(values[offset + i], row, first + i);
      }
      return;
    }
    const view = target.double ? this.#engine.f64 : this.#engine.f32;
    const start = target.base + row * width;
    for (let i = 0; i < width; i++) {
      const value = values[offset + i];
      view[start + i] =
        typeof value === "number" ? value : this.#number(value, target, row, first + i);
    }
  }

  #writeFlat(values: NumericArray): number {
    const length = values.length;
    if (length === undefined) throw badFeatures(values);
    if (length === 0) throw noRows(this.#layout.width);
    const width = this.#layout.width ?? length;
    const rows = length / width;
    if (!Number.isInteger(rows)) throw badWidth(width, length, 0, false, true);
    if (typeof values[0] !== "number") throw this.#badFirst(values[0]);
    this.#makeRoom(rows, width, 0);
    const only = this.#only;
    if (only !== undefined) {
      const view = only.double ? this.#engine.f64 : this.#engine.f32;
      const start = only.base;
      if (length > FEW) view.set(values, start);
      else for (let i = 0; i < length; i++) view[start + i] = values[i] as number;
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
    if (this.#layout.sparse && this.#only !== undefined) {
      this.#writeSparse(record, row, names, this.#only);
      return;
    }
    const { f32, f64 } = this.#engine;
    let used = 0;
    for (let t = 0; t < this.#targets.length; t++) {
      const target = this.#targets[t] as Target;
      const { first, width } = target;
      if (width > 1 && this.#targets.length > 1) {
        const own = Object.hasOwn(record, target.name) ? record[target.name] : undefined;
        if (isList(own)) {
          if (own.length !== width) throw badPart(target.name, width, own.length, row);
          this.#writePart(own, 0, target, row);
          used += 1;
          continue;
        }
      }
      used += width;
      const isText = target.kind === "text";
      const view = target.double ? f64 : f32;
      const start = target.base + row * width;
      for (let i = 0; i < width; i++) {
        const value = record[names[first + i] as string];
        if (typeof value === "number" && !isText) {
          view[start + i] = value;
          continue;
        }
        if (!isValue(value) && !Object.hasOwn(record, names[first + i] as string)) {
          throw missingColumn(record, row, first + i, names);
        }
        if (isText) target.texts[target.written++] = this.#text(value, row, first + i);
        else view[start + i] = this.#number(value, target, row, first + i);
      }
    }
    let keys = 0;
    for (const _ in record) keys += 1;
    if (keys > used) this.#refuseUnknown(record, row, names);
  }

  /** There are more names than columns: one is unknown, or given beside its input's own array. */
  #refuseUnknown(record: FeatureRecord, row: number, names: readonly string[]): void {
    const known = new Set<string>();
    for (const { name, first, width } of this.#targets) {
      const isWhole = width > 1 && this.#targets.length > 1 && isList(record[name]);
      if (isWhole) known.add(name);
      else for (let i = 0; i < width; i++) known.add(names[first + i] as string);
    }
    const unknown = Object.keys(record).find((key) => !known.has(key));
    if (unknown !== undefined) throw unknownColumn(unknown, row, names);
  }

  /**
   * What scikit-learn's DictVectorizer does: columns that are left out are 0, unknown ones are passed over, and text is a
   * category, so that `city: "Rome"` is 1 in the column `city=Rome`.
   */
  #writeSparse(record: FeatureRecord, row: number, names: readonly string[], target: Target): void {
    this.#columns ??= new Map(names.map((name, column) => [name, column]));
    const view = target.double ? this.#engine.f64 : this.#engine.f32;
    const start = target.base + row * target.width;
    view.fill(0, start, start + target.width);
    for (const [name, value] of Object.entries(record)) {
      if (!isValue(value)) throw badValue(value, row, undefined, name, target.kind);
      const isText = typeof value === "string";
      const column = this.#columns.get(isText ? `${name}=${value}` : name);
      if (column === undefined) continue;
      view[start + column] = isText ? 1 : value === null ? Number.NaN : Number(value);
    }
  }

  /** A value that is no number, for a column of numbers. */
  #number(value: unknown, target: Target, row: number, column: number): number {
    const number = standIn(value, target.kind);
    if (number === undefined) {
      throw badValue(value, row, column, this.#names?.[column], target.kind);
    }
    return number;
  }

  #text(value: unknown, row: number, column: number): string {
    if (typeof value === "string") return value;
    if (value === null) return "";
    throw badValue(value, row, column, this.#names?.[column], "text");
  }

  /** For a first value that neither is one nor begins a row. */
  #badFirst(value: unknown): PrediktError {
    return badValue(value, 0, 0, this.#names?.[0], this.#targets[0]?.kind ?? "float");
  }

  /** Writes the texts of all inputs as UTF-8, one behind the other, and where each of them ends. */
  #handOver(): void {
    let count = 0;
    let characters = 0;
    for (let t = 0; t < this.#targets.length; t++) {
      const { texts, written } = this.#targets[t] as Target;
      count += written;
      for (let i = 0; i < written; i++) characters += (texts[i] as string).length;
    }
    this.#makeTextRoom(count, characters * 3);
    const { bytes, u32 } = this.#engine;
    let end = (u32[this.#header + ENDS] as number) >>> 2;
    const start = u32[this.#header + TEXTS] as number;
    let at = start;
    for (let t = 0; t < this.#targets.length; t++) {
      const { texts, written } = this.#targets[t] as Target;
      for (let i = 0; i < written; i++) {
        at = this.#writeText(texts[i] as string, bytes, at);
        texts[i] = "";
        u32[end] = at - start;
        end += 1;
      }
      if (written > FEW) texts.length = 0;
    }
  }

  /** Writes one text as UTF-8 and returns where it ends. */
  #writeText(text: string, bytes: Uint8Array, start: number): number {
    const { length } = text;
    if (length <= SHORT) {
      let at = 0;
      while (at < length) {
        const code = text.charCodeAt(at);
        if (code > ASCII) break;
        bytes[start + at] = code;
        at += 1;
      }
      if (at === length) return start + length;
    }
    return start + this.#encoder.encodeInto(text, bytes.subarray(start)).written;
  }

  /** Room for exactly so many texts, and for at least so many bytes of them. */
  #makeTextRoom(count: number, bytes: number): void {
    if (count === this.#texts && bytes <= this.#textBytes) return;
    const room = Math.max(bytes, this.#textBytes);
    try {
      this.#handle.reserve_texts(count, room);
    } catch (thrown) {
      throw this.#engine.failure(thrown);
    }
    this.#texts = count;
    this.#textBytes = room;
    if (this.#engine.f32.length === 0) this.#engine.renewViews();
  }

  /** Room for exactly `rows` rows of `width` values: nothing to do where the last call had as many. */
  #makeRoom(rows: number, width: number, row: number): void {
    if (this.#hasTexts) for (const target of this.#targets) target.written = 0;
    if (width === this.#width && rows === this.#capacity) return;
    const expected = this.#layout.width;
    if (expected !== null && width !== expected) throw badWidth(expected, width, row, false);
    if (width === 0) throw badWidth(expected ?? 1, 0, row, false);
    // Should it fail, nothing is reserved.
    this.#width = -1;
    this.#capacity = 0;
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
    let first = 0;
    for (let t = 0; t < this.#targets.length; t++) {
      const target = this.#targets[t] as Target;
      target.width = this.#layout.inputs[t]?.width ?? rest;
      target.first = first;
      first += target.width;
      if (target.kind === "text") continue;
      target.base = this.#handle.input_ptr(t) / (target.double ? 8 : 4);
    }
  }
}

function newTarget({ name, type, buffer, width }: InputLayout): Target {
  return {
    name,
    kind: kindOfColumns(type),
    double: buffer === "f64",
    base: 0,
    width: width ?? 0,
    first: 0,
    texts: [],
    written: 0,
  };
}

/** Whether it may be a value of a row, rather than a row. */
function isValue(value: unknown): value is FeatureValue {
  const type = typeof value;
  return type === "string" || type === "boolean" || type === "number" || value === null;
}

function isList(value: unknown): value is FeatureRow {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}
