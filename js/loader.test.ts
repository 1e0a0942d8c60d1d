import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fakeBytes } from "./testing/fake.js";
import { failureOf, fakeLoader } from "./testing/loader.js";
import { serveEachTest } from "./testing/serve.js";
import { drip, hang, send } from "./testing/server.js";
import type { LoadOptions, ModelSource, Progress } from "./types.js";

const BYTES = fakeBytes({ widths: [4], classes: ["a", "b"] });
const CHUNKS = [BYTES.slice(0, 10), BYTES.slice(10, 20), BYTES.slice(20)];

const server = serveEachTest((server) => {
  server.routes.set("/model.onnx", send(BYTES));
});

const load = (source: ModelSource, options?: LoadOptions) =>
  fakeLoader().loadModel(source, options);

const stream = (chunks: unknown[]) =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });

describe("sources", () => {
  it.each<[string, () => ModelSource]>([
    ["a URL string", () => `${server.url}/model.onnx`],
    ["a URL", () => new URL(`${server.url}/model.onnx`)],
    ["a Request", () => new Request(`${server.url}/model.onnx`)],
    ["a Response", () => new Response(BYTES)],
    ["a Blob", () => new Blob([BYTES])],
    ["a File", () => new File([BYTES], "model.onnx")],
    ["an ArrayBuffer", () => BYTES.buffer],
    ["a Uint8Array", () => BYTES],
    ["a Node Buffer", () => Buffer.from(BYTES)],
    ["a part of a buffer", () => Buffer.concat([Buffer.alloc(3), BYTES]).subarray(3)],
    ["a DataView", () => new DataView(BYTES.buffer)],
    ["an Int8Array", () => new Int8Array(BYTES.buffer)],
    ["a ReadableStream", () => stream(CHUNKS)],
    ["a stream of buffers", () => stream(CHUNKS.map((chunk) => chunk.buffer))],
    [
      "a data: URL",
      () => `data:application/octet-stream;base64,${Buffer.from(BYTES).toString("base64")}`,
    ],
    [
      "a SharedArrayBuffer",
      () => {
        const shared = new SharedArrayBuffer(BYTES.length);
        new Uint8Array(shared).set(BYTES);
        return shared;
      },
    ],
  ])("takes %s", async (_what, source) => {
    const model = await load(source());
    expect(model.signature.classes).toEqual(["a", "b"]);
  });

  it("keeps its own copy of the caller's bytes", async () => {
    const { fake, loadModel } = fakeLoader();
    const mine = BYTES.slice();
    const model = await loadModel(mine);
    mine.fill(0);
    fake.binding.__wbg_reset_state();
    expect(await failureOf(() => model.predict([1, 2, 3, 4]))).toMatchObject({
      code: "ENGINE_TRAP",
    });
    expect((await model.predict([1, 2, 3, 4])).prediction).toEqual(["a"]);
  });

  it.each<[string, () => unknown, string]>([
    ["a number", () => 5, "OPTIONS_INVALID"],
    ["null", () => null, "OPTIONS_INVALID"],
    ["an object", () => ({}), "OPTIONS_INVALID"],
    ["a broken URL", () => "http://", "OPTIONS_INVALID"],
    ["empty bytes", () => new Uint8Array(0), "MODEL_INVALID"],
    [
      "a buffer that was transferred away",
      () => {
        const { buffer } = BYTES.slice();
        structuredClone(buffer, { transfer: [buffer] });
        return buffer;
      },
      "MODEL_INVALID",
    ],
    ["an empty response", () => new Response(null), "MODEL_INVALID"],
    ["garbage", () => new Uint8Array([1, 2, 3]), "MODEL_INVALID"],
    ["a stream of strings", () => stream(["abc"]), "OPTIONS_INVALID"],
  ])("refuses %s", async (_what, source, code) => {
    expect(await failureOf(() => load(source() as string))).toMatchObject({ code });
  });

  it("says when a body has been read", async () => {
    const response = new Response(BYTES);
    await response.arrayBuffer();
    const locked = stream(CHUNKS);
    locked.getReader();
    const request = new Request("http://localhost/", { method: "POST", body: "x" });
    await request.text();
    for (const used of [response, locked, request]) {
      const error = await failureOf(() => load(used as Response));
      expect(error).toMatchObject({ code: "OPTIONS_INVALID", details: { option: "source" } });
      expect((error as Error).message).toContain("has been read");
    }
  });
});

