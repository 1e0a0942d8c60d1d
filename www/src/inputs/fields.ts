import { h } from "../dom.ts";
import { formatNumber } from "../format.ts";
import type { Field } from "../layout.ts";
import type { Editor, Entered } from "./editor.ts";

interface FieldView {
  field: Field;
  element: HTMLElement;
  input: HTMLInputElement;
  slider: HTMLInputElement | undefined;
  note: HTMLElement;
}

/** A number field for each value, with its unit and the range the model was trained on. */
export function fieldsEditor(fields: readonly Field[]): Editor {
  const views = fields.map(fieldView);
  const element = h("div", { class: "fields" }, ...views.map((view) => view.element));

  return {
    element,
    read: () => readFields(views),
    fill(row) {
      for (const [index, view] of views.entries()) setValue(view, row[index] ?? 0);
    },
  };
}

function fieldView(field: Field, index: number): FieldView {
  const id = `field-${index}`;
  const ranged = field.min !== undefined && field.max !== undefined;
  const input = h("input", {
    id,
    type: "number",
    inputmode: "decimal",
    autocomplete: "off",
    required: true,
    min: field.min,
    max: field.max,
    step: field.step ?? "any",
    "aria-describedby": `${id}-note`,
  });
  const note = h("p", { id: `${id}-note`, class: "hint" });
  const label = h("label", { for: id }, field.title);
  if (field.unit) label.append(" ", h("span", { class: "unit" }, `(${field.unit})`));
  // The slider is a second handle on the same value for pointers: keys and screen readers have the field.
  const slider = ranged
    ? h("input", {
        type: "range",
        min: field.min,
        max: field.max,
        step: field.step ?? "any",
        tabindex: -1,
        "aria-hidden": "true",
      })
    : undefined;
  const element = h("div", { class: "field" }, label, input, ...(slider ? [slider] : []), note);
  const view: FieldView = { field, element, input, slider, note };

  input.addEventListener("input", () => refresh(view));
  slider?.addEventListener("input", (event) => {
    event.stopPropagation();
    input.value = slider.value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  setValue(view, startValue(field));
  return view;
}

/** The mean, rounded to the field's step so that the arrow keys keep giving round numbers. */
function startValue({ mean, step, min, max }: Field): number {
  const value = mean ?? (min !== undefined && max !== undefined ? (min + max) / 2 : 0);
  if (!step) return Number(value.toPrecision(6));
  return Number((Math.round(value / step) * step).toPrecision(10));
}

function setValue(view: FieldView, value: number): void {
  view.input.value = Number.isFinite(value) ? String(value) : "";
  refresh(view);
}

function refresh({ field, input, slider, note }: FieldView): void {
  const value = input.valueAsNumber;
  if (slider && Number.isFinite(value)) slider.value = input.value;
  const missing = !Number.isFinite(value);
  input.setAttribute("aria-invalid", String(missing));
  note.classList.toggle("warn", missing || isOutside(field, value));
  note.textContent = noteFor(field, value);
}

function noteFor(field: Field, value: number): string {
  if (!Number.isFinite(value)) return "Enter a number";
  if (field.min === undefined || field.max === undefined) return "";
  const range = `${formatNumber(field.min)} to ${formatNumber(field.max)}`;
  return isOutside(field, value) ? `Outside the training data: ${range}` : range;
}

function isOutside({ min, max }: Field, value: number): boolean {
  return (min !== undefined && value < min) || (max !== undefined && value > max);
}

function readFields(views: readonly FieldView[]): Entered {
  const missing = views.filter(({ input }) => !Number.isFinite(input.valueAsNumber));
  if (missing.length > 0) {
    const names = missing.map(({ field }) => field.title).join(", ");
    return { problem: `Enter a number for ${names}.` };
  }
  return { rows: [views.map(({ input }) => input.valueAsNumber)] };
}
