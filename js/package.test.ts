/** The package as it is published (dist/), in Node, with the real engine and the published models. */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { failureOf } from "./testing/loader.js";
import type { Golden, Prediction } from "./types.js";

type Package = typeof import("./entry/node.js");

const root = new URL("../", import.meta.url);
const entry = (name: string) => new URL(`dist/entry/${name}.js`, root).href;
const fixture = (name: string) => fileURLToPath(new URL(`tests/fixtures/${name}`, root));
const published = (path: string) => fileURLToPath(new URL(`models/${path}`, root));
const readJson = async (path: string) => JSON.parse(await readFile(path, "utf8"));

const { loadModel, PrediktError, Model, WorkerModel, version } = (await import(
  /* @vite-ignore */ entry("node")
)) as Package;

type Samples = Pick<Golden, "features" | "prediction" | "probabilities">;

/** As numpy's allclose with rtol 1e-5 and atol 1e-6, the trainer's own numbers being the expected ones. */
function expectClose(got: number[][], expected: readonly (readonly number[])[]): void {
  expect(got).toHaveLength(expected.length);
  const worst = expected.flatMap((row, r) =>
    row.map((value, c) => Math.abs((got[r]?.[c] ?? NaN) - value) - 1e-5 * Math.abs(value)),
  );
  expect(Math.max(...worst)).toBeLessThanOrEqual(1e-6);
}

function expectSamples(got: Prediction, samples: Samples, classes: unknown): void {
  if (classes === undefined) {
    const column = (values: readonly unknown[]) => values.map((value) => [value as number]);
    expectClose(column(got.prediction), column(samples.prediction));
    return;
  }
  expect(got.prediction).toEqual(samples.prediction);
  expect(got.classes).toEqual(classes);
  expectClose(got.probabilities ?? [], samples.probabilities ?? []);
}

function part(samples: Samples, from: number, to: number): Samples {
  const { features, prediction, probabilities } = samples;
  return {
    features: features.slice(from, to),
    prediction: prediction.slice(from, to),
    ...(probabilities && { probabilities: probabilities.slice(from, to) }),
  };
}

describe.each(["iris", "diabetes", "digits", "progression"])("the model %s", (name) => {
  it("predicts what its trainer predicted, in every form of features", async () => {
    const samples = (await readJson(published(`${name}/1/samples.json`))) as Samples;
    const model = await loadModel(published(`${name}/model.json`), { selfTest: true });
    expect(model).toMatchObject({ name, version: "1" });
    const classes = model.manifest?.classes;
    const rows = samples.features;
    const width = rows[0]?.length ?? 0;
    expectSamples(model.predict(rows), samples, classes);
    const hasTexts = rows.flat().some((value) => typeof value === "string");
    if (!hasTexts) {
      expectSamples(model.predict(new Float64Array(rows.flat().map(Number))), samples, classes);
    }
    const names = model.signature.features ?? [];
    expect(names).toHaveLength(width);
    const records = rows.map((row) => Object.fromEntries(row.map((value, i) => [names[i], value])));
    expectSamples(model.predict(records), samples, classes);
    expectSamples(model.predict(records.slice(0, 3)), part(samples, 0, 3), classes);
    for (let i = 0; i < 3; i++) {
      const one = part(samples, i, i + 1);
      expectSamples(model.predict(rows[i] ?? []), one, classes);
      if (hasTexts) continue;
      expectSamples(model.predict(new Float32Array((rows[i] ?? []).map(Number))), one, classes);
    }
    model.dispose();
  });

  it("does the same in a thread", async () => {
    const samples = (await readJson(published(`${name}/1/samples.json`))) as Samples;
    const model = await loadModel(published(`${name}/model.json`), {
      thread: "worker",
      selfTest: true,
    });
    expect(model).toBeInstanceOf(WorkerModel);
    expectSamples(await model.predict(samples.features), samples, model.manifest?.classes);
    model.dispose();
    expect(await failureOf(() => model.predict([1]))).toMatchObject({ code: "DISPOSED" });
  });
});

describe("a bundler", () => {
  it("keeps the thread's script that an entry imports for its effect", async () => {
    const { outputFiles } = await build({
      stdin: { contents: 'import "predikt/worker.js";', resolveDir: fileURLToPath(root) },
      bundle: true,
      write: false,
      format: "esm",
    });
    expect(outputFiles[0]?.text).toContain("onmessage");
  });
});

