/** The pages: bundled by Vite, as both packages' users do, and served from memory on 127.0.0.1 without compression. */

import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { build } from "vite";
import { bench, peers, root } from "./paths.mjs";
import { withoutZipMap } from "./zipmap.mjs";

const PAGES = ["steady", "first-predikt", "first-ort"];
const SITE = `${peers}/site`;
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".onnx": "application/octet-stream",
};

/** Bundles the pages into bench/.peers/site. */
export async function buildSite() {
  const { exports } = JSON.parse(await readFile(`${root}/package.json`, "utf8"));
  await build({
    configFile: false,
    logLevel: "error",
    root: `${bench}/page`,
    cacheDir: `${peers}/.vite`,
    resolve: {
      alias: {
        predikt: `${root}/${exports["."].browser}`,
        // Its default entry for wasm without the GPU, with the glue inside; it fetches its wasm beside itself.
        "onnxruntime-web/wasm": `${peers}/node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs`,
      },
    },
    worker: { format: "es" },
    build: {
      outDir: SITE,
      emptyOutDir: true,
      target: "es2023",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 4096,
      rolldownOptions: { input: PAGES.map((page) => `${bench}/page/${page}.html`) },
    },
  });
}

/** The files to serve, by path: the built pages, and the models in both forms. */
async function siteFiles() {
  const files = new Map();
  for (const entry of await readdir(SITE, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = `${entry.parentPath}/${entry.name}`;
    files.set(path.slice(SITE.length), await readFile(path));
  }
  for (const name of ["iris", "digits"]) {
    const folder = `${root}/models/${name}/1`;
    const content = await readFile(`${folder}/model.onnx`);
    const { model, renamed } = withoutZipMap(content);
    const manifest = JSON.parse(await readFile(`${folder}/manifest.json`, "utf8"));
    const [label, probability] = manifest.signature.outputs.map((output) => output.name);
    const peer = {
      input: manifest.signature.inputs[0],
      label,
      probability: renamed.get(probability) ?? probability,
    };
    files.set(`/models/${name}.onnx`, content);
    files.set(`/models/${name}-tensors.onnx`, model);
    files.set(`/models/${name}.json`, Buffer.from(JSON.stringify(peer)));
    files.set(`/models/${name}-samples.json`, await readFile(`${folder}/samples.json`));
  }
  return files;
}

/** Serves the built site on a free port. */
export async function serveSite() {
  const files = await siteFiles();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://site");
    const body = files.get(pathname);
    const type = TYPES[extname(pathname)] ?? "application/octet-stream";
    response.writeHead(body ? 200 : 404, {
      "content-type": type,
      "content-length": body?.length ?? 0,
    });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}`,
    /** The file in bench/.peers/site that a URL stands for. */
    pathOf: (url) => `${SITE}${new URL(url).pathname}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