describe("files", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "predikt-"));
    await writeFile(join(folder, "a model #1.onnx"), BYTES);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("are read by path, relative path and file: URL, with progress", async () => {
    const path = join(folder, "a model #1.onnx");
    for (const source of [path, relative(process.cwd(), path), pathToFileURL(path)]) {
      const seen: Progress[] = [];
      await load(source, { onProgress: (progress) => seen.push(progress) });
      expect(seen.at(-1)).toEqual({ loaded: BYTES.length, total: BYTES.length });
    }
  });

  it("that are missing or folders are told apart", async () => {
    expect(await failureOf(() => load(join(folder, "no.onnx")))).toMatchObject({
      code: "MODEL_NOT_FOUND",
    });
    expect(await failureOf(() => load(folder))).toMatchObject({ code: "FETCH_FAILED" });
  });
});

describe("progress", () => {
  const run = async (path: string, options: LoadOptions = {}) => {
    const seen: Progress[] = [];
    await load(server.url + path, { ...options, onProgress: (progress) => seen.push(progress) });
    return seen;
  };

  it("has a total from Content-Length", async () => {
    const seen = await run("/model.onnx");
    expect(seen[0]).toEqual({ loaded: 0, total: BYTES.length });
    expect(seen.at(-1)).toEqual({ loaded: BYTES.length, total: BYTES.length });
  });

  it("comes with each chunk, without a total when none is known", async () => {
    server.routes.set("/drip", drip(CHUNKS));
    const seen = await run("/drip");
    expect(seen.map(({ loaded }) => loaded)).toEqual([0, 10, 20, BYTES.length]);
    expect(seen.every((progress) => !("total" in progress))).toBe(true);
  });

  it("has no total when the body is compressed", async () => {
    const { gzipSync } = await import("node:zlib");
    server.routes.set("/gzip", send(gzipSync(BYTES), { "content-encoding": "gzip" }));
    const seen = await run("/gzip");
    expect(seen.at(-1)).toEqual({ loaded: BYTES.length });
  });

  it("may fail, which ends the download", async () => {
    server.routes.set("/hang", hang(CHUNKS[0] as Uint8Array, 1000));
    const onProgress = () => {
      throw new TypeError("mine");
    };
    await expect(load(`${server.url}/hang`, { onProgress })).rejects.toThrow("mine");
    await expect.poll(() => server.broken).toEqual(["/hang"]);
  });
});

describe("maxBytes", () => {
  const limits = { maxBytes: 25 };

  it("is counted, not believed", async () => {
    for (const total of [undefined, 1000]) {
      server.broken.length = 0;
      server.routes.set("/hang", hang(BYTES, total));
      const error = await failureOf(() => load(`${server.url}/hang`, { limits }));
      expect(error).toMatchObject({ code: "MODEL_TOO_LARGE", details: { limit: 25 } });
      await expect.poll(() => server.broken).toEqual(["/hang"]);
    }
    const fine = new Response(BYTES, { headers: { "content-length": "99999999999999" } });
    await expect(load(fine, { limits: { maxBytes: BYTES.length } })).resolves.toBeDefined();
    const lying = new Response(BYTES, { headers: { "content-length": "1" } });
    expect(await failureOf(() => load(lying, { limits }))).toMatchObject({
      code: "MODEL_TOO_LARGE",
    });
  });

  it("counts what a compressed body becomes", async () => {
    const { gzipSync } = await import("node:zlib");
    const zeros = gzipSync(new Uint8Array(1_000_000));
    server.routes.set("/bomb", send(zeros, { "content-encoding": "gzip" }));
    const small = { limits: { maxBytes: 100_000 } };
    expect(await failureOf(() => load(`${server.url}/bomb`, small))).toMatchObject({
      code: "MODEL_TOO_LARGE",
    });
  });

  it("holds for every kind of source", async () => {
    for (const source of [BYTES, BYTES.buffer, new Blob([BYTES]), stream(CHUNKS)]) {
      expect(await failureOf(() => load(source, { limits }))).toMatchObject({
        code: "MODEL_TOO_LARGE",
      });
    }
  });
});

