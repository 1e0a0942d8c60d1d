import { h } from "./dom.ts";
import type { Row, RowLayout } from "./layout.ts";
import type { Opened } from "./open.ts";

/** Shows code that makes this very prediction: JavaScript, and the HTTP request for a published model. */
export function showSnippets(place: HTMLElement, opened: Opened, row: Row): void {
  const blocks = [block("JavaScript", javascript(opened, row))];
  if (opened.source.kind === "sample" && !opened.runOnly) {
    blocks.push(block("HTTP", curl(opened.source.sample.name, opened.layout, row)));
  } else if (opened.source.kind === "file" && !opened.runOnly) {
    blocks.push(
      h(
        "p",
        { class: "hint" },
        "Publish the model with a manifest to serve it at /predict as well.",
      ),
    );
  }
  place.replaceChildren(...blocks);
}

function javascript(opened: Opened, row: Row): string {
  const from = opened.source.kind === "sample" ? opened.source.sample.url.href : `/${opened.title}`;
  const use = opened.runOnly ? runCall(opened) : `model.predict(${literal(opened.layout, row)});`;
  return `import { loadModel } from "predikt";\n\nconst model = await loadModel(${JSON.stringify(from)});\n${use}`;
}

function runCall({ model }: Opened): string {
  const feeds = model.signature.inputs.map(({ name, type, shape }) => {
    const dims = (shape ?? []).map((dimension) => (typeof dimension === "number" ? dimension : 1));
    const tensor = `{ type: ${JSON.stringify(type)}, dims: ${JSON.stringify(dims)}, data }`;
    return `  ${JSON.stringify(name)}: ${tensor},`;
  });
  return `model.run({\n${feeds.join("\n")}\n});`;
}

/** Names make rows readable where they hold texts or where values are missing. */
function byName({ kind, fields }: RowLayout, row: Row): boolean {
  return kind === "fields" && fields.length > 1 && row.some((value) => typeof value !== "number");
}

/** A row, or a record, as JavaScript. */
function literal(layout: RowLayout, row: Row): string {
  if (!byName(layout, row)) return `[${row.map(inJavaScript).join(", ")}]`;
  const members = layout.fields.map(({ name }, index) => {
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
    return `  ${key}: ${inJavaScript(row[index] ?? null)},`;
  });
  return `{\n${members.join("\n")}\n}`;
}

function inJavaScript(value: Row[number]): string {
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

function curl(name: string, layout: RowLayout, row: Row): string {
  const url = new URL(`/models/${encodeURIComponent(name)}/predict`, location.href).href;
  const features = byName(layout, row)
    ? Object.fromEntries(layout.fields.map((field, index) => [field.name, row[index] ?? null]))
    : row;
  const body = JSON.stringify({ features }).replaceAll("'", "'\\''");
  return `curl ${url} \\\n  -H 'content-type: application/json' \\\n  -d '${body}'`;
}

function block(title: string, code: string): HTMLElement {
  const copy = h("button", { type: "button", class: "button quiet" }, "Copy");
  copy.setAttribute("aria-label", `Copy the ${title} code`);
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code);
      copy.textContent = "Copied";
    } catch {
      copy.textContent = "Not allowed here";
    }
    window.setTimeout(() => {
      copy.textContent = "Copy";
    }, 2000);
  });
  return h(
    "div",
    { class: "snippet" },
    h("div", { class: "snippet-head" }, h("h3", {}, title), copy),
    h("pre", { tabindex: 0, role: "region", "aria-label": `${title} code` }, h("code", {}, code)),
  );
}