describe("the models of the fixtures", () => {
  it("answer run as ONNX Runtime does", async () => {
    // Among numbers, a text is one that JSON can't write: "NaN", "Infinity".
    type Stored = { type: string; dims: number[]; data: (number | string)[] };
    type Tensors = Record<string, Stored>;
    const plain = (tensor: Stored) =>
      tensor.type === "string" ? tensor : { ...tensor, data: tensor.data.map(Number) };
    const all = (tensors: Tensors) =>
      Object.fromEntries(Object.entries(tensors).map(([name, one]) => [name, plain(one)]));
    const expected = (await readJson(fixture("expected.json"))) as Record<
      string,
      { cases: { inputs: Tensors; outputs: Tensors }[] }
    >;
    for (const [file, { cases }] of Object.entries(expected)) {
      const model = await loadModel(fixture(file));
      for (const { inputs, outputs } of cases) {
        const got = model.run(all(inputs));
        for (const [name, { type, dims, data }] of Object.entries(all(outputs))) {
          expect(got[name], `${file} ${name}`).toMatchObject({ type, dims });
          if (type === "string") {
            expect(got[name]?.data, `${file} ${name}`).toEqual(data);
            continue;
          }
          Array.from(got[name]?.data ?? [], Number).forEach((value, i) => {
            if (Object.is(value, data[i])) return;
            expect(value, `${file} ${name}[${i}]`).toBeCloseTo(Number(data[i]), 4);
          });
        }
      }
      model.dispose();
    }
  });

  it("are refused with the code and the words that say why", async () => {
    const refusals = (await readJson(fixture("refusals.json"))) as Record<
      string,
      { code: string; mentions: string[] }
    >;
    for (const [file, { code, mentions }] of Object.entries(refusals)) {
      const error = await failureOf(() => loadModel(fixture(file)));
      expect(error, file).toBeInstanceOf(PrediktError);
      expect(error, file).toMatchObject({ code });
      const message = (error as Error).message.toLowerCase();
      for (const word of mentions) expect(message, file).toContain(word.toLowerCase());
    }
  });
});

describe("the two artefacts", () => {
  it("answer alike, to the bit where only one kind of SIMD is in play", async () => {
    for (const name of ["iris", "diabetes", "progression"]) {
      const { features } = (await readJson(published(`${name}/1/samples.json`))) as Samples;
      const bytes = await readFile(published(`${name}/1/model.onnx`));
      const compact = await loadModel(bytes, { engine: "compact" });
      const full = await loadModel(bytes, { engine: "tract" });
      const [a, b] = [compact.predict(features), full.predict(features)];
      expect(compact.signature).toEqual(full.signature);
      if (a.probabilities) expectClose(a.probabilities, b.probabilities ?? []);
      else
        expectClose(
          a.prediction.map(Number).map((x) => [x]),
          b.prediction.map(Number).map((x) => [x]),
        );
      compact.dispose();
      full.dispose();
    }
  });

  it("run models beside each other while each of them traps", async () => {
    const iris = await loadModel(published("iris/1/model.onnx"));
    const digits = await loadModel(published("digits/1/model.onnx"));
    const trap = await loadModel(fixture("trap.onnx"));
    const again = await loadModel(fixture("trap.onnx"), { engine: "tract" }).catch(() => undefined);
    const pixels = new Float32Array(64).fill(3);
    const expected = digits.predict(pixels);
    for (let round = 0; round < 2; round++) {
      expect(await failureOf(() => trap.predict([7]))).toMatchObject({ code: "ENGINE_TRAP" });
      await failureOf(() => again?.predict([7]) ?? Promise.reject(new Error("none")));
      expect(digits.predict(pixels)).toEqual(expected);
      expect(iris.predict([5.1, 3.5, 1.4, 0.2]).prediction).toEqual([0]);
    }
  });

  it("share a thread", async () => {
    const options = { thread: "worker" } as const;
    const iris = await loadModel(published("iris/1/model.onnx"), options);
    const digits = await loadModel(published("digits/1/model.onnx"), options);
    expect((await digits.predict(new Float32Array(64))).prediction).toHaveLength(1);
    expect((await iris.predict([5.1, 3.5, 1.4, 0.2])).prediction).toEqual([0]);
    iris.dispose();
    digits.dispose();
  });
});

