/**
 * Measures predikt beside onnxruntime-web, and its Worker beside Flask. README.md says what and how.
 *
 *   bench/run.sh [--only page|server]     prepares, then runs this
 */

import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import * as browser from "./lib/browser.mjs";
import { bytes, ratio, table } from "./lib/format.mjs";
import { bench } from "./lib/paths.mjs";
import * as requests from "./lib/requests.mjs";
import { buildSite, serveSite } from "./lib/site.mjs";
import { compressedSizes, describeDist } from "./lib/sizes.mjs";

const { only } = parseArgs({ options: { only: { type: "string" } } }).values;
if (only !== undefined && only !== "page" && only !== "server") {
  console.error("--only takes page or server");
  process.exit(2);
}

// A run that is ended from outside ends its servers and browser too.
process.once("SIGTERM", () => process.exit(143));

const say = (text) => console.log(text);
const step = (text) => console.log(`\n\x1b[1m==>\x1b[0m ${text}`);

const { profile, modules } = await describeDist().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
step(`dist/ holds a ${profile} build`);
for (const { name, raw } of modules) say(`${name}: ${bytes(raw)} bytes`);
if (profile !== "release") say("It is not the one to judge by: make build makes that.");

const report = {
  date: new Date().toISOString(),
  processor: cpus()[0]?.model,
  processors: cpus().length,
  node: process.version,
  profile,
};
if (only !== "server") report.page = await measureInBrowser();
if (only !== "page") {
  step("Worker and Flask: POST /predict of one row, 16 connections, 5 rounds of 3 s each");
  const { rows, ...rest } = await requests.measureServers(say);
  say(`\n${table(requests.HEAD, rows)}`);
  report.server = rest;
}
await writeFile(`${bench}/results.json`, `${JSON.stringify(report, null, 2)}\n`);
say("\nAll numbers: bench/results.json");

async function measureInBrowser() {
  step("bundling the pages");
  await buildSite();
  const site = await serveSite();
  const chromium = await browser.launch();
  try {
    step(`one page of Chromium ${chromium.version()}, one thread`);
    const page = await browser.measurePage(chromium, site.url, say);
    step("navigations, each in a fresh browser context");
    const navigation = await browser.measureNavigation(chromium, site.url);
    say(`\n${table(browser.HEAD, [...page.rows, ...navigation.rows])}`);
    step("compressing the wasm modules (kept for the next time)");
    const fetched = wasmOf(navigation.fetched.theirs).map(({ name }) => site.pathOf(name));
    const sizes = await compressedSizes([...modules.map(({ path }) => path), ...fetched]);
    printSizes(sizes);
    return {
      chromium: chromium.version(),
      onnxruntimeWeb: page.ort,
      results: { ...page.results, ...navigation.results },
      fetched: navigation.fetched,
      sizes,
    };
  } finally {
    await chromium.close();
    site.close();
  }
}

function printSizes(sizes) {
  const peer = sizes.at(-1);
  const cell = (size, form) =>
    size === peer ? bytes(size[form]) : `${bytes(size[form])} (${ratio(size[form] / peer[form])})`;
  // Vite put a hash into the peer's name.
  const rows = sizes.map((size) => [
    size === peer ? size.name.replace(/-[\w-]{8}\.wasm$/, ".wasm") : size.name,
    ...["raw", "gzip", "brotli"].map((form) => cell(size, form)),
  ]);
  say(`\n${table(["bytes", "raw", "gzip -9", "brotli 11"], rows)}`);
}

function wasmOf(fetched) {
  const found = fetched.filter(({ name }) => name.endsWith(".wasm"));
  if (found.length !== 1) throw new Error(`fetched ${found.length} wasm modules instead of one`);
  return found;
}
