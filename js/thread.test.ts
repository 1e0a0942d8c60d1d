import { describe, expect, it } from "vitest";
import { PrediktError } from "./error.js";
import { type FakeInput, fakeBytes, fakeModule, TRAP } from "./testing/fake.js";
import { failureOf } from "./testing/loader.js";
import { type FakeThread, startFakeThread } from "./testing/port.js";
import { Thread } from "./thread.js";
import { WorkerModel } from "./worker-model.js";

const ROW = [1, 2, 3, 4];

function newThread() {
  const started: FakeThread[] = [];
  const thread = new Thread(() => {
    const fake = startFakeThread();
    started.push(fake);
    return fake.port;
  });
  thread.provide("compact", fakeModule());
  return { thread, started };
}

async function loaded() {
  const { thread, started } = newThread();
  const bytes = fakeBytes({ classes: ["a", "b"], features: ["p", "q", "r", "s"] });
  const model = await WorkerModel.load({ thread, artefact: "compact", bytes, options: {} });
  return { thread, started, model, bytes };
}

describe("a model in a thread", () => {
  it("answers as one without", async () => {
    const { model, bytes } = await loaded();
    expect(model.signature.classes).toEqual(["a", "b"]);
    expect(Object.isFrozen(model.signature)).toBe(true);
    expect((await model.predict(ROW)).prediction).toEqual(["a"]);
    expect((await model.predict([{ p: 1, q: 0, r: 0, s: 0 }])).prediction).toEqual(["b"]);
    const feed = { type: "float32", dims: [2], data: [1, 2] };
    expect(await model.run({ x0: feed })).toEqual({
      x0: { type: "float32", dims: [2], data: new Float32Array([1, 2]) },
    });
    await model.selfTest({ rtol: 1, atol: 1, features: [ROW], prediction: ["a"] });
    expect(bytes.length).toBeGreaterThan(0);
  });

  it("takes and gives texts", async () => {
    const { thread } = newThread();
    const inputs: FakeInput[] = [
      { name: "town", type: "string", width: 1 },
      { name: "age", type: "float32", width: 1 },
    ];
    const bytes = fakeBytes({ inputs, texts: true });
    const model = await WorkerModel.load({ thread, artefact: "compact", bytes, options: {} });
    const rows = [
      { town: "Rome", age: 5 },
      { town: null, age: null },
    ];
    expect((await model.predict(rows)).prediction).toEqual(["Rome 9", " NaN"]);
    const error = await failureOf(() => model.predict([["Rome", "five"]]));
    expect(error).toMatchObject({ code: "INPUT_TYPE", details: { row: 0, name: "age" } });
  });

  it("leaves the caller's arrays where they are", async () => {
    const { model } = await loaded();
    const features = new Float32Array(ROW);
    await model.predict(features);
    expect(features).toEqual(new Float32Array(ROW));
  });

  it("passes errors on as they are", async () => {
    const { model } = await loaded();
    const error = await failureOf(() => model.predict([1, 2]));
    expect(error).toBeInstanceOf(PrediktError);
    expect(error).toMatchObject({ code: "INPUT_SHAPE", details: { expected: 4, got: 2, row: 0 } });
    const trapped = await failureOf(() => model.predict([TRAP, 0, 0, 0]));
    expect(trapped).toMatchObject({ code: "ENGINE_TRAP", cause: "unreachable" });
    expect((await model.predict(ROW)).prediction).toEqual(["a"]);
  });

  it("refuses what can't be sent", async () => {
    const { model } = await loaded();
    const features = [() => 1] as unknown as number[];
    expect(await failureOf(() => model.predict(features))).toMatchObject({ code: "INPUT_TYPE" });
    expect((await model.predict(ROW)).prediction).toEqual(["a"]);
  });

  it("reports a file that is no model, and ends the thread", async () => {
    const { thread, started } = newThread();
    const bytes = new Uint8Array([1, 2, 3]);
    const error = await failureOf(() =>
      WorkerModel.load({ thread, artefact: "compact", bytes, options: {} }),
    );
    expect(error).toMatchObject({ code: "MODEL_INVALID" });
    expect(started[0]?.terminated).toBe(true);
  });

  it("is not collected before it has answered", async () => {
    const { thread, started } = newThread();
    const bytes = fakeBytes({});
    const predict = async () => {
      const model = await WorkerModel.load({ thread, artefact: "compact", bytes, options: {} });
      const release = started[0]?.hold();
      return { answer: model.predict(ROW), release };
    };
    const { answer, release } = await predict();
    for (let round = 0; round < 5; round++) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(started[0]?.terminated).toBe(false);
    release?.();
    expect((await answer).prediction).toEqual([10]);
  });

  it("keeps the process alive only while it works", async () => {
    const { model, started } = await loaded();
    expect(started[0]?.alive).toBe(false);
    const working = model.predict(ROW);
    await Promise.resolve();
    expect(started[0]?.alive).toBe(true);
    await working;
    expect(started[0]?.alive).toBe(false);
  });
});

