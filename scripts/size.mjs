// What weighs what in a wasm module that still has its names: node scripts/size.mjs module.wasm [rows]
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const [file, rows = "40"] = process.argv.slice(2);
const bytes = readFileSync(file);
let at = 8;

function number() {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return value;
  }
}

function text() {
  const length = number();
  at += length;
  return bytes.toString("utf8", at - length, at);
}

/** Sections by number; custom ones by name. */
const sections = new Map();
while (at < bytes.length) {
  const kind = bytes[at++];
  const length = number();
  const end = at + length;
  const name = kind === 0 ? text() : kind;
  sections.set(name, { start: at, end });
  at = end;
}

let imported = 0;
const imports = sections.get(2);
if (imports) {
  at = imports.start;
  for (let left = number(); left > 0; left--) {
    text();
    text();
    const kind = bytes[at++];
    if (kind === 0) {
      number();
      imported++;
    } else if (kind === 3) at += 2;
    else {
      if (kind === 1) at++;
      const limits = bytes[at++];
      number();
      if (limits & 1) number();
    }
  }
}

/** Where each function's body is. */
const bodies = [];
at = sections.get(10).start;
for (let left = number(); left > 0; left--) {
  const length = number();
  bodies.push([at, at + length]);
  at += length;
}

const names = new Map();
const section = sections.get("name");
if (!section) throw new Error(`${file} has no names: scripts/size.sh makes one that has`);
at = section.start;
while (at < section.end) {
  const kind = bytes[at++];
  const length = number();
  const end = at + length;
  if (kind === 1) for (let left = number(); left > 0; left--) names.set(number(), text());
  at = end;
}

/** `predikt::ops::math::cast::f[0123]` for `<predikt::ops::math::cast::Cast as …>::f`: the path that says whose code it is. */
function path(name) {
  const self = name.replace(/^<&?(?:mut )?/, "");
  const own = /predikt(?:\[[0-9a-f]+\])?::[\w:]+/.exec(name);
  if (own && !/^(?:js_sys|wasm_bindgen|serde|dlmalloc)/.test(self))
    return own[0].replace(/\[[0-9a-f]+\]/, "");
  return /[\w:]+/.exec(self)?.[0] ?? name;
}

const sums = new Map();
function add(table, key, size) {
  sums.get(table)?.set(key, (sums.get(table).get(key) ?? 0) + size) ??
    sums.set(table, new Map([[key, size]]));
}

bodies.forEach(([start, end], index) => {
  const name = (names.get(index + imported) ?? `function ${index}`)
    .replace(/\[[0-9a-f]{16}\]/g, "")
    .replace(/::h[0-9a-f]{16}$/, "");
  const parts = path(name).split("::");
  add("crates", parts[0], end - start);
  if (parts[0] === "predikt") {
    add("rooms", parts.slice(0, parts[1] === "ops" ? 3 : 2).join("::"), end - start);
    add("modules", parts.slice(0, parts[1] === "ops" ? 4 : 3).join("::"), end - start);
  }
  add("functions", name, end - start);
});

const kilobytes = (size) => (size / 1024).toFixed(1).padStart(9);
const part = (number) => {
  const section = sections.get(number);
  return section ? bytes.subarray(section.start, section.end) : Buffer.alloc(0);
};
console.log("      raw     gzip  KB");
for (const [name, number] of [
  ["code", 10],
  ["data", 11],
  ["elements", 9],
]) {
  const content = part(number);
  console.log(
    `${kilobytes(content.length)}${kilobytes(gzipSync(content, { level: 9 }).length)}  ${name}`,
  );
}
for (const [table, entries] of sums) {
  console.log(`\n${table}`);
  const sorted = [...entries].sort((a, b) => b[1] - a[1]);
  for (const [name, size] of sorted.slice(0, Number(rows)))
    console.log(`${kilobytes(size)}  ${name.slice(0, 150)}`);
}
