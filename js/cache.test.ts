import { describe, expect, it } from "vitest";
import { engineError, fakeBytes } from "./testing/fake.js";
import { failureOf, fakeLoader } from "./testing/loader.js";
import { serveEachTest, sri } from "./testing/serve.js";
import { send } from "./testing/server.js";
import type { CacheLike, LoadOptions } from "./types.js";

const BYTES = fakeBytes({ widths: [4], classes: ["a", "b"] });

const server = serveEachTest((server) => {
  server.routes.set("/model.onnx", send(BYTES));
});

const load = (source: string, options?: LoadOptions) => fakeLoader().loadModel(source, options);

class MemoryCache implements CacheLike {
  readonly entries = new Map<string, Response>();
  async match(url: string) {
    return this.entries.get(url)?.clone();
  }
  async put(url: string, response: Response) {
    this.entries.set(url, response);
  }
  async delete(url: string) {
    return this.entries.delete(url);
  }
}

describe("the cache", () => {
  it("spares the second download", async () => {
    const cache = new MemoryCache();
    const url = `${server.url}/model.onnx`;
    await load(`${url}#part`, { cache });
    const model = await load(url, { cache, integrity: sri(BYTES) });
    expect(model.signature.classes).toEqual(["a", "b"]);
    expect(server.requests).toEqual(["/model.onnx"]);
    expect([...cache.entries.keys()]).toEqual([url]);
  });

  it("drops what has the wrong hash and asks the network", async () => {
    const cache = new MemoryCache();
    const url = `${server.url}/model.onnx`;
    cache.entries.set(url, new Response(fakeBytes({ classes: ["old", "x"] })));
    const model = await load(url, { cache, integrity: sri(BYTES) });
    expect(model.signature.classes).toEqual(["a", "b"]);
    const kept = await cache.match(url);
    expect(await kept?.text()).toBe(new TextDecoder().decode(BYTES));
  });

  it("drops a manifest whose file has another hash, so that a mended one is seen", async () => {
    const cache = new MemoryCache();
    const manifest = (bytes: Uint8Array) =>
      send(
        JSON.stringify({
          name: "demo",
          version: "1",
          model: { path: "model.onnx", integrity: sri(bytes) },
        }),
      );
    const url = `${server.url}/demo/1/manifest.json`;
    server.routes.set("/demo/1/model.onnx", send(BYTES));
    server.routes.set("/demo/1/manifest.json", manifest(new Uint8Array(1)));
    expect(await failureOf(() => load(url, { cache }))).toMatchObject({
      code: "INTEGRITY_MISMATCH",
    });
    server.routes.set("/demo/1/manifest.json", manifest(BYTES));
    expect((await load(url, { cache })).version).toBe("1");
    expect(cache.entries.size).toBe(2);
  });

  it.each([
    ["a wrong hash", "/model.onnx", sri(new Uint8Array(1))],
    ["an error", "/missing.onnx", undefined],
  ])("does not keep %s", async (_what, path, integrity) => {
    const cache = new MemoryCache();
    await failureOf(() => load(server.url + path, { cache, integrity }));
    expect(cache.entries.size).toBe(0);
  });

  it("does not keep what the engine refuses", async () => {
    const cache = new MemoryCache();
    const { fake, loadModel } = fakeLoader();
    fake.failNextLoad(engineError("MODEL_INVALID", "Foo"));
    await failureOf(() => loadModel(`${server.url}/model.onnx`, { cache }));
    expect(cache.entries.size).toBe(0);
  });

  it("is done without where there is none or it fails", async () => {
    const broken: CacheLike = {
      match: () => Promise.reject(new Error("no")),
      put: () => Promise.reject(new Error("full")),
      delete: () => Promise.reject(new Error("no")),
    };
    for (const cache of [true, "models", broken, false]) {
      await expect(load(`${server.url}/model.onnx`, { cache })).resolves.toBeDefined();
    }
  });
});
