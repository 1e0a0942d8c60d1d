import { h } from "../dom.ts";
import { parseRows } from "../rows.ts";
import type { Editor } from "./editor.ts";

/**
 * A text field for rows: JSON, CSV, or numbers parted by commas or spaces, one row a line.
 *
 * @param width values in a row, or `null` when the model leaves that open
 * @param row what it shows at first
 * @param batch rows that the model takes at a time; any number when 1
 */
export function textEditor(width: number | null, row: readonly number[], batch = 1): Editor {
  const area = h("textarea", {
    id: "rows",
    rows: 8,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    wrap: "off",
    "aria-describedby": "rows-note",
  });
  area.value = new Array(batch).fill(row.join(", ")).join("\n");
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
    h(
      "p",
      { id: "rows-note", class: "hint" },
      "One row a line: commas, tabs or spaces between numbers. JSON and CSV with a header line work too.",
    ),
  );
  return {
    element,
    read: () => parseRows(area.value, width),
    fill(values) {
      area.value = values.join(", ");
    },
  };
}
