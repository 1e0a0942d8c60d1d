import { cutNumbers, cutTexts, separatorOf } from "./cells.ts";
import { type Column, columnAt, type Row, type Value } from "./layout.ts";

/** Rows read from text, or what is wrong with the text, in words. */
export type ParsedRows = { rows: Row[] } | { problem: string };

/** What rows hold where nothing else is said. */
const NUMBERS: readonly Column[] = [{ name: "", type: "number", whole: false, nullable: true }];

/**
 * Reads rows from what people paste: JSON (a row, rows, a record or records), CSV with or without a line of column names, or
 * numbers parted by commas, semicolons, tabs or spaces, one row a line. An empty cell is a missing value.
 *
 * @param text the text
 * @param width values a row must have, or `null` when any width will do
 * @param columns what each value of a row is; a lone one stands for all
 */
export function parseRows(
  text: string,
  width: number | null,
  columns: readonly Column[] = NUMBERS,
): ParsedRows {
  const hasTexts = columns.some(({ type }) => type === "text");
  if (text.trim() === "") {
    return { problem: `Paste or type at least one row of ${hasTexts ? "values" : "numbers"}.` };
  }
  const json = /^\s*[[{]/.test(text) ? readJson(text, columns) : undefined;
  // A row of one text may begin like JSON.
  const isText = hasTexts && width === 1 && (json === undefined || "problem" in json);
  const read = json && !isText ? json : readLines(text, width, columns, hasTexts);
  if ("problem" in read) return read;
  return checkWidths(read.rows, width);
}

function readJson(text: string, columns: readonly Column[]): ParsedRows {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: "This starts like JSON but is not complete: check the brackets and commas." };
  }
  const isRow = (entry: unknown) => typeof entry === "object" && entry !== null;
  const many = Array.isArray(value) && value.every(isRow);
  const rows: Row[] = [];
  for (const [index, entry] of (many ? (value as unknown[]) : [value]).entries()) {
    const row = Array.isArray(entry) ? entry : valuesOf(entry as object, columns);
    if ("problem" in row) return { problem: `Row ${index + 1} ${row.problem}` };
    const bad = row.findIndex((one, at) => !fits(one, columns, at));
    if (bad >= 0) return { problem: `Row ${index + 1} holds ${misfit(columns, bad)}.` };
    rows.push(row as Value[]);
  }
  return { rows };
}

/** The values of a record in the order of the columns. */
function valuesOf(record: object, columns: readonly Column[]): unknown[] | { problem: string } {
  const names = columns.map(({ name }) => name);
  const missing = names.find((name) => !Object.hasOwn(record, name));
  if (missing === "") return { problem: "has names, and this model's columns have none." };
  if (missing !== undefined) return { problem: `has no “${missing}”.` };
  const unknown = Object.keys(record).find((name) => !names.includes(name));
  if (unknown !== undefined) return { problem: `has “${unknown}”, which the model does not know.` };
  return names.map((name) => (record as Record<string, unknown>)[name]);
}

function fits(value: unknown, columns: readonly Column[], at: number): boolean {
  if (columns.length > 1 && at >= columns.length) return typeof value !== "object";
  const { type, nullable } = columnAt(columns, at);
  if (value === null) return nullable;
  return typeof value === (type === "text" ? "string" : "number");
}

function misfit(columns: readonly Column[], at: number): string {
  const { name, type, nullable } = columnAt(columns, at);
  const what = type === "text" ? "text" : "a number";
  const where = name === "" ? "something" : `something for ${name}`;
  return `${where} that is not ${what}${nullable && name !== "" ? " or null" : ""}`;
}

function readLines(
  text: string,
  width: number | null,
  columns: readonly Column[],
  hasTexts: boolean,
): ParsedRows {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const cells = lines.map(cutter(lines[0] ?? "", width, hasTexts));
  const order = headerOrder(cells, columns);
  const rows: Value[][] = [];
  for (const [index, line] of cells.entries()) {
    if (order !== undefined && index === 0) continue;
    // A separator at the end of a line begins no value.
    if (line.length > (width ?? 1) && line.at(-1) === "") line.pop();
    const row = line.map((cell, at) => readCell(cell, columns, order?.[at] ?? at));
    const bad = row.indexOf(undefined);
    if (bad < 0) {
      rows.push(order ? reordered(row as Value[], order) : (row as Value[]));
    } else if (hasTexts || index > 0 || lines.length === 1 || row.some(isNumber)) {
      const place = columns.length === 1 ? "" : ` for ${columns[order?.[bad] ?? bad]?.name}`;
      return { problem: `Line ${index + 1}: ${complaint(line[bad] ?? "")}${place}.` };
    }
  }
  if (rows.length === 0) {
    return { problem: hasTexts ? "There are no rows here." : "There are no numbers here." };
  }
  return { rows };
}

function cutter(firstLine: string, width: number | null, hasTexts: boolean) {
  if (!hasTexts) return cutNumbers;
  // A row of one text is a line, whatever stands in it.
  if (width === 1) return (line: string) => [line.trim()];
  const separator = separatorOf(firstLine);
  return (line: string) => cutTexts(line, separator);
}

/** Which column each cell belongs to, when the first line names all columns. */
function headerOrder(cells: string[][], columns: readonly Column[]): number[] | undefined {
  const [header] = cells;
  if (header === undefined || cells.length < 2 || header.length !== columns.length)
    return undefined;
  const order = header.map((name) => columns.findIndex((column) => column.name === name));
  return order.includes(-1) || new Set(order).size < order.length ? undefined : order;
}

function reordered(row: readonly Value[], order: readonly number[]): Value[] {
  const values: Value[] = [...row];
  for (const [at, column] of order.entries()) values[column] = row[at] ?? null;
  return values;
}

function readCell(cell: string, columns: readonly Column[], at: number): Value | undefined {
  if (columns.length > 1 && at >= columns.length) return cell;
  const { type, nullable } = columnAt(columns, at);
  if (cell === "") return nullable ? null : undefined;
  if (type === "text") return cell;
  if (/^nan$/i.test(cell)) return Number.NaN;
  const value = Number(cell);
  return Number.isFinite(value) ? value : undefined;
}

function complaint(cell: string): string {
  return cell === "" ? "a value is missing" : `“${cell}” is not a number`;
}

function isNumber(value: Value | undefined): boolean {
  return typeof value === "number";
}

function checkWidths(rows: Row[], width: number | null): ParsedRows {
  const expected = width ?? rows[0]?.length ?? 0;
  for (const [index, row] of rows.entries()) {
    if (row.length !== expected) {
      return {
        problem: `Row ${index + 1} has ${row.length} ${row.length === 1 ? "value" : "values"}; the model takes ${expected} a row.`,
      };
    }
  }
  return { rows };
}
