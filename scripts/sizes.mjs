// Prints raw, gzip -9 and brotli -q11 bytes of every artefact in dist/, and of its JavaScript.
//
// The modules of a release are held to the figures in sizes.json: one that is new or more than 1 % smaller is written there, one
// that is more than 3 % larger is an error, unless --accept says that it is meant to be.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);

function sizes(parts) {
  const bytes = Buffer.concat(parts);
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }).length,
  };
}

const files = readdirSync(dist, { recursive: true }).map(String).sort();
const rows = files
  .filter((name) => name.endsWith(".wasm"))
  .map((name) => [name, sizes([readFileSync(new URL(name, dist))])]);
const scripts = files.filter((name) => name.endsWith(".js"));
rows.push([
  `${scripts.length} JavaScript modules`,
  sizes(scripts.map((name) => readFileSync(new URL(name, dist)))),
]);

const number = (value) => value.toLocaleString("en").padStart(12);
console.log(
  `${"bytes".padEnd(30)}${["raw", "gzip -9", "brotli"].map((h) => h.padStart(12)).join("")}`,
);
for (const [name, { raw, gzip, brotli }] of rows) {
  console.log(`${name.padEnd(30)}${number(raw)}${number(gzip)}${number(brotli)}`);
}

const file = new URL("sizes.json", import.meta.url);
const figures = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
const grown = [];
for (const [name, { raw, gzip }] of rows) {
  if (!name.endsWith(".wasm")) continue;
  // What only a release has lost: the functions' names.
  const module = new WebAssembly.Module(readFileSync(new URL(name, dist)));
  if (WebAssembly.Module.customSections(module, "name").length > 0) continue;
  const known = figures[name];
  const ratio = known ? Math.max(raw / known.raw, gzip / known.gzip) : 0;
  if (ratio > 1.03) grown.push(`${name} is ${((ratio - 1) * 100).toFixed(1)} % larger`);
  if (ratio < 0.99 || process.argv.includes("--accept")) figures[name] = { raw, gzip };
}
const sorted = Object.fromEntries(Object.entries(figures).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`);
if (grown.length > 0 && !process.argv.includes("--accept")) {
  console.error(
    `${grown.join(", ")} than scripts/sizes.json has it. If that is meant to be: node scripts/sizes.mjs --accept`,
  );
  process.exitCode = 1;
}