describe("a trap of the real engine", () => {
  it("is lost for its own call only, and other models go on", async () => {
    const iris = await loadModel(published("iris/1/manifest.json"));
    const trap = await loadModel(fixture("trap.onnx"));
    for (let round = 0; round < 3; round++) {
      expect(await failureOf(() => trap.predict([7]))).toMatchObject({ code: "ENGINE_TRAP" });
      expect(trap.predict([1]).prediction).toEqual([[0, 1, 0]]);
      expect(iris.predict([5.1, 3.5, 1.4, 0.2]).prediction).toEqual([0]);
    }
  });

  it("in a thread is the same", async () => {
    const trap = await loadModel(fixture("trap.onnx"), { thread: "worker" });
    const calls = await Promise.allSettled([
      trap.predict([1]),
      trap.predict([7]),
      trap.predict([1]),
    ]);
    expect(calls.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    trap.dispose();
  });
});

describe("disposed models", () => {
  it("give their memory back", async () => {
    const bytes = await readFile(published("digits/1/model.onnx"));
    for (let i = 0; i < 100; i++) {
      const model = await loadModel(bytes);
      expect(model).toBeInstanceOf(Model);
      model.dispose();
    }
  });
});

describe("entries", () => {
  it("export the same names, and do nothing when they are imported", async () => {
    const names = ["Model", "PrediktError", "WorkerModel", "loadModel", "version"];
    for (const name of ["browser", "node", "deno", "bun"]) {
      expect(Object.keys(await import(/* @vite-ignore */ entry(name))).sort()).toEqual(names);
    }
    expect(Object.keys(await import(/* @vite-ignore */ entry("slim"))).sort()).toEqual(
      [...names, "configure"].sort(),
    );
    const workerd = await readFile(fileURLToPath(entry("workerd")), "utf8");
    expect(workerd).toContain('export * from "../index.js"');
    expect(workerd).toContain('from "../predikt_compact.wasm"');
    expect(workerd).toContain('from "../predikt_full_relaxed.wasm"');
  });

  it("name the package's version", async () => {
    const { version: expected } = await readJson(fileURLToPath(new URL("package.json", root)));
    expect(version).toBe(expected);
  });
});

/** Runs a script in a process of its own and returns what it printed. */
function runScript(script: string, node = process.execPath): string {
  const args = ["--input-type=module", "-e", script];
  return execFileSync(node, args, { encoding: "utf8", cwd: root, timeout: 15_000 }).trim();
}

describe("in a process of its own", () => {
  const irisPath = JSON.stringify(published("iris/1/model.onnx"));

  it("a thread that is not disposed lets the process end, but not before it answered", () => {
    const printed = runScript(`
      import { loadModel } from ${JSON.stringify(entry("node"))};
      const model = await loadModel(${irisPath}, { thread: "worker" });
      console.log(JSON.stringify((await model.predict([5.1, 3.5, 1.4, 0.2])).prediction));
    `);
    expect(printed).toBe("[0]");
  });

  it("slim asks to be configured, then takes the module's bytes", () => {
    const printed = runScript(`
      import { readFileSync } from "node:fs";
      import { configure, loadModel } from ${JSON.stringify(entry("slim"))};
      const bytes = readFileSync(${irisPath});
      await loadModel(bytes).catch((error) => console.log(error.code));
      configure({ wasm: readFileSync("dist/predikt_full.wasm") });
      const model = await loadModel(bytes);
      console.log(JSON.stringify(model.predict([5.1, 3.5, 1.4, 0.2]).prediction));
      await loadModel(bytes, { thread: "worker" }).catch((error) => console.log(error.code));
    `);
    expect(printed.split("\n")).toEqual(["OPTIONS_INVALID", "[0]", "ENGINE_UNSUPPORTED"]);
  });

  it("slim with the compact module alone refuses what needs the other, and runs it once it has that", () => {
    const printed = runScript(`
      import { readFileSync } from "node:fs";
      import { configure, loadModel } from ${JSON.stringify(entry("slim"))};
      const digits = readFileSync(${JSON.stringify(published("digits/1/model.onnx"))});
      configure({ compact: () => readFileSync("dist/predikt_compact.wasm") });
      const model = await loadModel(readFileSync(${irisPath}));
      console.log(JSON.stringify(model.predict([5.1, 3.5, 1.4, 0.2]).prediction));
      await loadModel(digits).catch((error) => console.log(error.code, error.details.operator));
      configure({ compact: "nowhere", wasm: readFileSync("dist/predikt_full.wasm") });
      console.log((await loadModel(digits)).predict(new Float32Array(64)).prediction.length);
    `);
    expect(printed.split("\n")).toEqual(["[0]", "OP_UNSUPPORTED Conv", "1"]);
  });

  it("only models that need the full module read it", () => {
    const printed = runScript(`
      import fs from "node:fs/promises";
      import { syncBuiltinESMExports } from "node:module";
      const { readFile } = fs;
      fs.readFile = (path, ...rest) => {
        const [module] = /predikt_(compact|full)(?=\\w*\\.wasm$)/.exec(String(path)) ?? [];
        if (module) console.log(module);
        return readFile(path, ...rest);
      };
      syncBuiltinESMExports();
      const { loadModel } = await import(${JSON.stringify(entry("node"))});
      for (const name of ["iris", "digits", "diabetes"]) {
        await loadModel(${JSON.stringify(published(""))} + name + "/1/model.onnx");
        console.log(name);
      }
    `);
    expect(printed.split("\n")).toEqual([
      "predikt_compact",
      "iris",
      "predikt_full",
      "digits",
      "diabetes",
    ]);
  });

  const newer = fileURLToPath(new URL("node_modules/.bin/node", root));
  it.runIf(existsSync(newer))("relaxed SIMD predicts the same", () => {
    const printed = runScript(
      `import { loadModel } from ${JSON.stringify(entry("node"))};
      const model = await loadModel(${irisPath});
      console.log(JSON.stringify(model.predict([5.1, 3.5, 1.4, 0.2]).prediction));`,
      newer,
    );
    expect(printed).toBe("[0]");
  });
});
