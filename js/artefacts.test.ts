/** Which of the two artefacts a model is loaded with, and that both live side by side. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { engineError, fakeBytes, TRAP } from "./testing/fake.js";
import { failureOf, fakeLoader } from "./testing/loader.js";
import { call, graph, node, model as onnx } from "./testing/onnx.js";
import { serveEachTest, sri } from "./testing/serve.js";
import { drip, hang, send } from "./testing/server.js";
import type { LoadOptions } from "./types.js";

const BYTES = fakeBytes({ widths: [4] });
/** A file that no stand-in can load: only which of them was asked is of interest. */
const NETWORK = onnx(graph(node("Relu"), node("Conv")));
const ROW = [1, 2, 3, 4];
const REFUSAL = engineError("OP_UNSUPPORTED", "no Conv", { operator: "Conv" });
const FULL = ["simd", "relaxed"];

const server = serveEachTest(() => {});

const manifest = (engine: string, bytes: Uint8Array = BYTES) => ({
  name: "m",
  version: "1",
  engine,
  model: { path: "model.onnx", integrity: sri(bytes) },
});

describe("a model that the compact engine has", () => {
  it.each<[string, LoadOptions]>([
    ["of itself", {}],
    ["when it is asked for", { engine: "compact" }],
  ])("never asks for the full one: %s", async (_what, options) => {
    const { loadModel, fake, full, compiled } = fakeLoader();
    const model = await loadModel(BYTES, options);
    expect(model.predict(ROW)).toMatchObject({ prediction: [10] });
    expect(compiled).toEqual(["compact"]);
    expect([fake.log.loads.length, full.log.loads.length]).toEqual([1, 0]);
  });
});

describe("a model that the compact engine refuses", () => {
  it.each(["OP_UNSUPPORTED", "ENGINE_UNSUPPORTED"])(
    "with %s is loaded by the full one",
    async (code) => {
      const { loadModel, fake, full, compiled } = fakeLoader();
      fake.failNextLoad(engineError(code, "no"));
      const model = await loadModel(BYTES);
      expect(model.predict(ROW)).toMatchObject({ prediction: [10] });
      expect(compiled).toEqual(["compact", expect.toBeOneOf(FULL)]);
      expect(full.log.loads).toHaveLength(1);
    },
  );

  it("is so in a thread as well", async () => {
    const { loadModel, threads } = fakeLoader({});
    const loading = loadModel(BYTES, { thread: "worker" });
    while (threads.length === 0) await new Promise((resolve) => setTimeout(resolve));
    threads[0]?.fake.failNextLoad(REFUSAL);
    const model = await loading;
    expect((await model.predict(ROW)).prediction).toEqual([10]);
    const loads = threads.map(({ fake, full }) => [fake.log.loads.length, full.log.loads.length]);
    expect(loads.at(-1)).toEqual([0, 1]);
    model.dispose();
    expect(threads.every(({ terminated }) => terminated)).toBe(true);
  });

  it("stays refused where only the compact one is asked for", async () => {
    const { loadModel, fake, compiled } = fakeLoader();
    fake.failNextLoad(REFUSAL);
    expect(await failureOf(() => loadModel(BYTES, { engine: "compact" }))).toMatchObject({
      code: "OP_UNSUPPORTED",
      details: { operator: "Conv" },
    });
    expect(compiled).toEqual(["compact"]);
  });

  it("gets the full one's refusal where both refuse", async () => {
    const { loadModel, fake, full } = fakeLoader();
    fake.failNextLoad(REFUSAL);
    full.failNextLoad(engineError("OP_UNSUPPORTED", "tract has none either"));
    expect(await failureOf(() => loadModel(BYTES))).toMatchObject({
      code: "OP_UNSUPPORTED",
      message: "tract has none either",
    });
  });

  it("for any other reason is not tried again", async () => {
    for (const code of ["MODEL_INVALID", "LIMIT_EXCEEDED", "ENGINE_FAILED"]) {
      const { loadModel, fake, compiled } = fakeLoader();
      fake.failNextLoad(engineError(code, "no"));
      expect(await failureOf(() => loadModel(BYTES))).toMatchObject({ code });
      expect(compiled).toEqual(["compact"]);
    }
  });
});