describe("aborting a call", () => {
  it("stops waiting for it", async () => {
    const { model, started } = await loaded();
    const release = started[0]?.hold();
    const controller = new AbortController();
    const waiting = failureOf(() => model.predict(ROW, { signal: controller.signal }));
    setTimeout(() => controller.abort(), 5);
    expect(await waiting).toMatchObject({ code: "ABORTED" });
    expect((await waiting) as Error).toHaveProperty(
      "message",
      expect.stringMatching(/^The prediction was aborted: /),
    );
    release?.();
    expect((await model.predict(ROW)).prediction).toEqual(["a"]);
    const { signal } = controller;
    expect(await failureOf(() => model.predict(ROW, { signal }))).toMatchObject({
      code: "ABORTED",
    });
  });
});

describe("a crash of the thread", () => {
  it("rejects what was under way, and the next call starts it again", async () => {
    const { model, started, thread } = await loaded();
    const other = await WorkerModel.load({
      thread,
      artefact: "compact",
      bytes: fakeBytes({}),
      options: {},
    });
    started[0]?.hold();
    const lost = [model.predict(ROW), model.predict(ROW), other.predict(ROW)].map((call) =>
      failureOf(() => call),
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
    started[0]?.crash(new Error("out of memory"));
    for (const error of await Promise.all(lost)) {
      expect(error).toMatchObject({ code: "ENGINE_TRAP", details: { trap: "out of memory" } });
    }
    expect(started[0]?.terminated).toBe(true);
    const [a, b] = await Promise.all([model.predict(ROW), model.predict(ROW)]);
    expect([a.prediction, b.prediction]).toEqual([["a"], ["a"]]);
    expect((await other.predict(ROW)).prediction).toEqual([10]);
    expect(started).toHaveLength(2);
    expect(started[1]?.fake.log.loads).toHaveLength(2);
  });

  it("before it ever answered says that it did not start", async () => {
    const { thread, started } = newThread();
    const loading = failureOf(() =>
      WorkerModel.load({ thread, artefact: "compact", bytes: fakeBytes({}), options: {} }),
    );
    started[0]?.hold();
    started[0]?.crash(new Error("404"));
    expect(await loading).toMatchObject({ code: "ENGINE_FAILED" });
  });
});

describe("disposing", () => {
  it("frees the model and, with the last one, ends the thread", async () => {
    const { model, started, thread } = await loaded();
    const other = await WorkerModel.load({
      thread,
      artefact: "compact",
      bytes: fakeBytes({}),
      options: {},
    });
    model.dispose();
    model.dispose();
    expect(await failureOf(() => model.predict(ROW))).toMatchObject({ code: "DISPOSED" });
    expect(await failureOf(() => model.selfTest())).toMatchObject({ code: "DISPOSED" });
    await other.predict(ROW);
    expect(started[0]?.fake.log.frees).toBe(1);
    expect(started[0]?.terminated).toBe(false);
    other[Symbol.dispose]();
    expect(started[0]?.terminated).toBe(true);
  });

  it("rejects what the ended thread had not answered", async () => {
    const { model, started } = await loaded();
    started[0]?.hold();
    const waiting = failureOf(() => model.predict(ROW));
    await new Promise((resolve) => setTimeout(resolve, 5));
    model.dispose();
    expect(await waiting).toMatchObject({ code: "DISPOSED" });
  });

  it.runIf(typeof gc === "function")("happens to models that nobody holds", async () => {
    const { thread, started } = newThread();
    await WorkerModel.load({ thread, artefact: "compact", bytes: fakeBytes({}), options: {} });
    for (let i = 0; i < 50 && !started[0]?.terminated; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      gc?.();
    }
    expect(started[0]?.terminated).toBe(true);
  });

  it("lets a new model start the thread again", async () => {
    const { model, started, thread } = await loaded();
    model.dispose();
    const next = await WorkerModel.load({
      thread,
      artefact: "compact",
      bytes: fakeBytes({}),
      options: {},
    });
    expect((await next.predict(ROW)).prediction).toEqual([10]);
    expect(started).toHaveLength(2);
  });
});
