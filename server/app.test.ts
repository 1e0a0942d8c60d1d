import { describe, expect, it } from "vitest";
import type { ErrorBody } from "./errors.js";
import { coded, fakeServer, post, sumModel } from "./test/fakes.js";

const errorOf = async (response: Response) => (await response.json<ErrorBody>()).error;

describe("methods", () => {
  it.each([
    ["/predict", "GET", "POST, OPTIONS"],
    ["/predict", "PUT", "POST, OPTIONS"],
    ["/models", "POST", "GET, HEAD, OPTIONS"],
    ["/models/sum", "DELETE", "GET, HEAD, OPTIONS"],
    ["/models/sum/predict", "GET", "POST, OPTIONS"],
    ["/models/sum/versions/1", "PATCH", "GET, HEAD, OPTIONS"],
    ["/models/sum/versions/1/predict", "GET", "POST, OPTIONS"],
    ["/healthz", "POST", "GET, HEAD, OPTIONS"],
    ["/openapi.json", "POST", "GET, HEAD, OPTIONS"],
    ["/models/index.json", "PUT", "GET, HEAD, OPTIONS"],
    ["/models/sum/1/model.onnx", "PUT", "GET, HEAD, OPTIONS"],
  ])("%s refuses %s and says what it allows", async (path, method, allow) => {
    const { app } = fakeServer();
    const response = await app.request(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe(allow);
    expect((await errorOf(response)).code).toBe("METHOD_NOT_ALLOWED");
    const options = await app.request(path, { method: "OPTIONS" });
    expect([options.status, options.headers.get("allow")]).toEqual([204, allow]);
  });

  it("tells who opens /predict in a browser how to use it", async () => {
    const { message } = await errorOf(await fakeServer().app.request("/predict"));
    expect(message).toContain("use POST");
    expect(message).toContain('{"features":');
  });

  it("answers HEAD as GET, without the body", async () => {
    const { app } = fakeServer();
    for (const path of ["/models", "/models/sum", "/healthz", "/openapi.json"]) {
      const response = await app.request(path, { method: "HEAD" });
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toContain("application/json");
      expect(await response.text()).toBe("");
    }
    expect((await app.request("/predict", { method: "HEAD" })).status).toBe(405);
  });
});

describe("paths", () => {
  it.each(["/nothing", "/predict/1", "/models/sum/versions", "/models/sum/versions/1/explain"])(
    "%s is a 404 in JSON",
    async (path) => {
      const response = await fakeServer().app.request(path);
      expect(response.status).toBe(404);
      expect(await errorOf(response)).toMatchObject({ code: "NOT_FOUND", details: { path } });
    },
  );

  it("may end with a slash", async () => {
    const { app } = fakeServer();
    expect((await app.request("/models/")).status).toBe(200);
    expect((await app.request("/predict/", post({ features: [1, 2] }))).status).toBe(200);
  });

  it("serves the published files, marked for caches", async () => {
    const { app } = fakeServer();
    const model = await app.request("/models/sum/1/model.onnx");
    expect(await model.text()).toBe("bytes of the model");
    expect(model.headers.get("cache-control")).toContain("immutable");
    const card = await app.request("/models/sum/model.json");
    expect(await card.json()).toMatchObject({ name: "sum" });
    expect(card.headers.get("cache-control")).toBe("no-cache");
    expect(await (await app.request("/models/index.json")).json()).toHaveProperty("models");
    const absent = await app.request("/models/sum/1/absent.onnx");
    expect([absent.status, (await errorOf(absent)).code]).toEqual([404, "NOT_FOUND"]);
  });

  it("never leaves the published layout", async () => {
    const { app, store } = fakeServer();
    store.files.set("secret/1/key", "secret");
    for (const path of [
      "/models/..%2fsecret/1/key",
      "/models/.hidden/1/key",
      "/models/%00/1/key",
    ]) {
      expect((await app.request(path)).status).toBe(404);
    }
    expect([...store.reads.keys()].filter((path) => path.includes("key"))).toEqual([]);
  });
});

describe("predictions", () => {
  it("name the model and the version", async () => {
    const { app } = fakeServer();
    const body = post({ features: [1, 2] });
    expect(await (await app.request("/predict", body)).json()).toEqual({
      prediction: [3],
      model: "sum",
      version: "1",
    });
    const other = await app.request("/models/other/versions/challenger/predict", body);
    expect(await other.json()).toMatchObject({ model: "other", version: "2" });
    expect(other.headers.get("cache-control")).toBe("no-store");
  });

  it("write a number that is not finite as null", async () => {
    const model = sumModel({
      predict: () => ({
        prediction: [Number.NaN, Number.POSITIVE_INFINITY, 1],
        probabilities: [[Number.NaN, 1]],
      }),
    });
    const { app } = fakeServer({ load: async () => model });
    expect(await (await app.request("/predict", post({ features: [1, 2] }))).json()).toMatchObject({
      prediction: [null, null, 1],
      probabilities: [[null, 1]],
    });
  });

  it.each([
    "INPUT_SHAPE",
    "INPUT_TYPE",
    "INPUT_NOT_FINITE",
    "INPUT_MISSING",
    "INPUT_UNKNOWN",
    "LIMIT_EXCEEDED",
  ])("that the model refuses with %s are a 400 with its details", async (code) => {
    const predict = () => {
      throw coded(code, "Send two values.", { expected: 2, got: 3 });
    };
    const { app, logged } = fakeServer({ load: async () => sumModel({ predict }) });
    const response = await app.request("/predict", post({ features: [1, 2, 3] }));
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toEqual({
      code,
      message: "Send two values.",
      details: { expected: 2, got: 3, model: "sum", version: "1" },
    });
    expect(logged).toEqual([]);
  });
});

describe("faults of the server", () => {
  const secret = "s3://internal-host/key";

  it("answer 500 INTERNAL, keep quiet about why, and are logged in full", async () => {
    const load = async () => {
      throw coded("INTEGRITY_MISMATCH", `hash of ${secret}`, { url: secret });
    };
    const { app, logged } = fakeServer({ load });
    const response = await app.request("/predict", post({ features: [1, 2] }));
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(JSON.parse(text).error).toMatchObject({
      code: "INTERNAL",
      details: { model: "sum", version: "1" },
    });
    expect(text).not.toContain(secret);
    expect(text).not.toMatch(/at \S+\.ts|registry/);
    expect(JSON.stringify(logged)).toContain(secret);
    expect(JSON.stringify(logged)).toContain("INTEGRITY_MISMATCH");
  });

  it.each([
    ["an unknown error in predict", new TypeError(secret)],
    ["an engine that failed", coded("ENGINE_FAILED", secret)],
  ])("include %s", async (_, error) => {
    const predict = () => {
      throw error;
    };
    const { app, logged } = fakeServer({ load: async () => sumModel({ predict }) });
    const response = await app.request("/predict", post({ features: [1, 2] }));
    expect(response.status).toBe(500);
    expect(await response.clone().text()).not.toContain(secret);
    expect((await errorOf(response)).code).toBe("INTERNAL");
    expect(JSON.stringify(logged)).toContain(secret);
  });

  it("include a broken store, for every path that needs it", async () => {
    const files: [string, unknown][] = [
      ["models/index.json", new Error(secret)],
      ["models/sum/model.json", new Error(secret)],
    ];
    const { app } = fakeServer({ files });
    for (const path of ["/models", "/models/sum", "/healthz"]) {
      const response = await app.request(path);
      expect(response.status).toBe(500);
      expect(await response.text()).not.toContain(secret);
    }
  });

  it("leave a model whose card is broken out of the list, and log it", async () => {
    const { app, logged } = fakeServer({ files: [["models/other/model.json", "<html>"]] });
    const response = await app.request("/models");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ models: [{ name: "sum" }] });
    expect(JSON.stringify(logged)).toContain("other");
  });

  it("call a trap by its name, for the request that met it only", async () => {
    const predict = (features: unknown) => {
      if (JSON.stringify(features).includes("666")) throw coded("ENGINE_TRAP", "unreachable");
      return { prediction: [1] };
    };
    const { app, logged } = fakeServer({ load: async () => sumModel({ predict }) });
    const send = (value: number) => app.request("/predict", post({ features: [value, 0] }));
    const responses = await Promise.all([1, 2, 666, 3].map(send));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 500, 200]);
    const trapped = responses[2] as Response;
    expect((await errorOf(trapped)).code).toBe("ENGINE_TRAP");
    expect(trapped.headers.get("retry-after")).toBeNull();
    expect(logged).toHaveLength(1);
    expect(JSON.stringify(logged)).toContain("unreachable");
    expect((await send(4)).status).toBe(200);
  });
});
