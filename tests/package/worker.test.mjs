/** The package in a Worker: bundled by wrangler, run by workerd. */

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createTestHarness } from "wrangler";
import { assertIris, rows } from "./support/iris.mjs";
import { freshApp } from "./support/packed.mjs";
import { beQuiet, run } from "./support/run.mjs";

beQuiet();

describe("a Worker", () => {
  let app;
  let server;

  before(async () => {
    app = await freshApp("worker", { models: "assets/models" });
    server = createTestHarness({ workers: [{ configPath: join(app, "wrangler.jsonc") }] });
    await server.listen();
  });

  after(() => server?.close());

  async function ask(body) {
    const response = await server.fetch("/", { method: "POST", body: JSON.stringify(body) });
    return { status: response.status, answer: await response.json() };
  }

  it("is bundled with one engine, and without settings", async (t) => {
    const printed = await run("wrangler", ["deploy", "--dry-run", "--outdir", "bundle"], {
      cwd: app,
    });
    t.diagnostic(/Total Upload.*/.exec(printed)?.[0] ?? "no size was printed");
    const modules = (await readdir(join(app, "bundle"))).filter((name) => name.endsWith(".wasm"));
    assert.equal(modules.length, 1, String(modules));
    assert.match(modules[0], /predikt_full_relaxed\.wasm$/);
  });

  it("predicts over HTTP", async () => {
    const one = await ask({ features: [5.1, 3.5, 1.4, 0.2] });
    const many = await ask({ features: rows });
    assert.deepEqual([one.status, many.status], [200, 200]);
    assertIris({ one: one.answer, many: many.answer });
  });

  it("says that there are no threads", async () => {
    const { status, answer } = await ask({ features: [5.1, 3.5, 1.4, 0.2], thread: "worker" });
    assert.equal(status, 400);
    assert.equal(answer.code, "ENGINE_UNSUPPORTED");
  });
});
