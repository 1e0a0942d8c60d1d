import { h } from "./dom.ts";
import type { Opened } from "./open.ts";

/** Shows code that makes this very prediction: JavaScript, and the HTTP request for a published model. */
export function showSnippets(place: HTMLElement, opened: Opened, row: readonly number[]): void {
  const blocks = [block("JavaScript", javascript(opened, row))];
  if (opened.source.kind === "sample" && !opened.runOnly) {
    blocks.push(block("HTTP", curl(opened.source.sample.name, row)));
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

function javascript(opened: Opened, row: readonly number[]): string {
  const from = opened.source.kind === "sample" ? opened.source.sample.url.href : `/${opened.title}`;
  const use = opened.runOnly ? runCall(opened) : `model.predict([${row.join(", ")}]);`;
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

function curl(name: string, row: readonly number[]): string {
  const url = new URL(`/models/${encodeURIComponent(name)}/predict`, location.href).href;
  return `curl ${url} \\\n  -H 'content-type: application/json' \\\n  -d '{"features":[${row.join(",")}]}'`;
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
