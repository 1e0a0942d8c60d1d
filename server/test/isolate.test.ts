import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { ErrorBody } from "../errors.js";
import { asset, copyModelsToBucket, publish } from "./bindings.js";
import { post } from "./fakes.js";
import { serve } from "./serve.js";

const GOOD = [5.1, 3.5, 1.4, 0.2];

const WRONG_HASH = `sha256-${"A".repeat(43)}=`;

/** Turns its input into a one-hot row of three, and traps on what is outside 0…2. */
const ONE_HOT = {
  inputs: [{ name: "x", type: "float32", shape: ["N", 1] }],
  outputs: [{ name: "y", type: "float32", shape: ["N", 3] }],
};

beforeAll(copyModelsToBucket);

/** The bucket, with every read of a model's file written down. */
function countingBucket() {
  const reads: string[] = [];
  const MODELS = new Proxy(env.MODELS, {
    get(target, property) {
      if (property !== "get") return Reflect.get(target, property, target);
      return (key: string, options: R2GetOptions) => {
        if (key.endsWith(".onnx")) reads.push(key);
        return target.get(key, options);
      };
    },
  });
  return { bindings: { ...env, MODELS }, reads };
}

describe("one isolate", () => {
  it("loads a model once for many first requests", async () => {
    const { bindings, reads } = countingBucket();
    const request = serve(bindings);
    const send = () => request("/predict", post({ features: GOOD }));
    const responses = await Promise.all(Array.from({ length: 40 }, send));
    expect(responses.map(({ status }) => status)).toEqual(Array(40).fill(200));
    const answers = await Promise.all(responses.map((response) => response.text()));
    expect(new Set(answers).size).toBe(1);
    expect((await send()).status).toBe(200);
    expect(reads).toEqual(["models/iris/1/model.onnx"]);
  });

  it("keeps no more models than it may, and still answers for all", async () => {
    const { bindings, reads } = countingBucket();
    const request = serve({ ...bindings, MAX_MODELS: "1" });
    const rows = { iris: GOOD, diabetes: Array(10).fill(0.01), digits: Array(64).fill(1) };
    const send = async ([name, features]: [string, number[]]) =>
      (await request(`/models/${name}/predict`, post({ features }))).status;
    const all: [string, number[]][] = Object.entries(rows);
    expect(await Promise.all([...all, ...all].map(send))).toEqual(Array(6).fill(200));
    for (const entry of all) expect(await send(entry)).toBe(200);
    expect(reads.length).toBeGreaterThan(3);
  });

  it("survives a trap among concurrent requests", async () => {
    await publish("onehot", await (await asset("fixtures/trap.onnx")).arrayBuffer(), ONE_HOT);
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { bindings, reads } = countingBucket();
    const request = serve(bindings);
    const send = (value: number) =>
      request("/models/onehot/predict", post({ features: [[value]] }));
    const iris = () => request("/predict", post({ features: GOOD }));

    const values = [0, 1, 7, 2, 0, -9, 1];
    const [responses, others] = await Promise.all([
      Promise.all(values.map(send)),
      Promise.all(Array.from({ length: 5 }, iris)),
    ]);
    const isGood = (value: number) => value >= 0 && value <= 2;
    for (const [i, value] of values.entries()) {
      const response = responses[i] as Response;
      if (isGood(value)) {
        expect(await response.json()).toMatchObject({
          prediction: [[0, 1, 2].map((column) => Number(column === value))],
        });
      } else {
        expect(response.status).toBe(500);
        const { error } = await response.json<ErrorBody>();
        expect(error).toMatchObject({ code: "ENGINE_TRAP", details: { model: "onehot" } });
        expect(error.message).not.toMatch(/wasm|unreachable|panicked/);
      }
    }
    expect(others.map(({ status }) => status)).toEqual(Array(5).fill(200));

    expect(await (await send(1)).json()).toMatchObject({ prediction: [[0, 1, 0]] });
    expect(await (await iris()).json()).toMatchObject({ prediction: [0] });
    expect(reads.sort()).toEqual(["models/iris/1/model.onnx", "models/onehot/1/model.onnx"]);
    expect(log).toHaveBeenCalledTimes(2);
    log.mockRestore();
  });

  it.each([
    [
      "another file than its manifest says",
      { model: { path: "model.onnx", integrity: WRONG_HASH } },
      "INTEGRITY_MISMATCH",
    ],
    [
      "a file that is absent",
      { model: { path: "gone.onnx", integrity: WRONG_HASH } },
      "MODEL_NOT_FOUND",
    ],
    [
      "a file outside its folder",
      { model: { path: "../../index.json", integrity: WRONG_HASH } },
      "MANIFEST_INVALID",
    ],
    [
      "a model that deviates from its golden samples",
      { golden: { rtol: 1e-4, atol: 1e-6, features: [GOOD], prediction: [2] } },
      "SELF_TEST_FAILED",
    ],
  ])("refuses to serve %s, and says why in its log only", async (_, changes, reason) => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const bytes = await (await asset("models/iris/1/model.onnx")).arrayBuffer();
    await publish("broken", bytes, ONE_HOT, changes);
    const response = await serve({ ...env })("/models/broken/predict", post({ features: GOOD }));
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({
      error: { code: "INTERNAL", details: { model: "broken", version: "1" } },
    });
    expect(log.mock.calls.flat().join()).toContain(reason);
    log.mockRestore();
  });
});
