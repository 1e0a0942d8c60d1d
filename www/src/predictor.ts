import { byId, h } from "./dom.ts";
import { signatureTable } from "./facts.ts";
import { buildForm, type ModelForm } from "./inputs/form.ts";
import { blankRow } from "./layout.ts";
import { timedPredict } from "./measure.ts";
import type { Opened } from "./open.ts";
import { clearProblem, showProblem } from "./problem.ts";
import { markStale, showRequest, showResult, spokenResult } from "./result.ts";
import { showSnippets } from "./snippets.ts";

/** Milliseconds without a change after which a prediction is made. */
const DEBOUNCE = 120;

/** The form and the answer of the model in use: predicts while values change, and on submit. */
export class Predictor {
  readonly #form = byId<HTMLFormElement>("form");
  readonly #result = byId("result");
  readonly #spoken = byId("spoken");
  readonly #problem = byId("predict-problem");
  readonly #snippets = byId("snippets");
  #opened: Opened | undefined;
  #modelForm: ModelForm | undefined;
  #timer: number | undefined;
  #busy = false;
  #again = false;

  constructor() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#predict();
    });
  }

  /** Puts a model in use and predicts what its form starts with. */
  async show(opened: Opened): Promise<void> {
    clearTimeout(this.#timer);
    this.#opened = opened;
    this.#result.replaceChildren();
    clearProblem(this.#problem);
    if (opened.runOnly) {
      this.#modelForm = undefined;
      this.#explainRun(opened, opened.runOnly.message);
      return;
    }
    this.#modelForm = buildForm(this.#form, opened, () => this.#changed());
    showSnippets(this.#snippets, opened, blankRow(opened.layout));
    if (opened.selfTest?.error) {
      this.#refuse(opened.selfTest.error);
      return;
    }
    await this.#predict();
  }

  #changed(): void {
    markStale(this.#result);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#predict(), DEBOUNCE);
  }

  async #predict(): Promise<void> {
    clearTimeout(this.#timer);
    const opened = this.#opened;
    if (!opened || !this.#modelForm || opened.selfTest?.error) return;
    if (this.#busy) {
      this.#again = true;
      return;
    }
    const entered = this.#modelForm.read();
    if ("problem" in entered) {
      clearProblem(this.#problem);
      showRequest(this.#result, entered.problem);
      this.#spoken.textContent = entered.problem;
      return;
    }
    this.#busy = true;
    try {
      const timed = await timedPredict(opened.model, entered.rows);
      if (opened !== this.#opened) return;
      clearProblem(this.#problem);
      showResult(this.#result, opened, entered.rows, timed);
      showSnippets(this.#snippets, opened, entered.rows[0] ?? []);
      this.#spoken.textContent = spokenResult(opened, timed);
    } catch (error) {
      if (opened !== this.#opened) return;
      this.#result.replaceChildren();
      showProblem(this.#problem, "No prediction", error);
    } finally {
      this.#busy = false;
      if (this.#again) {
        this.#again = false;
        void this.#predict();
      }
    }
  }

  #refuse(error: unknown): void {
    const after =
      "This device computes something else than the trainer did, so nothing is predicted.";
    showProblem(this.#problem, "The self-test failed", error, after);
  }

  #explainRun(opened: Opened, reason: string): void {
    this.#form.replaceChildren(
      h("p", {}, "This model has no single row of values to fill in, so there is no form for it."),
      h(
        "p",
        {},
        "Give it named tensors in your own code with run: its inputs and outputs are below.",
      ),
      signatureTable(opened.model.signature),
    );
    showRequest(this.#result, reason);
    this.#spoken.textContent = reason;
    showSnippets(this.#snippets, opened, []);
  }
}
