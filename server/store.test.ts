import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { ServerFault } from "./errors.js";
import { openStore } from "./store.js";
import { copyModelsToBucket } from "./test/bindings.js";

const stores = {
  bucket: () => openStore(env),
  assets: () => openStore({ ASSETS: env.ASSETS }),
};

beforeAll(copyModelsToBucket);

describe.each(Object.entries(stores))("models in %s", (_, open) => {
  it("are read by their path", async () => {
    const response = await open().fetch("models/iris/model.json");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(await response.json()).toMatchObject({ name: "iris" });
  });

  it("come out whole", async () => {
    const model = await (await open().fetch("models/iris/1/model.onnx")).arrayBuffer();
    const manifest = await (await open().fetch("models/iris/1/manifest.json")).json<{
      model: { bytes: number };
    }>();
    expect(model.byteLength).toBe(manifest.model.bytes);
  });

  it("are 404 where there is none", async () => {
    expect((await open().fetch("models/none/model.json")).status).toBe(404);
  });

  it("are 304 for those who have them", async () => {
    const first = await open().fetch("models/iris/model.json");
    await first.arrayBuffer();
    const etag = first.headers.get("etag") ?? "";
    const conditions = new Headers({ "if-none-match": etag });
    const second = await open().fetch("models/iris/model.json", conditions);
    expect(second.status).toBe(304);
    expect(second.body).toBeNull();
  });
});

describe("openStore", () => {
  it("prefers the bucket", () => {
    expect(openStore(env).kind).toBe("r2");
    expect(openStore({ ASSETS: env.ASSETS }).kind).toBe("assets");
  });

  it("needs one of them", () => {
    expect(() => openStore({})).toThrow(ServerFault);
  });
});
