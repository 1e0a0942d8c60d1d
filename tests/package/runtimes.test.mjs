/**
 * The package in Deno and Bun, when they are asked for:
 *
 *     PREDIKT_RUNTIMES=deno,bun node --test tests/package/runtimes.test.mjs
 *
 * One that is not installed comes from npm, into a folder that goes afterwards.
 */

import { join } from "node:path";
import { before, describe, it } from "node:test";
import { assertIris, rows } from "./support/iris.mjs";
import { freshApp, freshFolder } from "./support/packed.mjs";
import { onPath } from "./support/paths.mjs";
import { run } from "./support/run.mjs";

const RUNTIMES = {
  deno: ["run", "--allow-read", "--node-modules-dir=manual", "predict.js"],
  bun: ["run", "predict.js"],
};

const asked = (process.env.PREDIKT_RUNTIMES ?? "").split(",").filter((name) => name !== "");

async function command(runtime) {
  const [installed] = onPath(runtime);
  if (installed !== undefined) return installed;
  const folder = await freshFolder(runtime);
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline"];
  await run("npm", ["install", "--prefix", folder, ...quiet, runtime], {
    cwd: folder,
    timeout: 300_000,
  });
  return join(folder, "node_modules/.bin", runtime);
}

for (const runtime of asked) {
  describe(`an app in ${runtime}`, () => {
    let app;

    before(async () => {
      app = await freshApp("node", { models: "models", name: `in-${runtime}` });
    });

    it("predicts, inline and in a thread", async (t) => {
      const args = RUNTIMES[runtime];
      if (args === undefined) throw new Error(`PREDIKT_RUNTIMES knows ${Object.keys(RUNTIMES)}`);
      const path = await command(runtime);
      t.diagnostic((await run(path, ["--version"], { cwd: app })).trim());
      const printed = await run(path, args, { cwd: app, input: JSON.stringify(rows) });
      const { inline, worker } = JSON.parse(printed);
      assertIris(inline);
      assertIris(worker);
    });
  });
}
