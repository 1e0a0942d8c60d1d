/** The package in Node: every version that is installed here. */

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { assertIris, rows } from "./support/iris.mjs";
import { freshApp } from "./support/packed.mjs";
import { onPath } from "./support/paths.mjs";
import { run } from "./support/run.mjs";

const nodes = await Promise.all(
  onPath("node").map(async (path) => ({
    path,
    version: (await run(path, ["--version"], { cwd: "/" })).trim(),
  })),
);

/** Since when `require` takes modules. */
function requires(version) {
  const [major, minor] = version.slice(1).split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
}

describe("an app in Node", () => {
  let app;

  before(async () => {
    app = await freshApp("node", { models: "models" });
  });

  for (const { path, version } of nodes) {
    it(`${version} predicts, inline and in a thread`, async () => {
      const printed = await run(path, ["predict.js"], { cwd: app, input: JSON.stringify(rows) });
      const { inline, worker } = JSON.parse(printed);
      assertIris(inline);
      assertIris(worker);
    });

    it(`${version} predicts from CommonJS`, { skip: !requires(version) }, async () => {
      const printed = await run(path, ["require.cjs"], { cwd: app });
      assert.equal(printed, "[0]\n");
    });
  }
});
