/** The package in a Worker: bundled by wrangler, run by workerd. */

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createTestHarness } from "wrangler";
import * as digits from "./support/digits.mjs";
import { assertIris, rows } from "./support/iris.mjs";
import { freshApp } from "./support/packed.mjs";
import { beQuiet, run } from "./support/run.mjs";

/** What Cloudflare takes of a Worker, uncompressed. */
const MAX_WORKER_BYTES = 64 * 1024 * 1024;

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

  it("is bundled with both engines, within what a Worker may have, and without settings", async (t) => {
    const printed = await run("wrangler", ["deploy", "--dry-run", "--outdir", "bundle"], {
      cwd: app,
    });
    t.diagnostic(/Total Upload.*/.exec(printed)?.[0] ?? "no size was printed");
    const files = await readdir(join(app, "bundle"));
    const modules = files.filter((name) => name.endsWith(".wasm"));
    const names = modules.map((name) => /predikt_\w+\.wasm$/.exec(name)?.[0]);
    assert.deepEqual(names.sort(), ["predikt_compact.wasm", "predikt_full_relaxed.wasm"]);
    const sizes = files
      .filter((name) => /\.(js|wasm)$/.test(name))
      .map((name) => statSync(join(app, "bundle", name)).size);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(total < MAX_WORKER_BYTES, `${total} bytes`);
  });

  it("predicts over HTTP", async () => {
    const one = await ask({ features: [5.1, 3.5, 1.4, 0.2] });
    const many = await ask({ features: rows });
    assert.deepEqual([one.status, many.status], [200, 200]);
    assertIris({ one: one.answer, many: many.answer });
  });

  it("predicts with the full engine too", async () => {
    const { status, answer } = await ask({ pixels: digits.rows });
    assert.equal(status, 200);
    assert.deepEqual(answer.prediction, digits.prediction);
  });

  it("says that there are no threads", async () => {
    const { status, answer } = await ask({ features: [5.1, 3.5, 1.4, 0.2], thread: "worker" });
    assert.equal(status, 400);
    assert.equal(answer.code, "ENGINE_UNSUPPORTED");
  });
});
