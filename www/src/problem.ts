import { PrediktError } from "predikt";
import { h } from "./dom.ts";

/** Shows an error in words, with its code and, folded away, its details. */
export function showProblem(
  place: HTMLElement,
  title: string,
  error: unknown,
  after?: string,
): void {
  const code = error instanceof PrediktError ? error.code : "UNEXPECTED";
  const message = error instanceof Error ? error.message : String(error);
  const details = error instanceof PrediktError ? Object.entries(error.details ?? {}) : [];
  const content: Node[] = [h("p", { class: "problem-title" }, title), h("p", {}, message)];
  if (after) content.push(h("p", {}, after));
  content.push(
    h(
      "details",
      {},
      h("summary", {}, "Details"),
      h(
        "dl",
        { class: "pairs" },
        ...pair("code", code),
        ...details.flatMap(([name, value]) => pair(name, value)),
      ),
    ),
  );
  place.replaceChildren(...content);
}

/** Takes the error away. */
export function clearProblem(place: HTMLElement): void {
  place.replaceChildren();
}

function pair(name: string, value: unknown): Node[] {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return [h("dt", {}, name), h("dd", {}, h("code", {}, text))];
}