describe("abort", () => {
  it("is seen before anything happens", async () => {
    const signal = AbortSignal.abort(new Error("changed my mind"));
    const error = await failureOf(() => load(`${server.url}/model.onnx`, { signal }));
    expect(error).toMatchObject({ code: "ABORTED", details: { reason: "changed my mind" } });
    expect(server.requests).toEqual([]);
  });

  it("ends a download midway", async () => {
    server.routes.set("/hang", hang(CHUNKS[0] as Uint8Array, 1000));
    const controller = new AbortController();
    const onProgress = ({ loaded }: Progress) => {
      if (loaded > 0) controller.abort();
    };
    const error = await failureOf(() =>
      load(`${server.url}/hang`, { signal: controller.signal, onProgress }),
    );
    expect(error).toMatchObject({ code: "ABORTED" });
    await expect.poll(() => server.broken).toEqual(["/hang"]);
  });

  it("ends waiting for a stream, which is cancelled with the reason", async () => {
    let cancelled: unknown;
    const endless = new ReadableStream<Uint8Array>({
      cancel: (reason) => {
        cancelled = reason;
      },
    });
    const controller = new AbortController();
    const loading = failureOf(() => load(endless, { signal: controller.signal }));
    setTimeout(() => controller.abort("enough"), 10);
    expect(await loading).toMatchObject({ code: "ABORTED", details: { reason: "enough" } });
    expect(cancelled).toBe("enough");
  });

  it("cancels a body that came too late", async () => {
    const controller = new AbortController();
    let cancelled = false;
    const fetch = async () => {
      controller.abort();
      const cancel = () => {
        cancelled = true;
      };
      return new Response(new ReadableStream({ cancel }));
    };
    const options = { signal: controller.signal, fetch };
    expect(await failureOf(() => load("https://host/x.onnx", options))).toMatchObject({
      code: "ABORTED",
    });
    expect(cancelled).toBe(true);
  });

  it("ends waiting for headers", async () => {
    server.routes.set("/silent", () => {});
    const signal = AbortSignal.timeout(20);
    const error = await failureOf(() => load(`${server.url}/silent`, { signal }));
    expect(error).toMatchObject({ code: "ABORTED" });
  });

  it("by the request's own signal is an abort too", async () => {
    const request = new Request(`${server.url}/model.onnx`, { signal: AbortSignal.abort() });
    expect(await failureOf(() => load(request))).toMatchObject({ code: "ABORTED" });
  });

  it("after the last byte still counts", async () => {
    const controller = new AbortController();
    const onProgress = ({ loaded }: Progress) => {
      if (loaded === BYTES.length) controller.abort();
    };
    const { fake, loadModel } = fakeLoader();
    const options = { signal: controller.signal, onProgress };
    expect(await failureOf(() => loadModel(BYTES, options))).toMatchObject({ code: "ABORTED" });
    expect(fake.log.loads).toEqual([]);
  });
});

describe("what servers answer", () => {
  it.each([
    [404, "MODEL_NOT_FOUND"],
    [410, "MODEL_NOT_FOUND"],
    [403, "FETCH_FAILED"],
    [500, "FETCH_FAILED"],
  ])("HTTP %d is %s", async (status, code) => {
    server.routes.set("/x", (_request, response) => response.writeHead(status).end("no"));
    const url = `${server.url}/x`;
    expect(await failureOf(() => load(url))).toMatchObject({ code, details: { status, url } });
  });

  it("nobody there is FETCH_FAILED", async () => {
    const url = "http://127.0.0.1:1/model.onnx";
    const error = await failureOf(() => load(url));
    expect(error).toMatchObject({ code: "FETCH_FAILED", details: { url } });
    expect((error as Error).cause).toBeInstanceOf(Error);
  });

  it("a broken connection is FETCH_FAILED", async () => {
    server.routes.set("/cut", (_request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write(BYTES);
      setTimeout(() => response.destroy(), 10);
    });
    expect(await failureOf(() => load(`${server.url}/cut`))).toMatchObject({
      code: "FETCH_FAILED",
      details: { loaded: BYTES.length },
    });
  });

  it.each([
    ["its type", send("<p>hello", { "content-type": "text/html; charset=utf-8" })],
    ["a doctype", send("\n <!DOCTYPE html><html></html>")],
    ["a bare page", send("\ufeff<html lang=en>")],
  ])("HTML is known by %s", async (_what, route) => {
    server.routes.set("/page", route);
    const url = `${server.url}/page`;
    const error = await failureOf(() => load(url));
    expect(error).toMatchObject({ code: "MODEL_INVALID", details: { url, got: "html" } });
    expect((error as Error).message).toContain("HTML");
  });
});

describe("a fetch of one's own", () => {
  it("gets the address and the signal", async () => {
    const calls: unknown[] = [];
    const { signal } = new AbortController();
    await load("https://models.example/a.onnx", {
      signal,
      fetch: async (input, init) => {
        calls.push([input, init]);
        return new Response(BYTES);
      },
    });
    expect(calls).toEqual([["https://models.example/a.onnx", { signal }]]);
  });
});
