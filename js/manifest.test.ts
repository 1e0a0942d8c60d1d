import { describe, expect, it } from "vitest";
import { checkManifest, checkPublished, chooseVersion } from "./manifest.js";
import { fakeBytes } from "./testing/fake.js";
import { failureOf, fakeLoader } from "./testing/loader.js";
import { serveEachTest, sri } from "./testing/serve.js";
import { send } from "./testing/server.js";
import type { LoadOptions, Manifest } from "./types.js";

const BYTES = fakeBytes({ widths: [2] });

const manifest = (version: string, more: object = {}): Manifest => ({
  name: "demo",
  version,
  model: {
    path: "model.onnx",
    bytes: BYTES.length,
    integrity: sri(BYTES),
  },
  features: [{ name: "width" }, { name: "height" }],
  classes: ["small", "large"],
  golden: { rtol: 1, atol: 1, features: [[1, 2]], prediction: ["large"] },
  ...more,
});

const server = serveEachTest((server) => {
  const json = (value: unknown) =>
    send(JSON.stringify(value), { "content-type": "application/json" });
  server.routes.set(
    "/demo/model.json",
    json({ name: "demo", aliases: { champion: "2", previous: "1" }, versions: ["1", "2"] }),
  );
  for (const version of ["1", "2"]) {
    server.routes.set(`/demo/${version}/manifest.json`, json(manifest(version)));
    server.routes.set(`/demo/${version}/model.onnx`, send(BYTES));
  }
});

const load = (path: string, options?: LoadOptions) =>
  fakeLoader().loadModel(server.url + path, options);

describe("a manifest", () => {
  it("brings the model, its features and its classes", async () => {
    const model = await load("/demo/1/manifest.json");
    expect(model).toMatchObject({ name: "demo", version: "1" });
    expect(model.manifest?.model.path).toBe("model.onnx");
    const expected = { prediction: ["large"], classes: ["small", "large"] };
    expect(await model.predict({ height: 2, width: 1 })).toMatchObject(expected);
  });

  it("may describe columns of texts and missing values", () => {
    const features = [
      { name: "sex", type: "string", values: ["female", "male"] },
      { name: "bmi", type: "number", nullable: true, unit: "kg/m²", min: 18, max: 42 },
    ];
    const golden = { rtol: 0, atol: 0, features: [["male", null]], prediction: [["a", "b"]] };
    expect(() => checkManifest(manifest("1", { features, golden }))).not.toThrow();
  });

  it("gives way to options", async () => {
    const model = await load("/demo/1/manifest.json", { features: ["a", "b"], classes: [7, 8] });
    expect(model.signature).toMatchObject({ features: ["a", "b"], classes: [7, 8] });
  });

  it("vouches for bytes from anywhere", async () => {
    const { loadModel } = fakeLoader();
    const model = await loadModel(BYTES, { manifest: manifest("7") });
    expect(model.version).toBe("7");
    const url = new URL(`${server.url}/demo/1/manifest.json`);
    expect((await loadModel(BYTES, { manifest: url })).version).toBe("1");
    expect((await loadModel(BYTES, { manifest: url.href })).version).toBe("1");
    const other = fakeBytes({ widths: [3] });
    expect(await failureOf(() => loadModel(other, { manifest: manifest("7") }))).toMatchObject({
      code: "INTEGRITY_MISMATCH",
    });
  });

  it("is checked together with an integrity of one's own", async () => {
    const integrity = sri("x");
    const error = await failureOf(() => load("/demo/1/manifest.json", { integrity }));
    expect(error).toMatchObject({ code: "INTEGRITY_MISMATCH" });
  });

  it("tells the model's size where the server does not", async () => {
    server.routes.set("/demo/1/model.onnx", (_request, response) => {
      response.writeHead(200);
      response.write(BYTES);
      response.end();
    });
    const totals: unknown[] = [];
    await load("/demo/1/manifest.json", { onProgress: ({ total }) => totals.push(total) });
    expect(new Set(totals)).toEqual(new Set([BYTES.length]));
  });

  it("replays its golden samples", async () => {
    await expect(load("/demo/1/manifest.json", { selfTest: true })).resolves.toBeDefined();
    const deviating = manifest("1", {
      golden: { rtol: 0, atol: 0, features: [[1, 2]], prediction: ["small"] },
    });
    const { fake, loadModel } = fakeLoader();
    const error = await failureOf(() => loadModel(BYTES, { manifest: deviating, selfTest: true }));
    expect(error).toMatchObject({ code: "SELF_TEST_FAILED" });
    expect(fake.log.frees).toBe(1);
  });
});

