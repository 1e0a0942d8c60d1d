// Prints raw, gzip -9 and brotli -q11 bytes of every artefact in dist/, and of each entry's JavaScript.
import { readdirSync, readFileSync } from "node:fs";
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
