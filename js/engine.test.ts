import { describe, expect, it } from "vitest";
import { PrediktError } from "./error.js";
import { Model } from "./model.js";
import { engineError, fakeBytes, REFUSE, TRAP } from "./testing/fake.js";
import { failureOf, fakeEngine, fakeLoaded } from "./testing/loader.js";

const ROW = [1, 2, 3, 4];
const TRAPPING = [TRAP, 0, 0, 0];

describe("a trap", () => {
  it("is lost for its own call only", async () => {
    const { engine, fake, model } = await fakeLoaded();
    const other = Model.load({ engine, bytes: fakeBytes({ widths: [2] }), options: {} });
    const error = await failureOf(() => model.predict(TRAPPING));
    expect(error).toBeInstanceOf(PrediktError);
    expect(error).toMatchObject({ code: "ENGINE_TRAP", details: { trap: "unreachable" } });
    expect((error as Error).cause).toBeInstanceOf(WebAssembly.RuntimeError);
    expect(model.predict(ROW).prediction).toEqual([10]);
    expect(other.predict([1, 2]).prediction).toEqual([3]);
    expect(fake.log.resets).toBe(1);
  });

  it("makes each model load again once, when it is used", async () => {
    const { engine, fake, model } = await fakeLoaded();
    const idle = Model.load({ engine, bytes: fakeBytes({}), options: {} });
    await failureOf(() => model.predict(TRAPPING));
    expect(fake.log.loads).toHaveLength(2);
    model.predict(ROW);
    model.predict(ROW);
    expect(fake.log.loads).toHaveLength(3);
    idle.run({ x0: { type: "float32", dims: [1], data: [1] } });
    expect(fake.log.loads).toHaveLength(4);
  });

  it.each([
    ["RangeError", new RangeError("Maximum call stack size exceeded"), "ENGINE_TRAP", 1],
    [
      "InternalError",
      Object.assign(new Error("too much recursion"), { name: "InternalError" }),
      "ENGINE_TRAP",
      1,
    ],
    ["a poisoned object", new Error("recursive use of an object detected"), "ENGINE_TRAP", 1],
    [
      "an error with a code",
      engineError("OP_UNSUPPORTED", "Foo", { operator: "Foo" }),
      "OP_UNSUPPORTED",
      0,
    ],
    ["any other error", new Error("odd"), "ENGINE_FAILED", 0],
  ])("is told from other errors: %s", async (_name, thrown, code, resets) => {
    const { engine, fake } = await fakeEngine();
    fake.failNextLoad(thrown);
    const error = await failureOf(() => engine.load(fakeBytes({}), {}));
    expect(error).toMatchObject({ name: "PrediktError", code, cause: thrown });
    expect(fake.log.resets).toBe(resets);
    expect(() => engine.load(fakeBytes({}), {})).not.toThrow();
  });

  it("while loading is reported, and other models go on", async () => {
    const { engine, model } = await fakeLoaded();
    const load = () => Model.load({ engine, bytes: fakeBytes({ trapAtLoad: true }), options: {} });
    expect(await failureOf(load)).toMatchObject({ code: "ENGINE_TRAP" });
    expect(model.predict(ROW).prediction).toEqual([10]);
  });

  it("leaves a model that can't be loaded again with that error, until it can", async () => {
    const { fake, model } = await fakeLoaded();
    await failureOf(() => model.predict(TRAPPING));
    fake.failNextLoad(engineError("LIMIT_EXCEEDED", "no more memory"));
    expect(await failureOf(() => model.predict(ROW))).toMatchObject({ code: "LIMIT_EXCEEDED" });
    expect(model.predict(ROW).prediction).toEqual([10]);
  });

  it("does not free handles of the instance that is gone", async () => {
    const { fake, model } = await fakeLoaded();
    await failureOf(() => model.predict(TRAPPING));
    model.dispose();
    expect(fake.log.frees).toBe(0);
  });

  it("is mended in a moment where the thread may not block", async () => {
    const { engine, fake, model } = await fakeLoaded();
    fake.refuseSync(true);
    const trapped = failureOf(() => model.predict(TRAPPING));
    const tooEarly = failureOf(() => model.predict(ROW));
    for (const error of [await trapped, await tooEarly]) {
      expect(error).toMatchObject({
        code: "ENGINE_TRAP",
        message: expect.stringContaining("in a moment"),
      });
    }
    await engine.start(() => Promise.reject(new Error("is compiled already")));
    expect(model.predict(ROW).prediction).toEqual([10]);
  });
});

describe("a refusal by the engine", () => {
  it("keeps the instance", async () => {
    const { fake, model } = await fakeLoaded();
    const error = await failureOf(() => model.predict([REFUSE, 0, 0, 0]));
    expect(error).toMatchObject({ code: "ENGINE_FAILED", details: { node: "n" } });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: "ENGINE_FAILED",
      message: "refused",
      details: { node: "n" },
    });
    expect(fake.log.resets).toBe(0);
    expect(model.predict(ROW).prediction).toEqual([10]);
  });
});

describe("starting", () => {
  it("compiles once, and again after a failure", async () => {
    const { Engine } = await import("./engine.js");
    const { createFake, fakeModule } = await import("./testing/fake.js");
    const engine = new Engine(createFake().binding);
    await expect(engine.start(() => Promise.reject(new Error("offline")))).rejects.toThrow(
      "offline",
    );
    let compiled = 0;
    const compile = async () => {
      compiled += 1;
      return fakeModule();
    };
    await Promise.all([engine.start(compile), engine.start(compile), engine.compile(compile)]);
    expect(compiled).toBe(1);
    expect(engine.generation).toBe(1);
  });
});
