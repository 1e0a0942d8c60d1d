/** The package in a plain page: an import map and no bundler. */

import { describe, it } from "node:test";
import { assertFolderPredicts } from "./support/browser.mjs";
import { freshApp } from "./support/packed.mjs";

describe("a plain page", () => {
  it("predicts", async () => {
    await assertFolderPredicts(await freshApp("page", { models: "models" }));
  });
});
