// Prints raw, gzip -9 and brotli -q11 bytes of every artefact in dist/, and of its JavaScript.
//
// The modules of a release are held to the figures in sizes.json: one that is new or more than 1 % smaller is written there, one
// that is more than 3 % larger is an error, unless --accept says that it is meant to be.
//   node scripts/sizes.mjs --check MODULE…   holds these modules to the figures, and writes nothing
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const TOLERANCE = 1.03;
const [option, ...modules] = process.argv.slice(2);
const checks = option === "--check";

function sizes(bytes) {
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, {
      params: {
        // The last level takes half a minute, which nobody waits for where nothing is printed.
        [constants.BROTLI_PARAM_QUALITY]: checks ? 1 : 11,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }).length,
  };
}

/**
 * Whether a module is as it is shipped: a fast build has the functions' names, one of a machine without rust-src
 * the standard library's texts of panics.
 */
function isRelease(bytes) {
  if (WebAssembly.Module.customSections(new WebAssembly.Module(bytes), "name").length > 0)
    return false;
  return !bytes.includes("called `Option::unwrap()` on a `None` value");
}

function print(rows) {
  const number = (value) => value.toLocaleString("en").padStart(12);
  const titles = ["raw", "gzip -9", "brotli"].map((title) => title.padStart(12)).join("");
  console.log(`${"bytes".padEnd(30)}${titles}`);
  for (const [name, { raw, gzip, brotli }] of rows) {
    console.log(`${name.padEnd(30)}${number(raw)}${number(gzip)}${number(brotli)}`);
  }
}

function inDist(extension) {
  const dist = new URL("../dist/", import.meta.url);
  const names = readdirSync(dist, { recursive: true }).map(String).sort();
  return names.filter((name) => name.endsWith(extension)).map((name) => new URL(name, dist));
}

const files = checks ? modules : inDist(".wasm");
const read = files.map((file) => [basename(String(file)), readFileSync(file)]);
const rows = read.map(([name, bytes]) => [name, sizes(bytes)]);
if (!checks) {
  const scripts = inDist(".js");
  const all = Buffer.concat(scripts.map((file) => readFileSync(file)));
  print([...rows, [`${scripts.length} JavaScript modules`, sizes(all)]]);
}

const figuresFile = new URL("sizes.json", import.meta.url);
const figures = existsSync(figuresFile) ? JSON.parse(readFileSync(figuresFile, "utf8")) : {};
const faults = [];
for (const [index, [name, { raw, gzip }]] of rows.entries()) {
  if (!isRelease(read[index][1])) {
    if (checks) console.log(`    ${name}: not held to its size, this machine cannot link it small`);
    continue;
  }
  const known = figures[name];
  if (checks && known === undefined) faults.push(`${name} has no figure`);
  const ratio = known ? Math.max(raw / known.raw, gzip / known.gzip) : 0;
  if (ratio > TOLERANCE) faults.push(`${name} is ${((ratio - 1) * 100).toFixed(1)} % larger`);
  if (ratio < 0.99 || option === "--accept") figures[name] = { raw, gzip };
  if (checks && known)
    console.log(
      `    ${name}: gzip -9 ${gzip} bytes, ${((ratio - 1) * 100).toFixed(1)} % more than noted`,
    );
}
if (!checks) {
  const sorted = Object.fromEntries(Object.entries(figures).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(figuresFile, `${JSON.stringify(sorted, null, 2)}\n`);
}
if (faults.length > 0 && option !== "--accept") {
  console.error(
    `${faults.join(", ")} (scripts/sizes.json). If that is meant to be: make build, then node scripts/sizes.mjs --accept`,
  );
  process.exitCode = 1;
}
