/** `predikt/slim` in bundles of esbuild, with the engine placed by hand. */

import assert from "node:assert/strict";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { assertFolderPredicts } from "./support/browser.mjs";
import { assertIris, rows } from "./support/iris.mjs";
import { freshApp } from "./support/packed.mjs";
import { run } from "./support/run.mjs";

describe("an app of esbuild with predikt/slim", () => {
  let app;
  let site;

  before(async () => {
    app = await freshApp("slim", { models: "site/models" });
    site = join(app, "site");
    const dist = join(app, "node_modules/predikt/dist");
    await mkdir(join(site, "engine"));
    await cp(join(dist, "predikt_compact.wasm"), join(site, "engine/compact.wasm"));
    await cp(join(dist, "predikt_full.wasm"), join(site, "engine/simd.wasm"));
    await cp(join(dist, "predikt_full_relaxed.wasm"), join(site, "engine/relaxed.wasm"));
    await cp(join(app, "index.html"), join(site, "index.html"));
    const bundle = ["--bundle", "--minify", "--format=esm"];
    await run("esbuild", ["main.js", ...bundle, `--outfile=${site}/main.js`], { cwd: app });
    const script = join(dist, "worker.js");
    await run("esbuild", [script, ...bundle, `--outfile=${site}/engine/worker.js`], { cwd: app });
    const forNode = [...bundle, "--platform=node", `--outfile=${site}/predict.js`];
    await run("esbuild", ["predict.js", ...forNode], { cwd: app });
  });

  it("never names a module of the package", async () => {
    assert.doesNotMatch(await readFile(join(site, "main.js"), "utf8"), /predikt_\w+\.wasm/);
  });

  it("predicts in a page", async () => {
    const asked = await assertFolderPredicts(site);
    assert.ok(asked.includes("/engine/worker.js"));
  });

  it("predicts in Node", async () => {
    await writeFile(join(site, "package.json"), '{ "type": "module" }');
    const input = JSON.stringify(rows);
    assertIris(JSON.parse(await run("node", ["predict.js"], { cwd: site, input })));
  });
});
