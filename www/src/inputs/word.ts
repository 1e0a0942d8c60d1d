import { h } from "../dom.ts";
import type { Field, Value } from "../layout.ts";
import { type FieldView, type Ids, MISSING } from "./view.ts";

/** More known values than this are suggestions of a text field, not a list to choose from. */
const MOST_OPTIONS = 24;

/** A column of texts: a list where the training data had few values, else a text field that suggests them. */
export function wordView(field: Field, ids: Ids, label: HTMLElement): FieldView {
  const known = (field.values ?? []).map(String);
  return known.length > 0 && known.length <= MOST_OPTIONS
    ? chooser(field, ids, label, known)
    : textField(field, ids, label, known);
}

function chooser(field: Field, ids: Ids, label: HTMLElement, known: string[]): FieldView {
  const select = h("select", {
    id: ids.control,
    "aria-describedby": ids.note,
  });
  // An option's position says which it is: a text may be anything, the empty one included.
  const values: (string | null)[] = [...known, ...(field.nullable ? [null] : [])];
  for (const value of values) select.append(h("option", {}, value ?? "(missing)"));
  const note = h("p", { id: ids.note, class: "hint" });
  const read = () => values[select.selectedIndex] ?? null;
  const refresh = () => {
    const value = read();
    const isNew = value !== null && !known.includes(value);
    note.classList.toggle("warn", isNew);
    note.textContent = value === null ? MISSING : isNew ? "Not in the training data" : "";
  };
  select.addEventListener("input", refresh);
  const view: FieldView = {
    field,
    element: h("div", { class: "field" }, label, select, note),
    read,
    set(value) {
      const text = value === null ? null : String(value);
      if (!values.includes(text)) {
        values.push(text);
        select.append(h("option", {}, text ?? "(missing)"));
      }
      select.selectedIndex = values.indexOf(text);
      refresh();
    },
  };
  view.set(known[0] ?? "");
  return view;
}

function textField(field: Field, ids: Ids, label: HTMLElement, known: string[]): FieldView {
  const list = `${ids.control}-list`;
  const input = h("input", {
    id: ids.control,
    type: "text",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    required: !field.nullable,
    list: known.length > 0 ? list : undefined,
    "aria-describedby": ids.note,
  });
  const note = h("p", { id: ids.note, class: "hint" });
  const suggestions = h("datalist", { id: list }, ...known.map((value) => h("option", { value })));
  const read = (): Value | undefined => {
    if (input.value !== "") return input.value;
    return field.nullable ? null : undefined;
  };
  const refresh = () => {
    const value = read();
    const isNew = typeof value === "string" && known.length > 0 && !known.includes(value);
    input.setAttribute("aria-invalid", String(value === undefined));
    note.classList.toggle("warn", value === undefined || isNew);
    if (value === undefined) note.textContent = "Enter a text";
    else if (value === null) note.textContent = MISSING;
    else note.textContent = isNew ? "Not in the training data" : "";
  };
  input.addEventListener("input", refresh);
  const parts = known.length > 0 ? [input, suggestions] : [input];
  const view: FieldView = {
    field,
    element: h("div", { class: "field" }, label, ...parts, note),
    read,
    set(value) {
      input.value = value === null ? "" : String(value);
      refresh();
    },
  };
  view.set(known[0] ?? "");
  return view;
}
