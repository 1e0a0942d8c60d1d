/** A release's modules are as large as scripts/sizes.json has them, and 3 % at most. */

import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

type Sizes = Readonly<Record<string, { readonly raw: number; readonly gzip: number }>>;

const root = new URL("../", import.meta.url);
const figures = new URL("scripts/sizes.json", root);
const MODULES = ["predikt_compact.wasm", "predikt_full.wasm", "predikt_full_relaxed.wasm"];
const TOLERANCE = 1.03;

/** Only builds that are not released have the functions' names. */
function isRelease(bytes: Buffer<ArrayBuffer>): boolean {
  return WebAssembly.Module.customSections(new WebAssembly.Module(bytes), "name").length === 0;
}

/** A machine that cannot compile the standard library links the precompiled one, with its texts of panics. */
function hasPlainStandardLibrary(bytes: Buffer<ArrayBuffer>): boolean {
  return bytes.includes("called `Option::unwrap()` on a `None` value");
}

describe("the size of", () => {
  it.for(MODULES)("%s", (name, { skip }) => {
    const bytes = readFileSync(new URL(`dist/${name}`, root));
    if (!isRelease(bytes)) skip("a fast build: `make build` makes the release");
    if (hasPlainStandardLibrary(bytes)) skip("a release without rust-src, which is larger");
    const sizes = existsSync(figures) ? (JSON.parse(readFileSync(figures, "utf8")) as Sizes) : {};
    const figure = sizes[name];
    if (figure === undefined) throw new Error(`${name} has no figure: \`make build\` writes it.`);
    expect(bytes.length).toBeLessThanOrEqual(figure.raw * TOLERANCE);
    expect(gzipSync(bytes, { level: 9 }).length).toBeLessThanOrEqual(figure.gzip * TOLERANCE);
  });
});
