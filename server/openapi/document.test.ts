import { describe, expect, it } from "vitest";
import { fakeServer, mixedModel, post } from "../test/fakes.js";
import { type Schema, violations } from "../test/schema.js";

interface MediaType {
  schema: Schema;
  examples?: Record<string, { value: unknown }>;
}
interface Operation {
  operationId: string;
  requestBody?: { content: Record<string, MediaType> };
  responses: Record<string, { content: Record<string, MediaType> }>;
}
interface Path {
  parameters: { name: string; in: string; required: boolean }[];
  get?: Operation;
  post?: Operation;
}
interface Document {
  openapi: string;
  paths: Record<string, Path>;
  components: { schemas: Record<string, Schema> };
}

const { app } = fakeServer();
const document = await (await app.request("/openapi.json")).json<Document>();
const { schemas } = document.components;

const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  (["get", "post"] as const).flatMap((method) => {
    const operation = item[method];
    return operation ? [{ path, method, item, operation }] : [];
  }),
);

/** What the description promises for one answer of one operation. */
function promised(path: string, method: "get" | "post", status: number): Schema {
  const answer = document.paths[path]?.[method]?.responses[status];
  const schema = answer?.content["application/json"]?.schema;
  if (schema === undefined) throw new Error(`${method} ${path} does not describe ${status}.`);
  return schema;
}

