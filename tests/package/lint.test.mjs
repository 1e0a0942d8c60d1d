/** The package under the eyes of publint and Are The Types Wrong. */

import { describe, it } from "node:test";
import { packed } from "./support/packed.mjs";
import { root } from "./support/paths.mjs";
import { run } from "./support/run.mjs";

describe("the package is clean", () => {
  it("for publint", async () => {
    const { path } = await packed();
    await run("publint", ["run", path, "--strict"], { cwd: root });
  });

  it("for attw", async () => {
    const { path } = await packed();
    const profile = ["--profile", "esm-only", "--no-definitely-typed", "--format", "ascii"];
    // Modules of WebAssembly have no types.
    const modules = ["compact", "full", "full_relaxed"].map((name) => `predikt_${name}.wasm`);
    const entries = ["--exclude-entrypoints", ...modules];
    await run("attw", [path, ...profile, ...entries], { cwd: root });
  });
});
