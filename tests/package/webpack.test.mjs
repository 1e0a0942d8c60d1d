/** The package in an app of webpack. */

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assertFolderPredicts } from "./support/browser.mjs";
import { freshApp } from "./support/packed.mjs";
import { run } from "./support/run.mjs";

describe("an app of webpack", () => {
  it("predicts", async () => {
    const app = await freshApp("webpack", { models: "public/models" });
    await run("webpack-cli", ["build"], { cwd: app });
    const built = await readdir(join(app, "public"));
    assert.equal(built.filter((name) => name.endsWith(".wasm")).length, 3);
    await assertFolderPredicts(join(app, "public"));
  });
});