describe("the OpenAPI document", () => {
  it("describes every route of the API, and no other", () => {
    const routes = app.routes
      .filter(({ method, path }) => (method === "GET" || method === "POST") && path !== "/*")
      .filter(({ path }) => !path.endsWith(".json") || path === "/openapi.json")
      .filter(({ path }) => !path.endsWith("/:file"))
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, "{$1}")}`);
    const all = operations.map(({ path, method }) => `${method} ${path}`);
    const ofModels = ["sum", "other"].map((name) => `post /models/${name}/predict`);
    expect(all).toEqual(expect.arrayContaining(ofModels));
    const described = all.filter((operation) => !ofModels.includes(operation));
    expect(described.sort()).toEqual([...new Set(routes)].sort());
  });

  it("has the form of OpenAPI 3.1", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, item } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(item.parameters.map(({ name }) => name)).toEqual(inPath);
      expect(item.parameters.every(({ required, in: place }) => required && place === "path")).toBe(
        true,
      );
    }
  });

  it("has examples that keep to their schemas", () => {
    const media = operations.flatMap(({ operation }) => [
      ...Object.values(operation.requestBody?.content ?? {}),
      ...Object.values(operation.responses).flatMap(({ content }) => Object.values(content)),
    ]);
    const found = media.flatMap(({ schema, examples }) =>
      Object.values(examples ?? {}).flatMap(({ value }) => violations(value, schema, schemas)),
    );
    expect(found).toEqual([]);
    expect(media.some(({ examples }) => examples !== undefined)).toBe(true);
  });

  it.each([
    ["get", "/models", "/models", 200],
    ["get", "/models/{name}", "/models/sum", 200],
    ["get", "/models/{name}", "/models/none", 404],
    ["get", "/models/{name}/versions/{version}", "/models/sum/versions/2", 200],
    ["get", "/models/{name}/versions/{version}", "/models/sum/versions/9", 404],
    ["get", "/healthz", "/healthz", 200],
    ["get", "/openapi.json", "/openapi.json", 200],
    ["post", "/predict", "/predict", 200],
    ["post", "/models/{name}/predict", "/models/other/predict", 200],
    ["post", "/models/{name}/predict", "/models/none/predict", 404],
    ["post", "/models/{name}/versions/{version}/predict", "/models/sum/versions/2/predict", 200],
  ] as const)("is kept: %s %s, asked as %s, answers %i", async (method, path, url, status) => {
    const init = method === "post" ? post({ features: [1, 2] }) : {};
    const response = await app.request(url, init);
    expect(response.status).toBe(status);
    expect(violations(await response.json(), promised(path, method, status), schemas)).toEqual([]);
  });

  it.each([
    [400, post("{")],
    [413, post({ features: Array.from({ length: 257 }, () => [1, 2]) })],
    [415, post("{}", { "content-type": "text/plain" })],
  ])("is kept: an answer of %i is the error described", async (status, init) => {
    const response = await app.request("/predict", init);
    expect(response.status).toBe(status);
    expect(
      violations(await response.json(), promised("/predict", "post", status), schemas),
    ).toEqual([]);
  });

  it("follows the configured limits", async () => {
    const { app: small } = fakeServer({
      env: { MAX_BATCH: "7", MAX_TEXT_LENGTH: "77" },
      files: mixedModel,
    });
    const text = await (await small.request("/openapi.json")).text();
    expect(text).toContain('"maxItems":7');
    expect(text).toContain('"maxLength":77');
    expect(text).toContain("77 characters a text");
  });

  it("says that the default model may not be published", async () => {
    const { app: none } = fakeServer({ env: { DEFAULT_MODEL: "none" } });
    const response = await none.request("/healthz");
    expect(response.status).toBe(404);
    expect(violations(await response.json(), promised("/healthz", "get", 404), schemas)).toEqual(
      [],
    );
  });
});

const mixed = fakeServer({ files: mixedModel });
const { paths, components } = await (await mixed.app.request("/openapi.json")).json<Document>();

describe("the OpenAPI document of models with columns of several types", () => {
  const media = (model: string) => {
    const body = paths[`/models/${model}/predict`]?.post?.requestBody;
    const found = body?.content["application/json"];
    if (found === undefined) throw new Error(`no request of ${model}`);
    return found;
  };
  const wrong = (model: string, features: unknown) =>
    violations({ features }, media(model).schema, components.schemas);

  it.each<[string, unknown]>([
    ["mixed", [30, "Rome", 2, true]],
    ["mixed", [[null, "Oslo", 0, 1]]],
    ["mixed", { age: null, town: "Paris", children: 1, member: false }],
    ["mixed", [{ age: 1.5, town: "Rome", children: 1, member: 0 }]],
    ["wide", ["a", 1, 2, null]],
    ["wide", [{ word: null, x: [1, 2, null] }]],
    ["sum", [1, 2]],
    ["sum", { a: 1, b: 2 }],
  ])("lets %s take %j", (model, features) => {
    expect(wrong(model, features)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ["mixed", [30, 5, 2, true]],
    ["mixed", [30, null, 2, true]],
    ["mixed", ["30", "Rome", 2, true]],
    ["mixed", [30, "Rome", 2.5, true]],
    ["mixed", [30, "Rome", 2]],
    ["mixed", { age: 1, town: "Rome", children: 1 }],
    ["mixed", { age: 1, town: "Rome", children: 1, member: true, more: 1 }],
    ["wide", { word: "a", x: [1, 2] }],
    ["wide", { word: "a", "x[0]": 1, "x[1]": 2, "x[2]": 3 }],
    ["sum", [1, null]],
    ["sum", [1, "2"]],
    ["sum", []],
  ])("does not let %s take %j", (model, features) => {
    expect(wrong(model, features)).not.toEqual([]);
  });

  it("has the trainer's own samples for examples, missing values first", () => {
    const { record } = media("mixed").examples ?? {};
    const sent = { age: null, town: "Oslo", children: 0, member: false };
    expect(record?.value).toEqual({ features: sent });
    const answer = paths["/models/mixed/predict"]?.post?.responses[200];
    expect(answer?.content["application/json"]?.examples?.example?.value).toEqual({
      prediction: ["no"],
      probabilities: [[0.8, 0.2]],
      classes: ["no", "yes"],
      model: "mixed",
      version: "1",
    });
  });

  it("tells a column's title, unit, range and values", () => {
    const text = JSON.stringify(components.schemas["PredictRequest.mixed"]);
    expect(text).toContain('"title":"Age","description":"years; 18 to 99 in training"');
    expect(text).toContain('"examples":["Oslo","Rome"]');
  });

  it("describes a model that can't be read by the paths for any model", () => {
    expect(paths["/models/gone/predict"]).toBeUndefined();
    expect(mixed.logged).toContainEqual(expect.objectContaining({ model: "gone" }));
  });

  it("is there even when nothing can be listed", async () => {
    const files: [string, unknown][] = [["models/index.json", new Error("offline")]];
    const { app } = fakeServer({ files });
    const response = await app.request("/openapi.json");
    expect(response.status).toBe(200);
    expect((await response.json<Document>()).paths["/predict"]).toBeDefined();
  });
});
