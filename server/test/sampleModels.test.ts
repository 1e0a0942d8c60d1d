import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { assetJson, copyModelsToBucket } from "./bindings.js";
import { post } from "./fakes.js";
import { type Schema, violations } from "./schema.js";
import { serve } from "./serve.js";

interface Samples {
  features: (number | string | null)[][];
  prediction: (number | string)[];
  probabilities?: number[][];
}
interface Answer extends Samples {
  model: string;
  version: string;
  classes?: (number | string)[];
}

const IRIS = [5.1, 3.5, 1.4, 0.2];
const IRIS_RECORD = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };

beforeAll(copyModelsToBucket);

const index = await assetJson<{ models: string[] }>("models/index.json");
const { MODELS: _, ...withoutBucket } = env;

const servers = [
  ["the bucket", serve({ ...env })],
  ["the assets", serve(withoutBucket)],
] as const;

/** Numbers as close as float32 arithmetic in another order leaves them. */
function expectClose(got: unknown, expected: unknown): void {
  if (Array.isArray(expected)) {
    expect(got).toHaveLength(expected.length);
    expected.forEach((value, i) => {
      expectClose((got as unknown[])[i], value);
    });
  } else if (typeof expected === "object" && expected !== null) {
    for (const [name, value] of Object.entries(expected)) {
      expectClose((got as Record<string, unknown>)[name], value);
    }
  } else if (typeof expected === "number") {
    expect(Math.abs(Number(got) - expected)).toBeLessThanOrEqual(1e-5 + 1e-4 * Math.abs(expected));
  } else {
    expect(got).toBe(expected);
  }
}

