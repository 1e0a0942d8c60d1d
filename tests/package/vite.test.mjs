/** The package in an app of Vite. */

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { createServer } from "vite";
import { assertFolderPredicts, assertPagePredicts } from "./support/browser.mjs";
import { freshApp } from "./support/packed.mjs";
import { run } from "./support/run.mjs";

describe("an app of Vite, without any configuration,", () => {
  let app;

  before(async () => {
    app = await freshApp("vite", { models: "public/models" });
  });

  it("predicts when it is built", async () => {
    await run("vite", ["build"], { cwd: app });
    const assets = await readdir(join(app, "dist/assets"));
    assert.equal(assets.filter((name) => name.endsWith(".wasm")).length, 3);
    await assertFolderPredicts(join(app, "dist"));
  });

  it("predicts from the development server", async () => {
    const server = await createServer({
      root: app,
      configFile: false,
      logLevel: "error",
      server: { host: "127.0.0.1", port: 0, hmr: false },
    });
    try {
      await server.listen();
      await assertPagePredicts(`http://127.0.0.1:${server.httpServer.address().port}/`);
    } finally {
      await server.close();
    }
  });
});
