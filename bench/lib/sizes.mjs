/** Bytes of wasm modules: raw and compressed; and what profile built them. */

import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { dist, peers } from "./paths.mjs";

const CACHE = `${peers}/sizes.json`;

/**
 * Raw, gzip -9 and brotli -q 11 bytes of files. Compressing that hard takes long, so what a file's hash once gave is kept.
 *
 * @param {string[]} paths
 */
export async function compressedSizes(paths) {
  const known = JSON.parse(await readFile(CACHE, "utf8").catch(() => "{}"));
  const sizes = await Promise.all(
    paths.map(async (path) => {
      const content = await readFile(path);
      const hash = createHash("sha256").update(content).digest("hex");
      known[hash] ??= await compress(content);
      return { name: basename(path), raw: content.length, ...known[hash] };
    }),
  );
  await writeFile(CACHE, JSON.stringify(known));
  return sizes;
}

async function compress(content) {
  const [zipped, brotli] = await Promise.all([
    promisify(gzip)(content, { level: 9 }),
    promisify(brotliCompress)(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_LGWIN]: 24,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
  ]);
  return { gzip: zipped.length, brotli: brotli.length };
}

/**
 * The modules in dist/, and what profile they were built with: the release's are stripped of their producers section.
 * `kind` is what the name says: compact or full.
 */
export async function describeDist() {
  const names = (await readdir(dist).catch(() => []))
    .filter((name) => /^predikt_.*\.wasm$/.test(name))
    .sort();
  if (names.length === 0) {
    throw new Error("dist/ has no modules: run make build (or make run) first");
  }
  const modules = [];
  for (const name of names) {
    const path = `${dist}/${name}`;
    const content = await readFile(path);
    const kind = name.startsWith("predikt_compact") ? "compact" : "full";
    modules.push({ name, path, kind, raw: content.length, sections: customSections(content) });
  }
  const stripped = modules.every(({ sections }) => !sections.includes("producers"));
  return { profile: stripped ? "release" : "fast", modules };
}

/** Names of a wasm module's custom sections. @param {Uint8Array} wasm */
function customSections(wasm) {
  const names = [];
  let at = 8;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = wasm[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < wasm.length) {
    const id = wasm[at++];
    const length = varint();
    const end = at + length;
    if (id === 0) {
      const nameLength = varint();
      names.push(new TextDecoder().decode(wasm.subarray(at, at + nameLength)));
    }
    at = end;
  }
  return names;
}