describe.each(servers)("models in %s", (store, request) => {
  it.each(index.models)("%s predicts what its trainer predicted", async (name) => {
    const card = await (await request(`/models/${name}`)).json<{ version: string }>();
    const samples = await assetJson<Samples>(`models/${name}/${card.version}/samples.json`);
    for (let from = 0; from < samples.features.length; from += 200) {
      const part = <T>(list: T[]) => list.slice(from, from + 200);
      const features = part(samples.features);
      const response = await request(`/models/${name}/predict`, post({ features }));
      expect(response.status, await response.clone().text()).toBe(200);
      const answer = await response.json<Answer>();
      expect(answer).toMatchObject({ model: name, version: card.version });
      expectClose(answer.prediction, part(samples.prediction));
      if (samples.probabilities) expectClose(answer.probabilities, part(samples.probabilities));
    }
  });

  it("take records of texts, numbers and missing values", async () => {
    const { features } = await assetJson<{ features: { name: string }[] }>(
      "models/progression/1/manifest.json",
    );
    const samples = await assetJson<Samples>("models/progression/1/samples.json");
    const names = features.map(({ name }) => name);
    const records = samples.features.map((row) =>
      Object.fromEntries(names.map((name, i) => [name, row[i]])),
    );
    const path = "/models/progression/predict";
    const response = await request(path, post({ features: records }));
    expect(response.status, await response.clone().text()).toBe(200);
    const answer = await response.json<Answer>();
    expect(answer.prediction).toEqual(samples.prediction);
    expect(answer.classes).toEqual(["high", "low", "middle"]);
    expectClose(answer.probabilities, samples.probabilities);

    const [record] = records;
    const refused: [object, string, object][] = [
      [{ ...record, sex: 1 }, "INPUT_TYPE", { name: "sex", expected: "string", got: "number" }],
      [{ ...record, bmi: "27" }, "INPUT_TYPE", { name: "bmi", expected: "number", got: "string" }],
      [{ ...record, age: true }, "INPUT_TYPE", { name: "age", got: "boolean" }],
      [{ ...record, height: 180 }, "INPUT_UNKNOWN", { name: "height" }],
      [{ ...record, bmi: undefined }, "INPUT_MISSING", { name: "bmi" }],
      [{ ...record, bp: 1e39 }, "INPUT_NOT_FINITE", { column: "bp", type: "float32" }],
    ];
    for (const [features, code, details] of refused) {
      const response = await request(path, post({ features }));
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code, details } });
    }
  });

  it("answer null where a value is missing that nothing fills", async () => {
    const row = [60, 2, 23.4, 88, 153, 89.8, 58, 3, null, 95];
    const response = await request("/models/diabetes/predict", post({ features: [row] }));
    expect(response.status, await response.clone().text()).toBe(200);
    expect(await response.json()).toMatchObject({ prediction: [null] });
  });

  it("take a row, rows, a record and records", async () => {
    const forms = [IRIS, [IRIS], IRIS_RECORD, [IRIS_RECORD]];
    for (const features of forms) {
      const response = await request("/predict", post({ features }));
      expect(response.status, await response.clone().text()).toBe(200);
      expect(await response.json()).toMatchObject({
        prediction: [0],
        classes: [0, 1, 2],
        model: "iris",
        version: "1",
      });
    }
  });

  it("are listed and described", async () => {
    const list = await (await request("/models")).json<{ models: { name: string }[] }>();
    expect(list).toMatchObject({ default: "iris" });
    expect(list.models.map(({ name }) => name)).toEqual(index.models);
    for (const path of [
      "/models/iris",
      "/models/iris/versions/1",
      "/models/iris/versions/champion",
    ]) {
      expect(await (await request(path)).json()).toMatchObject({
        name: "iris",
        version: "1",
        versions: ["1"],
        aliases: { champion: "1" },
        classes: [0, 1, 2],
        signature: { inputs: [{ type: "float32", shape: [null, 4] }] },
        features: Object.keys(IRIS_RECORD).map((name) => expect.objectContaining({ name })),
        metrics: { accuracy: expect.any(Number) },
      });
    }
  });

  it("make the server healthy", async () => {
    const health = await request("/healthz");
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({
      status: "ok",
      store: store === "the bucket" ? "r2" : "assets",
      default: { model: "iris", version: "1" },
      loaded: expect.arrayContaining([{ model: "iris", version: "1" }]),
    });
  });

  it("are answered for as the OpenAPI document says", async () => {
    const { paths, components } = await (await request("/openapi.json")).json<{
      paths: Record<string, Record<string, Operation>>;
      components: { schemas: Record<string, Schema> };
    }>();
    interface Media {
      schema: Schema;
      examples?: Record<string, { value: unknown }>;
    }
    interface Operation {
      requestBody: { content: Record<string, Media> };
      responses: Record<string, { content: Record<string, Media> }>;
    }
    const expectPromised = async (path: string, method: string, response: Response) => {
      const answered = paths[path]?.[method]?.responses[response.status];
      const schema = answered?.content["application/json"]?.schema ?? {};
      expect(violations(await response.json(), schema, components.schemas)).toEqual([]);
    };
    for (const name of index.models) {
      await expectPromised("/models/{name}", "get", await request(`/models/${name}`));
      const path = `/models/${name}/predict`;
      const operation = paths[path]?.post;
      const media = operation?.requestBody.content["application/json"];
      expect(Object.keys(media?.examples ?? {})).toEqual(["row", "record"]);
      for (const { value } of Object.values(media?.examples ?? {})) {
        expect(violations(value, media?.schema ?? {}, components.schemas)).toEqual([]);
        const response = await request(path, post(value));
        const example =
          operation?.responses[200]?.content["application/json"]?.examples?.example?.value;
        expectClose(await response.clone().json(), example);
        await expectPromised(path, "post", response);
      }
    }
    await expectPromised("/models", "get", await request("/models"));
    await expectPromised("/healthz", "get", await request("/healthz"));
    const features = [IRIS, IRIS];
    await expectPromised("/predict", "post", await request("/predict", post({ features })));
  });

  it("can be downloaded", async () => {
    const model = await request("/models/iris/1/model.onnx");
    const manifest = await request("/models/iris/1/manifest.json");
    const { bytes } = (await manifest.json<{ model: { bytes: number } }>()).model;
    expect((await model.arrayBuffer()).byteLength).toBe(bytes);
  });

  it("come with the page", async () => {
    const page = await request("/");
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toContain("text/html");
    expect((await request("/no-such-page")).status).toBe(404);
  });
});

describe("the Worker as deployed", () => {
  it("answers", async () => {
    const response = await exports.default.fetch("https://predikt.example/predict", {
      ...post({ features: IRIS }),
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ prediction: [0], model: "iris" });
  });

  it("reports a variable that is wrong without leaking it", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const request = serve({ ...env, MAX_BATCH: "lots" });
    const response = await request("/healthz");
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("lots");
    expect(log.mock.calls.join()).toContain("MAX_BATCH");
    log.mockRestore();
  });
});
