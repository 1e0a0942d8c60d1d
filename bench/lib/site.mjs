/** The pages: bundled by Vite, as both packages' users do, and served from memory on 127.0.0.1. */

import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { basename, dirname, extname, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { bench, peers, root } from "./paths.mjs";
import { withoutZipMap } from "./zipmap.mjs";

const PAGES = ["steady", "first-predikt", "first-ort"];
const SITE = `${peers}/site`;
const MODELS = `${peers}/models`;
const NETWORKS = `${peers}/networks`;
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".onnx": "application/octet-stream",
};

/**
 * Bundles the pages into bench/.peers/site.
 *
 * @param {string | undefined} beside the dist/ of another build of predikt
 */
export async function buildSite(beside) {
  const { exports } = JSON.parse(await readFile(`${root}/package.json`, "utf8"));
  const entry = resolve(root, exports["."].browser);
  await build({
    configFile: false,
    logLevel: "error",
    root: `${bench}/page`,
    cacheDir: `${peers}/.vite`,
    resolve: {
      alias: {
        predikt: entry,
        "predikt-beside": beside
          ? resolve(beside, basename(dirname(entry)), basename(entry))
          : entry,
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

/** The files to serve, by path: the built pages, the models for both engines, and the networks. */
async function siteFiles() {
  const files = new Map();
  for (const entry of await readdir(SITE, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = `${entry.parentPath}/${entry.name}`;
    files.set(path.slice(SITE.length), await readFile(path));
  }
  const iris = await readFile(`${root}/models/iris/1/model.onnx`);
  files.set("/models/iris.onnx", iris);
  files.set("/models/iris.peer.onnx", withoutZipMap(iris));
  for (const name of await namesIn(MODELS)) await addModel(files, name);
  for (const name of await namesIn(NETWORKS)) {
    files.set(`/networks/${name}.onnx`, await readFile(`${NETWORKS}/${name}.onnx`));
    files.set(`/networks/${name}.json`, await readFile(`${NETWORKS}/${name}.json`));
  }
  return files;
}

/** One of models.py's: as it is, for onnxruntime-web, what to ask of it, and m2cgen's code where there is some. */
async function addModel(files, name) {
  const optional = (file) => readFile(`${MODELS}/${file}`).catch(() => undefined);
  const model = await readFile(`${MODELS}/${name}.onnx`);
  const described = JSON.parse(await readFile(`${MODELS}/${name}.json`, "utf8"));
  const peer = (await optional(`${name}.peer.onnx`)) ?? model;
  const code = await optional(`${name}.m2cgen.js`);
  if (code) {
    described.code = `/models/${name}.m2cgen.js`;
    files.set(described.code, code);
  }
  files.set(`/models/${name}.onnx`, model);
  files.set(`/models/${name}.peer.onnx`, withoutZipMap(peer));
  files.set(`/models/${name}.json`, Buffer.from(JSON.stringify(described)));
}

/** Names of the models in a folder. @param {string} folder */
async function namesIn(folder) {
  return (await readdir(folder).catch(() => []))
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .sort();
}

/** The networks' names and titles. */
export async function networksThere() {
  const names = await namesIn(NETWORKS);
  return Promise.all(
    names.map(async (name) => {
      const { title } = JSON.parse(await readFile(`${NETWORKS}/${name}.json`, "utf8"));
      return { name, title };
    }),
  );
}

/** Serves the built site on a free port; what compresses is sent as gzip -9 made before. */
export async function serveSite() {
  const files = await siteFiles();
  const zipped = new Map();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://site");
    const body = files.get(pathname);
    if (!body) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(pathname)] ?? "application/octet-stream";
    const accepted = /\bgzip\b/.test(String(request.headers["accept-encoding"]));
    if (accepted && !zipped.has(pathname)) zipped.set(pathname, gzipSync(body, { level: 9 }));
    const sent = accepted ? zipped.get(pathname) : body;
    response.writeHead(200, {
      "content-type": type,
      "content-length": sent.length,
      ...(accepted && { "content-encoding": "gzip" }),
    });
    response.end(sent);
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
