/** What is in the tarball: everything that is needed, and nothing else. */

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { freshFolder, packed } from "./support/packed.mjs";
import { root } from "./support/paths.mjs";
import { run } from "./support/run.mjs";

const BESIDE_DIST = [
  "CHANGELOG.md",
  "LICENSE-APACHE",
  "LICENSE-MIT",
  "README.md",
  "SECURITY.md",
  "package.json",
];
const ENGINE = [
  "dist/predikt_compact.d.ts",
  "dist/predikt_compact.js",
  "dist/predikt_compact.wasm",
  "dist/predikt_full.d.ts",
  "dist/predikt_full.js",
  "dist/predikt_full.wasm",
  "dist/predikt_full_relaxed.wasm",
];

/** What each source file in js/ becomes. Tests, what they share, and declarations are not emitted. */
async function emitted() {
  const sources = await readdir(join(root, "js"), { recursive: true });
  return sources
    .filter((path) => path.endsWith(".ts") && !/(\.d|\.test|\.config)\.ts$/.test(path))
    .filter((path) => !/^(testing|node_modules)\//.test(path))
    .map((path) => path.slice(0, -".ts".length))
    .flatMap((path) => [`dist/${path}.js`, `dist/${path}.d.ts`]);
}

/** Every path that `exports` names. */
function targets(exports) {
  return typeof exports === "string" ? [exports] : Object.values(exports).flatMap(targets);
}

const kB = (bytes) => `${Math.round(bytes / 1000)} kB`;

describe("the tarball", () => {
  it("holds the engine, the emitted sources and the papers, and nothing else", async (t) => {
    const { files, size, unpackedSize } = await packed();
    t.diagnostic(`packed ${kB(size)}, unpacked ${kB(unpackedSize)}, ${files.length} files`);
    for (const { path, size } of files) {
      if (path.endsWith(".wasm")) t.diagnostic(`${path} ${kB(size)}`);
    }
    const expected = [...BESIDE_DIST, ...ENGINE, ...(await emitted())];
    assert.deepEqual(files.map(({ path }) => path).sort(), expected.sort());
  });

  it("has what its package.json names, and depends on nothing", async () => {
    const { files } = await packed();
    const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const paths = files.map(({ path }) => `./${path}`);
    for (const target of [...targets(manifest.exports), manifest.types]) {
      assert.ok(paths.includes(target), `${target} is missing`);
    }
    for (const kind of ["dependencies", "peerDependencies", "optionalDependencies"]) {
      assert.equal(manifest[kind], undefined);
    }
    const scripts = Object.keys(manifest.scripts ?? {});
    const atInstall = ["preinstall", "install", "postinstall"];
    assert.deepEqual(
      scripts.filter((name) => atInstall.includes(name)),
      [],
      "nothing runs when the package is installed",
    );
  });

  it("names no folder of the machine that built it", async () => {
    const { path } = await packed();
    const folder = await freshFolder("unpacked");
    await run("tar", ["-xzf", path, "-C", folder], { cwd: folder });
    for (const file of await readdir(folder, { recursive: true })) {
      if (!/\.(js|ts|json|wasm)$/.test(file)) continue;
      const text = await readFile(join(folder, file), "latin1");
      assert.ok(!text.includes(root), file);
      assert.ok(!text.includes("/registry/src/"), file);
      assert.doesNotMatch(text, /sourceMappingURL/, file);
    }
  });
});
