import { h } from "../dom.ts";
import { columnAt, type Field, type Row } from "../layout.ts";
import { parseRows } from "../rows.ts";
import type { Editor } from "./editor.ts";

/** What a row has: see {@link textEditor}. */
interface Rows {
  /** Values in a row, or `null` when the model leaves that open. */
  width: number | null;
  /** What each value is. */
  fields: readonly Field[];
}

/**
 * A text field for rows: JSON, CSV, or numbers parted by commas or spaces, one row a line.
 *
 * @param row what it shows at first
 * @param batch rows that the model takes at a time; any number when 1
 */
export function textEditor({ width, fields }: Rows, row: Row, batch = 1): Editor {
  const area = h("textarea", {
    id: "rows",
    rows: 8,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    wrap: "off",
    "aria-describedby": "rows-note",
  });
  const hasTexts = fields.some(({ type }) => type === "text");
  const line = (values: Row) =>
    values.map((value, index) => cell(value, width === 1, columnAt(fields, index))).join(", ");
  area.value = new Array(batch).fill(line(row)).join("\n");
  const values = width === null ? "values" : width === 1 ? "1 value" : `${width} values`;
  const element = h(
    "div",
    { class: "rows" },
    h(
      "label",
      { for: "rows" },
      batch > 1 ? `Rows of ${values}, ${batch} at a time` : `Rows of ${values}`,
    ),
    area,
    h("p", { id: "rows-note", class: "hint" }, hint(width, hasTexts)),
  );
  return {
    element,
    read: () => parseRows(area.value, width, fields),
    fill(values) {
      area.value = line(values);
    },
  };
}

function hint(width: number | null, hasTexts: boolean): string {
  if (!hasTexts) {
    return "One row a line: commas, tabs or spaces between numbers. JSON and CSV with a header line work too.";
  }
  if (width === 1) return "One text a line. JSON works too.";
  return "One row a line, as CSV: with commas, semicolons or tabs, with or without a header line, and nothing where a value is missing. JSON works too.";
}

/** A value as a line of CSV has it; a lone text is the whole line. */
function cell(value: Row[number], alone: boolean, { type }: Field): string {
  if (value === null) return "";
  const text = String(value);
  return type === "text" && !alone && /[",;\t]/.test(text)
    ? `"${text.replaceAll('"', '""')}"`
    : text;
}
