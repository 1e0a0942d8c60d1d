import { h } from "../dom.ts";
import { formatNumber } from "../format.ts";
import type { Field, Value } from "../layout.ts";
import { type FieldView, type Ids, MISSING } from "./view.ts";

interface Parts {
  field: Field;
  input: HTMLInputElement;
  slider: HTMLInputElement | undefined;
  note: HTMLElement;
}

/** A number field, with a slider over the range that the model was trained on. */
export function numberView(field: Field, ids: Ids, label: HTMLElement): FieldView {
  const ranged = field.min !== undefined && field.max !== undefined;
  const step = field.step ?? (field.whole ? 1 : "any");
  const input = h("input", {
    id: ids.control,
    type: "number",
    inputmode: "decimal",
    autocomplete: "off",
    required: !field.nullable,
    min: field.min,
    max: field.max,
    step,
    "aria-describedby": ids.note,
  });
  const note = h("p", { id: ids.note, class: "hint" });
  // The slider is a second handle on the same value for pointers: keys and screen readers have the field.
  const slider = ranged
    ? h("input", {
        type: "range",
        min: field.min,
        max: field.max,
        step,
        tabindex: -1,
        "aria-hidden": "true",
      })
    : undefined;
  const element = h("div", { class: "field" }, label, input, ...(slider ? [slider] : []), note);
  const parts: Parts = { field, input, slider, note };

  input.addEventListener("input", () => refresh(parts));
  slider?.addEventListener("input", (event) => {
    event.stopPropagation();
    input.value = slider.value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const view: FieldView = {
    field,
    element,
    read: () => readNumber(parts),
    set(value) {
      input.value = typeof value === "number" && Number.isFinite(value) ? String(value) : "";
      refresh(parts);
    },
  };
  view.set(startValue(field));
  return view;
}

/** The mean, rounded to the field's step so that the arrow keys keep giving round numbers. */
function startValue({ mean, step, min, max }: Field): number {
  const value = mean ?? (min !== undefined && max !== undefined ? (min + max) / 2 : 0);
  if (!step) return Number(value.toPrecision(6));
  return Number((Math.round(value / step) * step).toPrecision(10));
}

function readNumber({ field, input }: Parts): Value | undefined {
  const value = input.valueAsNumber;
  if (Number.isFinite(value)) return value;
  return field.nullable && !input.validity.badInput ? null : undefined;
}

function refresh(parts: Parts): void {
  const { field, input, slider, note } = parts;
  const value = readNumber(parts);
  if (slider && typeof value === "number") slider.value = input.value;
  slider?.classList.toggle("missing", value === null);
  input.setAttribute("aria-invalid", String(value === undefined));
  note.classList.toggle("warn", value === undefined || isOutside(field, value));
  note.textContent = noteFor(field, value);
}

function noteFor(field: Field, value: Value | undefined): string {
  if (value === undefined) return "Enter a number";
  if (value === null) return MISSING;
  if (field.min === undefined || field.max === undefined) return "";
  const range = `${formatNumber(field.min)} to ${formatNumber(field.max)}`;
  return isOutside(field, value) ? `Outside the training data: ${range}` : range;
}

function isOutside({ min, max }: Field, value: Value): boolean {
  if (typeof value !== "number") return false;
  return (min !== undefined && value < min) || (max !== undefined && value > max);
}
