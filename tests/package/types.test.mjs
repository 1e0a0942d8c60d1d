/** The package's declarations in strict TypeScript, itself checked too, as each kind of project sees them. */

import { join } from "node:path";
import { before, describe, it } from "node:test";
import { freshApp } from "./support/packed.mjs";
import { root } from "./support/paths.mjs";
import { run } from "./support/run.mjs";

const PROJECTS = {
  bundler: "a page, by moduleResolution bundler",
  nodenext: "Node, by moduleResolution nodenext",
  worker: "a Worker, without the DOM",
};

describe("the declarations are right for", () => {
  let app;

  before(async () => {
    app = await freshApp("types");
  });

  for (const [project, title] of Object.entries(PROJECTS)) {
    it(title, async () => {
      const folders = ["node_modules/@types", "node_modules"].map((path) => join(root, path));
      const args = ["-p", `tsconfig.${project}.json`, "--typeRoots", folders.join(",")];
      await run("tsc", args, { cwd: app });
    });
  }
});
