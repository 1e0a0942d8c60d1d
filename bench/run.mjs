/**
 * Measures predikt beside onnxruntime-web and m2cgen's JavaScript, and its Worker beside Flask. README.md says what and how.
 *
 *   bench/run.sh [--only PART,…] [--models NAME,…] [--beside DIST] [--quick]     prepares, then runs this
 */

import { writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import * as browser from "./lib/browser.mjs";
import { chart } from "./lib/chart.mjs";
import { bytes } from "./lib/format.mjs";
import { measureLatency } from "./lib/latency.mjs";
import { measureMemory, measureNavigation } from "./lib/navigation.mjs";
import { measureNetworks } from "./lib/networks.mjs";
import { bench, peers } from "./lib/paths.mjs";
import { markdown } from "./lib/report.mjs";
import { measureServers } from "./lib/requests.mjs";
import { settingsOf } from "./lib/settings.mjs";
import { buildSite, networksThere, serveSite } from "./lib/site.mjs";
import { compressedSizes, describeDist } from "./lib/sizes.mjs";
import { judged } from "./lib/targets.mjs";

const PARTS = ["latency", "navigation", "memory", "networks", "sizes", "server"];

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    models: { type: "string" },
    beside: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
const parts = options.only?.split(",") ?? PARTS;
if (parts.some((part) => !PARTS.includes(part))) {
  console.error(`--only takes some of ${PARTS.join(",")}`);
  process.exit(2);
}
const models = options.models?.split(",");
const settings = settingsOf(options.quick);

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

const report = await measure();
say(`\n${markdown(report)}`);
const whole = !options.only && !models && !options.beside && !options.quick;
const folder = whole ? bench : peers;
await writeFile(`${folder}/results.json`, `${JSON.stringify(report, null, 2)}\n`);
await writeFile(`${folder}/results.md`, markdown(report));
await writeFile(`${folder}/results.svg`, chart(report));
say(`${folder}/results.json has all numbers; results.md and results.svg lie beside it.`);

export async function measure() {
  const measured = {
    date: new Date().toISOString(),
    processor: cpus()[0]?.model,
    processors: cpus().length,
    load: loadavg()[0],
    node: process.version,
    profile,
  };
  if (parts.some((part) => part !== "server")) Object.assign(measured, await measureInBrowser());
  if (parts.includes("server")) {
    const { rounds, seconds } = settings.requests;
    step(`POST /predict of one row, 16 connections, ${rounds} rounds of ${seconds} s each`);
    const { results, latency } = await measureServers(settings.requests, say);
    measured.server = { results: results.map(judged), latency };
  }
  return measured;
}

async function measureInBrowser() {
  step("bundling the pages");
  await buildSite(options.beside);
  const site = await serveSite();
  const chromium = await browser.launch();
  const measured = { chromium: chromium.version() };
  const visits = (rounds, throttled) =>
    measureNavigation(chromium, site.url, { rounds, throttled });
  try {
    if (parts.includes("latency")) {
      step("latency and load time, all in one page, one thread");
      const wanted = (name) => models?.includes(name) ?? true;
      const page = await measureLatency(chromium, site.url, settings, wanted, say);
      measured.onnxruntimeWeb = page.onnxruntimeWeb;
      measured.latency = page.results.map(judged);
    }
    if (parts.includes("navigation")) {
      step("navigations, each in a fresh browser context, without and with DevTools' throttling");
      const plain = await visits(settings.navigations, false);
      const throttled = await visits(settings.throttledNavigations, true);
      measured.navigation = [throttled.result, plain.result].map(judged);
      measured.fetched = throttled.fetched;
    }
    if (parts.includes("memory")) {
      step("memory");
      measured.memory = judged(await measureMemory(chromium, site.url, settings.memory));
    }
    if (parts.includes("networks")) {
      step("networks");
      const subjects = { networks: await networksThere(), beside: options.beside !== undefined };
      const results = await measureNetworks(chromium, site.url, subjects, settings.networks, say);
      measured.networks = results.map(judged);
    }
    if (parts.includes("sizes")) {
      step("compressing the wasm modules (kept for the next time)");
      const { fetched } = await visits(0, false);
      measured.sizes = await sizesOf(wasmOf(fetched.theirs).map(({ name }) => site.pathOf(name)));
    }
    return measured;
  } finally {
    await chromium.close();
    site.close();
  }
}

/** Bytes of dist/'s modules and of the one that onnxruntime-web's page fetched, and the greatest of each kind judged. */
async function sizesOf(peer) {
  const sizes = await compressedSizes([...modules.map(({ path }) => path), ...peer]);
  // Vite put a hash into the peer's name.
  const files = sizes.map((size) => ({
    ...size,
    name: size.name.replace(/-[\w-]{8}\.wasm$/, ".wasm"),
  }));
  const results = ["compact", "full"].flatMap((kind) => {
    const own = files.filter((_, i) => modules[i]?.kind === kind);
    if (own.length === 0) return [];
    const ours = Math.max(...own.map(({ gzip }) => gzip));
    return [judged({ id: `size.${kind}`, title: `${kind} wasm, gzip -9`, ours })];
  });
  return { files, results };
}

function wasmOf(fetched) {
  const found = fetched.filter(({ name }) => name.endsWith(".wasm"));
  if (found.length !== 1) throw new Error(`fetched ${found.length} wasm modules instead of one`);
  return found;
}