describe("the full artefact is asked for at once", () => {
  it("for the engine tract", async () => {
    const { loadModel, full, compiled } = fakeLoader();
    await loadModel(BYTES, { engine: "tract" });
    expect(compiled).toEqual([expect.toBeOneOf(FULL)]);
    expect(full.log.loads).toEqual([{ engine: "tract" }]);
  });

  it("by a manifest that is passed", async () => {
    const { loadModel, full, compiled } = fakeLoader();
    await loadModel(BYTES, { manifest: manifest("tract") as NonNullable<LoadOptions["manifest"]> });
    expect(compiled).toEqual([expect.toBeOneOf(FULL)]);
    expect(full.log.loads).toEqual([{}]);
  });

  it("by a manifest that comes first, before any of the model", async () => {
    server.routes.set("/m/manifest.json", send(JSON.stringify(manifest("tract"))));
    server.routes.set("/m/model.onnx", hang(BYTES.slice(0, 5)));
    const { loadModel, compiled } = fakeLoader();
    const controller = new AbortController();
    const loading = failureOf(() =>
      loadModel(`${server.url}/m/manifest.json`, { signal: controller.signal }),
    );
    await expect.poll(() => compiled).toEqual(["compact", expect.toBeOneOf(FULL)]);
    controller.abort();
    expect(await loading).toMatchObject({ code: "ABORTED" });
  });

  it("by the operators, while the rest of the model is on its way", async () => {
    server.routes.set("/network.onnx", hang(NETWORK.slice(0, -2)));
    const { loadModel, compiled } = fakeLoader();
    const controller = new AbortController();
    const loading = failureOf(() =>
      loadModel(`${server.url}/network.onnx`, { signal: controller.signal }),
    );
    await expect.poll(() => compiled).toEqual(["compact", expect.toBeOneOf(FULL)]);
    controller.abort();
    expect(await loading).toMatchObject({ code: "ABORTED" });
  });
});

describe("the operators decide", () => {
  it.each<[string, () => Parameters<ReturnType<typeof fakeLoader>["loadModel"]>[0]]>([
    ["in a buffer", () => NETWORK],
    ["in a blob", () => new Blob([NETWORK.slice()])],
    ["in small chunks", () => `${server.url}/drip`],
  ])("%s", async (_what, source) => {
    server.routes.set(
      "/drip",
      drip([NETWORK.slice(0, 9), NETWORK.slice(9, 20), NETWORK.slice(20)]),
    );
    const { loadModel, fake, full } = fakeLoader();
    expect(await failureOf(() => loadModel(source()))).toMatchObject({ code: "MODEL_INVALID" });
    expect([fake.log.loads.length, full.log.loads.length]).toEqual([0, 1]);
  });

  it("of whatever domain", async () => {
    const { loadModel, fake, full } = fakeLoader();
    await failureOf(() => loadModel(onnx(graph(call("f")))));
    expect([fake.log.loads.length, full.log.loads.length]).toEqual([0, 1]);
  });

  it("unless the caller has, or there is one artefact only", async () => {
    for (const [changes, options, loads] of [
      [{}, { engine: "compact" }, [1, 0]],
      [{ artefacts: () => ["compact"] as const }, {}, [1, 0]],
      [{ artefacts: () => ["full"] as const }, { engine: "compact" }, [0, 1]],
    ] as const) {
      const { loadModel, fake, full } = fakeLoader(changes);
      await failureOf(() => loadModel(NETWORK, options));
      expect([fake.log.loads.length, full.log.loads.length]).toEqual(loads);
    }
  });
});

describe("both artefacts in one realm", () => {
  async function loadBoth(loader = fakeLoader()) {
    const small = await loader.loadModel(BYTES);
    const large = await loader.loadModel(BYTES, { engine: "tract" });
    return { ...loader, small, large };
  }

  it("trap, are replaced and free apart from each other", async () => {
    const { small, large, fake, full } = await loadBoth();
    expect(await failureOf(() => large.predict([TRAP, 0, 0, 0]))).toMatchObject({
      code: "ENGINE_TRAP",
    });
    expect([fake.log.resets, full.log.resets]).toEqual([0, 1]);
    expect(small.predict(ROW)).toMatchObject({ prediction: [10] });
    expect(large.predict(ROW)).toMatchObject({ prediction: [10] });
    expect(await failureOf(() => small.predict([TRAP, 0, 0, 0]))).toMatchObject({
      code: "ENGINE_TRAP",
    });
    expect([fake.log.resets, full.log.resets]).toEqual([1, 1]);
    small.dispose();
    large.dispose();
    expect([fake.log.frees, full.log.frees]).toEqual([0, 1]);
  });

  it("share one thread, and are both there after it crashed", async () => {
    const { loadModel, threads } = fakeLoader();
    const small = await loadModel(BYTES, { thread: "worker" });
    const large = await loadModel(BYTES, { thread: "worker", engine: "tract" });
    expect(threads).toHaveLength(1);
    threads[0]?.crash(new Error("gone"));
    expect((await large.predict(ROW)).prediction).toEqual([10]);
    expect((await small.predict(ROW)).prediction).toEqual([10]);
    expect(threads).toHaveLength(2);
    expect(threads[1]?.fake.log.loads).toHaveLength(1);
    expect(threads[1]?.full.log.loads).toHaveLength(1);
  });
});

it("a full artefact that can't be had is only missed by models that need it", async () => {
  const compile = async (build: string) => {
    if (build !== "compact") throw new Error("not deployed");
    return new WebAssembly.Module(
      readFileSync(new URL("../dist/predikt_compact.wasm", import.meta.url)),
    );
  };
  const { loadModel, fake } = fakeLoader({ compile });
  expect((await loadModel(BYTES)).signature.inputs).toHaveLength(1);
  fake.failNextLoad(REFUSAL);
  await expect(loadModel(BYTES)).rejects.toThrow("not deployed");
});