describe("a published model", () => {
  it.each([
    [undefined, "2"],
    ["champion", "2"],
    ["previous", "1"],
    ["1", "1"],
  ])("gives for %s the version %s", async (version, expected) => {
    expect((await load("/demo/model.json", { version })).version).toBe(expected);
  });

  it("takes a version for itself, whatever an alias of its name says", () => {
    const names = { name: "x", versions: ["1", "2"], aliases: { "1": "2" } };
    expect(chooseVersion(checkPublished(names), "1")).toBe("1");
  });

  it("lists what there is", async () => {
    const error = await failureOf(() => load("/demo/model.json", { version: "nine" }));
    expect(error).toMatchObject({
      code: "MODEL_NOT_FOUND",
      details: { version: "nine", versions: ["1", "2"], aliases: ["champion", "previous"] },
    });
  });

  it("is nothing that an object's own words name", async () => {
    const error = await failureOf(() => load("/demo/model.json", { version: "constructor" }));
    expect(error).toMatchObject({ code: "MODEL_NOT_FOUND" });
  });
});

describe("what is no manifest", () => {
  const valid = manifest("1");
  it.each<[string, unknown]>([
    ["manifest", []],
    ["manifest", null],
    ["name", { ...valid, name: 5 }],
    ["version", { ...valid, version: "" }],
    ["model", { ...valid, model: undefined }],
    ["model.path", { ...valid, model: { ...valid.model, path: "../../other/model.onnx" } }],
    ["model.path", { ...valid, model: { ...valid.model, path: "https://other/model.onnx" } }],
    ["model.path", { ...valid, model: { ...valid.model, path: "/etc/passwd" } }],
    ["model.path", { ...valid, model: { ...valid.model, path: "%2e%2e/x" } }],
    ["model.path", { ...valid, model: { ...valid.model, path: " ../model.onnx" } }],
    ["model.path", { ...valid, model: { ...valid.model, path: "x/.. " } }],
    ["model.path", { ...valid, model: { ...valid.model, path: ".\t./model.onnx" } }],
    ["model.path", { ...valid, model: { ...valid.model, path: "\u0000../model.onnx" } }],
    ["model.integrity", { ...valid, model: { path: "model.onnx" } }],
    ["model.integrity", { ...valid, model: { ...valid.model, integrity: "sha256-x" } }],
    ["model.bytes", { ...valid, model: { ...valid.model, bytes: -1 } }],
    ["features", { ...valid, features: {} }],
    ["features[1].name", { ...valid, features: [{ name: "a" }, {}] }],
    ["features[0].type", { ...valid, features: [{ name: "a", type: "text" }] }],
    ["features[0].nullable", { ...valid, features: [{ name: "a", nullable: 1 }] }],
    ["features[0].values[1]", { ...valid, features: [{ name: "a", values: ["x", null] }] }],
    ["classes[0]", { ...valid, classes: [null] }],
    ["classes[2]", { ...valid, classes: ["a", "b", "a"] }],
    ["golden.features[0][1]", { ...valid, golden: { ...valid.golden, features: [[1, true]] } }],
    ["classNames[0]", { ...valid, classNames: [1] }],
    ["golden.rtol", { ...valid, golden: { ...valid.golden, rtol: -1 } }],
    ["golden.features[0]", { ...valid, golden: { ...valid.golden, features: [1] } }],
    ["golden.prediction", { ...valid, golden: { ...valid.golden, prediction: [] } }],
    [
      "golden.probabilities[0][0]",
      { ...valid, golden: { ...valid.golden, probabilities: [["1"]] } },
    ],
  ])("is refused by its field: %s", async (field, value) => {
    const error = await failureOf(() => checkManifest(value));
    expect(error).toMatchObject({ code: "MANIFEST_INVALID", details: { field } });
  });

  it.each<[string, unknown]>([
    ["name", { versions: [], aliases: {} }],
    ["versions", { name: "x", aliases: {} }],
    ["versions[0]", { name: "x", versions: ["../.."], aliases: {} }],
    ["aliases", { name: "x", versions: ["1"] }],
    ["aliases.champion", { name: "x", versions: ["1"], aliases: { champion: "2" } }],
  ])("is refused by its field in model.json: %s", async (field, value) => {
    const error = await failureOf(() => checkPublished(value));
    expect(error).toMatchObject({ code: "MANIFEST_INVALID", details: { field } });
  });

  it.each([
    ["text", "not json", {}],
    ["a page by its type", "<!doctype html>", { "content-type": "text/html" }],
    ["a page by its text", "<!doctype html>", {}],
  ])("may be %s", async (_what, body, headers) => {
    server.routes.set("/bad/manifest.json", send(body, headers));
    const error = await failureOf(() => load("/bad/manifest.json"));
    expect(error).toMatchObject({ code: "MANIFEST_INVALID" });
    expect((error as Error).message).toContain(body.startsWith("<") ? "HTML" : "no JSON");
  });

  it("may be missing", async () => {
    expect(await failureOf(() => load("/bad/model.json"))).toMatchObject({
      code: "MODEL_NOT_FOUND",
      details: { status: 404 },
    });
  });

  it.each<[string, LoadOptions]>([
    ["manifest", { manifest: manifest("1") }],
    ["version", { version: "1" }],
  ])("takes no option %s beside it", async (option, options) => {
    const error = await failureOf(() => load("/demo/1/manifest.json", options));
    expect(error).toMatchObject({ code: "OPTIONS_INVALID", details: { option } });
  });
});
