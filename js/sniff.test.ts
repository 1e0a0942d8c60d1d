import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { OPERATORS } from "./operators.js";
import { Sniffer } from "./sniff.js";
import { call, field, graph, model, node, text } from "./testing/onnx.js";

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** The verdict on a file, which must not depend on how it is cut. */
function needsFull(bytes: Uint8Array): boolean {
  const verdicts = [bytes.length, 1000, 7, 1].map((size) => {
    const sniffer = new Sniffer();
    for (let at = 0; at < bytes.length; at += size) sniffer.push(bytes.subarray(at, at + size));
    return sniffer.needsFull;
  });
  expect(new Set(verdicts).size).toBe(1);
  return verdicts[0] as boolean;
}

const ours = node("Relu");
const theirs = node("Conv");

describe("operators are read from", () => {
  it.each<[string, Uint8Array, boolean]>([
    [
      "a graph of the compact engine's operators",
      model(graph(ours, node("Scaler", "ai.onnx.ml"))),
      false,
    ],
    ["a graph with another", model(graph(ours, theirs)), true],
    [
      "a domain by its long name",
      model(graph(node("Relu", "ai.onnx"), node("Conv", "ai.onnx"))),
      true,
    ],
    ["an operator of another domain's name", model(graph(node("Scaler"))), true],
    ["an operator that is rewritten", model(graph(node("ZipMap", "ai.onnx.ml"))), false],
    [
      "a subgraph",
      model(graph(node("Scan", "", field(5, [text(1, "body"), field(6, graph(theirs))])))),
      true,
    ],
    [
      "a list of subgraphs",
      model(graph(node("Scan", "", field(5, field(11, graph(theirs)))))),
      true,
    ],
    [
      "names that come last",
      model(graph([field(5, text(1, "a")), text(7, ""), text(4, "Conv")])),
      true,
    ],
    [
      "a name given twice, of which the last counts",
      model(graph([text(4, "Conv"), text(4, "Relu")])),
      false,
    ],
    ["a graph in two parts", model([...graph(ours)], [...graph(theirs)]), true],
    [
      "a node after the weights",
      model([...field(5, new Uint8Array(5000)), ...graph(theirs)]),
      true,
    ],
    [
      "numbers of every kind",
      model([0x10, 0xff, 0x01, 0x19, ...Array(8).fill(9), 0x25, 1, 2, 3, 4], graph(theirs)),
      true,
    ],
    [
      "a function of the file's own",
      Uint8Array.of(
        ...model(graph(call("f"))),
        ...field(25, [text(1, "f"), text(10, "own"), field(7, ours)]),
      ),
      true,
    ],
    [
      "a function that nothing calls",
      Uint8Array.of(...field(25, [text(10, "own"), text(1, "f")]), ...model(graph(ours))),
      true,
    ],
    ["an operator of an unknown domain", model(graph(call("f"))), true],
    ["an empty file", new Uint8Array(0), false],
    ["an empty graph", model([]), false],
  ])("%s", (_what, bytes, expected) => {
    expect(needsFull(bytes)).toBe(expected);
  });

  it("never more than can be: broken files are left to the engine", () => {
    const whole = model(graph(ours, node("Scan", "", field(5, field(6, graph(ours))))));
    for (let length = 0; length < whole.length; length++) {
      expect(needsFull(whole.subarray(0, length)), `${length} bytes`).toBe(false);
    }
    const deep = Array.from({ length: 200 }).reduce<number[]>(
      (inner) => graph(node("Scan", "", field(5, field(6, inner)))),
      graph(theirs),
    );
    for (const broken of [
      Uint8Array.of(0x3b, ...whole),
      Uint8Array.of(0x3a, 4, 0x0a, 50, ...theirs),
      Uint8Array.of(...Array(20).fill(0xff)),
      model(graph([...text(4, "C".repeat(5000))])),
      model(deep),
      new TextEncoder().encode("<!doctype html><title>Conv</title>"),
    ]) {
      expect(needsFull(broken)).toBe(false);
    }
  });
});

describe("of real files", () => {
  const classical = path("tests/fixtures/models");
  const names = readdirSync(classical).filter((name) =>
    existsSync(`${classical}/${name}/model.onnx`),
  );

  it(`${names.length} classical models need the compact engine only, but for two estimators'`, () => {
    expect(names.length).toBeGreaterThan(100);
    const full = names.filter((name) => {
      const sniffer = new Sniffer();
      sniffer.push(readFileSync(`${classical}/${name}/model.onnx`));
      return sniffer.needsFull;
    });
    const large = names.filter((name) => /^(feature_hasher|knn_imputer)/.test(name));
    expect(full).toEqual(large);
  });

  it("a network is known by its first bytes", () => {
    const bytes = readFileSync(path("models/digits/1/model.onnx"));
    expect(needsFull(bytes)).toBe(true);
    const sniffer = new Sniffer();
    let read = 0;
    while (!sniffer.needsFull) sniffer.push(bytes.subarray(read, ++read));
    expect(read).toBeLessThan(bytes.length / 10);
  });

  it.each<[string, boolean]>([
    ["opset_9", false],
    ["zipmap_strings", false],
    ["subgraph_if", true],
    ["functions", true],
  ])("%s is told by its operators and functions", (name, expected) => {
    expect(needsFull(readFileSync(path(`tests/fixtures/${name}.onnx`)))).toBe(expected);
  });
});

it("the list names operators once, in order", () => {
  for (const names of Object.values(OPERATORS)) {
    const list = names.split(" ");
    expect(list).toEqual([...new Set(list)].sort());
  }
});
