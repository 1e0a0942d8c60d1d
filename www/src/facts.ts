import type { Signature } from "predikt";
import { h } from "./dom.ts";
import { formatBytes, formatCount, formatNumber, formatShape } from "./format.ts";
import type { Opened } from "./open.ts";

/** Shows what is known of a model: its proof, size, metrics and signature. */
export function showFacts(place: HTMLElement, opened: Opened): void {
  const { manifest } = opened;
  const list = h("dl", { class: "facts" });
  const add = (term: string, ...value: (Node | string)[]) =>
    list.append(h("dt", {}, term), h("dd", {}, ...value));

  add("Self-test", ...selfTest(opened));
  add("File", ...fileProof(opened));
  if (manifest) {
    add("Version", `${manifest.name} ${manifest.version}`);
    for (const [name, value] of Object.entries(manifest.metrics ?? {})) {
      add(...metric(name, Number(value)));
    }
    const { train, test } = manifest.rows ?? {};
    if (train !== undefined && test !== undefined) {
      add("Rows", `${formatCount(train)} to train, ${formatCount(test)} held out for the metrics`);
    }
    const trainer = Object.entries(manifest.trainer ?? {});
    if (trainer.length > 0) add("Made with", trainer.map((tool) => tool.join(" ")).join(", "));
    if (manifest.license) add("Licence", manifest.license);
  }
  const heading = h("h3", {}, "Signature");
  place.replaceChildren(list, heading, signatureTable(opened.model.signature));
}

/** Inputs and outputs of a model as a table. */
export function signatureTable(signature: Signature): HTMLElement {
  const columns = ["", "Name", "Type", "Shape"];
  const head = h("tr", {}, ...columns.map((column) => h("th", { scope: "col" }, column)));
  const line = (kind: string, tensor: Signature["inputs"][number]) =>
    h(
      "tr",
      {},
      h("td", {}, kind),
      h("th", { scope: "row" }, h("code", {}, tensor.name)),
      h("td", {}, tensor.type),
      h("td", {}, formatShape(tensor.shape)),
    );
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": "Signature" },
    h(
      "table",
      {},
      h("thead", {}, head),
      h(
        "tbody",
        {},
        ...signature.inputs.map((tensor) => line("input", tensor)),
        ...signature.outputs.map((tensor) => line("output", tensor)),
      ),
    ),
  );
}

function selfTest({ selfTest }: Opened): (Node | string)[] {
  if (!selfTest) return ["none: the file carries no golden samples"];
  if (!selfTest.error) {
    return [good(), `${selfTest.rows} of the trainer's own answers repeated on this device`];
  }
  return [h("span", { class: "bad" }, "Failed: "), selfTest.error.message];
}

function fileProof({ manifest, bytes, sha256 }: Opened): (Node | string)[] {
  const size = bytes === undefined ? "" : formatBytes(bytes);
  if (manifest) return [good(), `${size}, SHA-256 as the manifest says`];
  return sha256 ? [`${size}, SHA-256 `, h("code", { class: "hash" }, sha256)] : [size];
}

function good(): HTMLElement {
  return h("span", { class: "good", "aria-hidden": "true" }, "✓ ");
}

/** scikit-learn negates errors so that more is better, and says so in the name: here they are as they are. */
function metric(name: string, value: number): [term: string, value: string] {
  const negated = name.startsWith("neg_");
  const words = (negated ? name.slice(4) : name)
    .split("_")
    .map((word) => (/^(roc|auc|f1|r2|rmse|mae|mse)$/.test(word) ? word.toUpperCase() : word))
    .join(" ");
  const term = words.charAt(0).toUpperCase() + words.slice(1);
  return [term, formatNumber(Number((negated ? -value : value).toPrecision(4)))];
}
