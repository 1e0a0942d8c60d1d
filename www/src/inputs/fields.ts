import { h } from "../dom.ts";
import type { Field } from "../layout.ts";
import type { Editor, Entered } from "./editor.ts";
import { numberView } from "./number.ts";
import { type FieldView, idsOf } from "./view.ts";
import { wordView } from "./word.ts";

/** A field for each value, with its unit and what the training data had. */
export function fieldsEditor(fields: readonly Field[]): Editor {
  const views = fields.map(fieldView);
  const grid = h("div", { class: "fields" }, ...views.map((view) => view.element));
  const element = fields.some(({ nullable }) => nullable)
    ? h("div", { class: "with-help" }, missingHelp(), grid)
    : grid;

  return {
    element,
    read: () => readFields(views),
    fill(row) {
      for (const [index, view] of views.entries()) view.set(row[index] ?? null);
    },
  };
}

function missingHelp(): HTMLElement {
  return h(
    "p",
    { class: "hint" },
    "What you don’t know can be left out where it says “optional”: the model takes it as a missing value.",
  );
}

function fieldView(field: Field, index: number): FieldView {
  const ids = idsOf(index);
  const label = h("label", { for: ids.control }, field.title);
  const extras = [field.unit, field.nullable ? "optional" : undefined];
  const shown = extras.filter((extra) => extra !== undefined && extra !== "");
  if (shown.length > 0) label.append(" ", h("span", { class: "unit" }, `(${shown.join(", ")})`));
  return field.type === "text" ? wordView(field, ids, label) : numberView(field, ids, label);
}

function readFields(views: readonly FieldView[]): Entered {
  const values = views.map((view) => view.read());
  const missing = views.filter((_, index) => values[index] === undefined);
  if (missing.length === 0) return { rows: [values.map((value) => value ?? null)] };
  const names = missing.map(({ field }) => field.title).join(", ");
  const what = missing.every(({ field }) => field.type === "number") ? "a number" : "a value";
  return { problem: `Enter ${what} for ${names}.` };
}
