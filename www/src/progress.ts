import { byId } from "./dom.ts";
import { formatBytes } from "./format.ts";

/** Loads that end sooner than this many milliseconds show no progress: it would only flicker. */
const PATIENCE = 120;

/** The bar under the models: bytes while they arrive, then the engine getting ready. */
export class ProgressBar {
  readonly #box = byId("progress");
  readonly #text = byId("progress-text");
  readonly #bar = byId<HTMLProgressElement>("progress-bar");
  #timer: number | undefined;

  constructor(onCancel: () => void) {
    byId("cancel").addEventListener("click", onCancel);
  }

  start(title: string): void {
    this.#text.textContent = `Loading ${title}`;
    this.#bar.removeAttribute("value");
    this.#timer ??= window.setTimeout(() => {
      this.#box.hidden = false;
    }, PATIENCE);
  }

  update(title: string, { loaded, total }: { loaded: number; total?: number }): void {
    if (total !== undefined && loaded >= total) {
      this.#text.textContent = `${title}: ${formatBytes(loaded)} received, getting the engine ready`;
      this.#bar.removeAttribute("value");
    } else if (total !== undefined) {
      this.#text.textContent = `${title}: ${formatBytes(loaded)} of ${formatBytes(total)}`;
      this.#bar.max = total;
      this.#bar.value = loaded;
    } else {
      this.#text.textContent = `${title}: ${formatBytes(loaded)}`;
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#box.hidden = true;
  }
}
