import { describe, expect, it } from "vitest";
import { fakeBytes } from "./testing/fake.js";
import { failureOf, fakeLoader } from "./testing/loader.js";
import type { LoadOptions } from "./types.js";

const BYTES = fakeBytes({});

describe("options", () => {
  it.each<[string, unknown]>([
    ["options", 5],
    ["options", null],
    ["options", []],
    ["integrty", { integrty: "sha256-x" }],
    ["integrity", { integrity: "" }],
    ["integrity", { integrity: 5 }],
    ["onProgress", { onProgress: true }],
    ["signal", { signal: {} }],
    ["fetch", { fetch: "https://x" }],
    ["cache", { cache: 5 }],
    ["cache", { cache: {} }],
    ["limits", { limits: 5 }],
    ["limits.maxBytes", { limits: { maxBytes: -1 } }],
    ["limits.maxNodes", { limits: { maxNodes: 0 } }],
    ["limits.maxRank", { limits: { maxRank: 1.5 } }],
    ["limits.maxElements", { limits: { maxElements: Number.NaN } }],
    ["limits.maxBites", { limits: { maxBites: 5 } }],
    ["engine", { engine: "onnxruntime" }],
    ["thread", { thread: "main" }],
    ["planCache", { planCache: 0 }],
    ["classes", { classes: [] }],
    ["classes", { classes: [null] }],
    ["classes", { classes: ["a", "b", "a"] }],
    ["features", { features: ["a", "a"] }],
    ["features", { features: "a,b" }],
    ["features", { features: [""] }],
    ["manifest", { manifest: 5 }],
    ["selfTest", { selfTest: 1 }],
    ["version", { version: 1 }],
    ["version", { version: "1" }],
    ["selfTest", { selfTest: true }],
  ])("name what is wrong: %s", async (option, options) => {
    const { loadModel } = fakeLoader();
    const error = await failureOf(() => loadModel(BYTES, options as LoadOptions));
    expect(error).toMatchObject({ code: "OPTIONS_INVALID", details: { option } });
  });

  it("that are undefined are as if they were left out", async () => {
    const { fake, loadModel } = fakeLoader();
    await loadModel(BYTES, { signal: undefined, limits: undefined, engine: undefined });
    expect(fake.log.loads).toEqual([{}]);
  });

  it("of the engine reach it", async () => {
    const { full, loadModel } = fakeLoader();
    const options = {
      limits: { maxNodes: 5 },
      engine: "tract",
      planCache: 2,
      classes: ["x", "y"],
      features: ["a", "b", "c", "d"],
    } as const;
    const model = await loadModel(BYTES, options);
    expect(full.log.loads).toEqual([options]);
    expect(model.signature.features).toEqual(options.features);
  });
});
