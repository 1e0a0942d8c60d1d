import { byId, h } from "./dom.ts";
import type { Source } from "./open.ts";
import type { Sample } from "./samples.ts";

/** The choice of a model: sample models as radio buttons, the file field, and dropping on the page. */
export class Picker {
  readonly #samples = byId("samples");
  readonly #file = byId<HTMLInputElement>("file");
  readonly #onPick: (source: Source) => void;

  constructor(onPick: (source: Source) => void) {
    this.#onPick = onPick;
    this.#file.addEventListener("change", () => {
      const file = this.#file.files?.[0];
      this.#file.value = "";
      if (file) onPick({ kind: "file", file });
    });
    acceptDrops((file) => onPick({ kind: "file", file }));
  }

  /** Shows the sample models. */
  show(samples: readonly Sample[]): void {
    for (const sample of samples) {
      const input = h("input", {
        type: "radio",
        name: "sample",
        value: sample.name,
        class: "visually-hidden",
        "aria-describedby": `sample-${sample.name}`,
      });
      input.addEventListener("change", () => this.#onPick({ kind: "sample", sample }));
      const text = h(
        "span",
        { class: "sample-text" },
        h("span", { class: "sample-title" }, sample.title),
        h("span", { class: "hint", id: `sample-${sample.name}` }, sample.description),
      );
      this.#samples.append(h("label", { class: "sample" }, input, text));
    }
  }

  /** Marks the sample that is in use, or none when it is a file. */
  mark(source: Source | undefined): void {
    for (const input of this.#samples.querySelectorAll("input")) {
      input.checked = source?.kind === "sample" && input.value === source.sample.name;
    }
  }
}

function acceptDrops(onFile: (file: File) => void): void {
  const veil = byId("drop");
  const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  window.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    veil.hidden = false;
  });
  window.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) veil.hidden = true;
  });
  window.addEventListener("drop", (event) => {
    veil.hidden = true;
    if (!carriesFiles(event)) return;
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) onFile(file);
  });
}
