import type { Manifest, Prediction } from "predikt";
import { h } from "./dom.ts";
import { formatCount, formatDuration, formatNumber, formatPercent } from "./format.ts";
import type { Row } from "./layout.ts";
import type { Timed } from "./measure.ts";
import type { Opened } from "./open.ts";

type Answer = number | string | readonly (number | string)[];

/** Rows and classes shown before the rest is only counted. */
const MOST_ROWS = 100;
const MOST_CLASSES = 20;

/** Milliseconds to which browsers round their clock, at best, on a page like this. */
const CLOCK_TICK = 0.1;

/** Shows a prediction: the answer, probabilities as bars (or a table for many rows), and its time. */
export function showResult(place: HTMLElement, opened: Opened, rows: Row[], timed: Timed): void {
  const { prediction } = timed;
  const content =
    rows.length === 1 ? oneRow(opened, rows[0] ?? [], prediction) : manyRows(opened, prediction);
  place.replaceChildren(...content, timing(timed, rows.length, opened.thread));
  place.classList.remove("stale");
}

/** What a screen reader says of a prediction: the answer, and how probable it is. */
export function spokenResult({ manifest }: Opened, { prediction }: Timed): string {
  const [answer, ...others] = prediction.prediction;
  if (answer === undefined || others.length > 0) {
    return `${formatCount(prediction.prediction.length)} rows predicted`;
  }
  const row = prediction.probabilities?.[0];
  const sure = row ? `, ${formatPercent(Math.max(...row))}` : "";
  return `Prediction: ${nameOf(answer, manifest)}${sure}`;
}

/** Asks for what is missing instead of an answer. */
export function showRequest(place: HTMLElement, request: string): void {
  place.replaceChildren(h("p", { class: "ask" }, request));
  place.classList.remove("stale");
}

/** Greys out an answer that no longer belongs to what is entered. */
export function markStale(place: HTMLElement): void {
  place.classList.add("stale");
}

function oneRow(opened: Opened, row: Row, prediction: Prediction): Node[] {
  const answer = prediction.prediction[0];
  if (answer === undefined) return [];
  const name = nameOf(answer, opened.manifest);
  const spoken = h("p", { class: "answer" }, name);
  const raw = String(answer);
  const isClass = prediction.classes !== undefined;
  if (isClass && raw !== name)
    spoken.append(" ", h("span", { class: "answer-note" }, `class ${raw}`));
  const content: Node[] = [spoken];
  const golden = goldenAnswer(row, opened.manifest);
  if (golden !== undefined) content.push(h("p", { class: "hint golden" }, golden));
  const probabilities = prediction.probabilities?.[0];
  if (probabilities && prediction.classes) {
    content.push(bars(probabilities, prediction.classes, opened.manifest));
  }
  return content;
}

function bars(
  probabilities: readonly number[],
  classes: readonly (number | string)[],
  manifest: Manifest | undefined,
): HTMLElement {
  const entries = probabilities.map((value, index) => ({ value, label: classes[index] ?? index }));
  const shown =
    entries.length > MOST_CLASSES
      ? entries.toSorted((a, b) => b.value - a.value).slice(0, MOST_CLASSES)
      : entries;
  const best = Math.max(...probabilities);
  const list = h(
    "ul",
    { class: "bars", "aria-label": "Class probabilities" },
    ...shown.map(({ value, label }) => bar(nameOf(label, manifest), value, value === best)),
  );
  if (shown.length < entries.length) {
    const rest = entries.length - shown.length;
    list.append(h("li", { class: "hint" }, `and ${formatCount(rest)} less likely classes`));
  }
  return list;
}

function bar(name: string, value: number, best: boolean): HTMLElement {
  const text = formatPercent(value);
  const track = h(
    "div",
    {
      class: "bar",
      role: "meter",
      "aria-label": name,
      "aria-valuemin": 0,
      "aria-valuemax": 1,
      "aria-valuenow": Number.isFinite(value) ? value : 0,
      "aria-valuetext": text,
    },
    h("div", { class: "bar-fill" }),
  );
  track.style.setProperty("--share", String(Math.min(1, Math.max(0, value || 0))));
  return h(
    "li",
    { class: best ? "bar-row best" : "bar-row" },
    h("span", { class: name.length < 3 ? "bar-name short" : "bar-name" }, name),
    track,
    h("span", { class: "bar-value" }, text),
  );
}

function manyRows(opened: Opened, prediction: Prediction): Node[] {
  const { probabilities } = prediction;
  const count = prediction.prediction.length;
  const head = h(
    "tr",
    {},
    h("th", { scope: "col" }, "Row"),
    h("th", { scope: "col" }, "Prediction"),
  );
  if (probabilities) head.append(h("th", { scope: "col" }, "Probability"));
  const body = h("tbody");
  for (const [index, answer] of prediction.prediction.slice(0, MOST_ROWS).entries()) {
    const line = h(
      "tr",
      {},
      h("th", { scope: "row" }, String(index + 1)),
      h("td", {}, nameOf(answer, opened.manifest)),
    );
    const row = probabilities?.[index];
    if (row) line.append(h("td", {}, formatPercent(Math.max(...row))));
    body.append(line);
  }
  const content: Node[] = [
    h("p", { class: "answer" }, `${formatCount(count)} rows`),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "Predictions by row" },
      h("table", {}, h("thead", {}, head), body),
    ),
  ];
  if (count > MOST_ROWS)
    content.push(h("p", { class: "hint" }, `The first ${MOST_ROWS} are shown.`));
  return content;
}

function timing(
  { milliseconds, calls }: Timed,
  rows: number,
  thread: Opened["thread"],
): HTMLElement {
  const where = thread === "worker" ? ", with the way to the worker thread and back" : "";
  const why =
    milliseconds < CLOCK_TICK ? "; one is shorter than a tick of the browser's clock" : "";
  const how =
    calls === 1
      ? `one call${where}`
      : `mean of ${formatCount(calls)} calls in a row${where}, after a first one that does not count${why}`;
  return h(
    "p",
    { class: "timing" },
    h("strong", {}, formatDuration(milliseconds)),
    rows === 1 ? " a prediction" : ` for ${formatCount(rows)} rows`,
    h("span", { class: "hint" }, `(${how})`),
  );
}

/** What an answer is called: the class name of the manifest, else the label or number itself. */
function nameOf(answer: Answer, manifest: Manifest | undefined): string {
  const index = typeof answer === "object" ? -1 : (manifest?.classes?.indexOf(answer) ?? -1);
  const name = index < 0 ? undefined : manifest?.classNames?.[index];
  if (name !== undefined) return name;
  if (typeof answer === "number") return formatNumber(answer);
  if (typeof answer === "string") return answer;
  const parts = answer.map((one) => (typeof one === "number" ? formatNumber(one) : `“${one}”`));
  return `[${parts.join(", ")}]`;
}

/** When the row is one of the golden samples: what its trainer's own library answered. */
function goldenAnswer(row: Row, manifest: Manifest | undefined): string | undefined {
  const golden = manifest?.golden;
  const index =
    golden?.features.findIndex(
      (sample) => sample.length === row.length && sample.every((value, at) => value === row[at]),
    ) ?? -1;
  const answer = golden?.prediction[index];
  if (index < 0 || answer === undefined) return undefined;
  return `A held-out example. The training library's own answer: ${nameOf(answer, manifest)}`;
}
