import { h } from "../dom.ts";
import { blankRow, type RowLayout } from "../layout.ts";
import type { Opened } from "../open.ts";
import type { Editor, Entered } from "./editor.ts";
import { fieldsEditor } from "./fields.ts";
import { paintEditor } from "./paint.ts";
import { textEditor } from "./text.ts";

/** The form of one model. */
export interface ModelForm {
  /** What is entered now. */
  read(): Entered;
}

/**
 * Builds the form of a model into `form`.
 *
 * @param onChange called whenever what is entered may have changed
 */
export function buildForm(form: HTMLFormElement, opened: Opened, onChange: () => void): ModelForm {
  const own = ownEditor(opened.layout);
  const text = opened.layout.kind === "text" ? own : undefined;
  let editor = own;
  let pasted = text;
  const place = h("div", { on: { input: onChange, change: onChange } }, own.element);
  const actions = h("div", { class: "actions" });
  const predict = h("button", { type: "submit", class: "button primary" }, "Predict");
  actions.append(predict);

  const golden = opened.manifest?.golden?.features;
  if (golden && golden.length > 0) {
    let next = 0;
    const example = h("button", { type: "button", class: "button" }, "Next example");
    const fill = () => {
      editor.fill(golden[next % golden.length] ?? []);
      next += 1;
    };
    example.addEventListener("click", () => {
      fill();
      onChange();
    });
    actions.append(example);
    if (opened.layout.kind !== "fields") fill();
  }

  if (!text) {
    const paste = h("button", { type: "button", class: "button quiet" }, "Paste rows");
    paste.addEventListener("click", () => {
      const entered = editor.read();
      const row = "rows" in entered ? (entered.rows[0] ?? []) : [];
      const toText = editor === own;
      pasted ??= textEditor(opened.layout, row);
      editor = toText ? pasted : own;
      if ("rows" in entered) editor.fill(row);
      paste.textContent = toText ? "Back to the form" : "Paste rows";
      place.replaceChildren(editor.element);
      onChange();
    });
    actions.append(paste);
  }

  form.replaceChildren(place, actions);
  return { read: () => editor.read() };
}

function ownEditor(layout: RowLayout): Editor {
  switch (layout.kind) {
    case "fields":
      return fieldsEditor(layout.fields);
    case "image":
      return paintEditor(layout.image);
    case "text":
      return textEditor(layout, layout.width === null ? [] : blankRow(layout), layout.batch);
  }
}
