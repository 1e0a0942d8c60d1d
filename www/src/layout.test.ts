import type { Manifest, Signature } from "predikt";
import { expect, test } from "vitest";
import { blankRow, rowLayout, takesAnyWidth } from "./layout.ts";

type Shape = (number | string | null)[];

function signatureOf(...shapes: Shape[]): Signature {
  const inputs = shapes.map((shape, index) => ({
    name: `i${index}`,
    type: "float32" as const,
    shape,
  }));
  return { inputs, outputs: [] };
}

test.each<[string, Shape[], object]>([
  ["rows of four", [[null, 4]], { kind: "fields", width: 4 }],
  ["a row a time", [[1, 4]], { kind: "fields", width: 4 }],
  ["a vector without rows", [[4]], { kind: "fields", width: 4 }],
  [
    "one input a column",
    [
      ["N", 1],
      ["N", 1],
      ["N", 2],
    ],
    { kind: "fields", width: 4 },
  ],
  ["a number a row", [["N"]], { kind: "fields", width: 1 }],
  ["a picture without a manifest", [["N", 3, 8, 8]], { kind: "text", width: 192, batch: 1 }],
  ["a free width", [["N", "time"]], { kind: "text", width: null, batch: 1 }],
  ["a fixed batch", [[3, 4]], { kind: "text", width: 4, batch: 3 }],
])("%s", (_, shapes, expected) => {
  expect(rowLayout(signatureOf(...shapes), undefined)).toMatchObject(expected);
});

test("names come from the manifest, then from the signature, then by number", () => {
  const signature = { ...signatureOf([null, 2]), features: ["a", "b"] };
  const model = { path: "model.onnx", integrity: "sha256-" };
  const manifest: Manifest = {
    name: "m",
    version: "1",
    model,
    features: [{ name: "width", title: "Width", unit: "cm" }, { name: "height" }],
  };
  const titles = (given: Signature, card?: Manifest) => {
    const layout = rowLayout(given, card);
    return layout.kind === "fields" ? layout.fields.map(({ title }) => title) : [];
  };
  expect(titles(signature, manifest)).toEqual(["Width", "height"]);
  expect(titles(signature)).toEqual(["a", "b"]);
  expect(titles(signatureOf([null, 2]))).toEqual(["x0", "x1"]);
});

test("a picture is painted when its pixels are the row", () => {
  const image = { width: 8, height: 8, max: 16 };
  const manifest: Manifest = {
    name: "m",
    version: "1",
    model: { path: "model.onnx", integrity: "sha256-" },
    image,
  };
  expect(rowLayout(signatureOf(["N", 1, 8, 8]), manifest)).toMatchObject({
    kind: "image",
    width: 64,
    image,
  });
  expect(rowLayout(signatureOf(["N", 32]), manifest)).toMatchObject({ kind: "fields", width: 32 });
});

test("only a lone input with one open dimension takes rows of any width", () => {
  expect(takesAnyWidth(signatureOf(["N", "time"]))).toBe(true);
  expect(takesAnyWidth(signatureOf(["N", "time", "channels"]))).toBe(false);
  expect(takesAnyWidth(signatureOf(["N", "time"], ["N", 1]))).toBe(false);
});

test("columns of several inputs have their own types and names", () => {
  const inputs = [
    { name: "town", type: "string" as const, shape: ["N", 1] },
    { name: "x", type: "float32" as const, shape: ["N", 2] },
    { name: "children", type: "int64" as const, shape: ["N", 1] },
  ];
  const signature: Signature = { inputs, outputs: [], features: ["town", "x[0]", "x[1]", "n"] };
  const layout = rowLayout(signature, undefined);
  expect(layout.fields).toMatchObject([
    { name: "town", type: "text", nullable: true },
    { name: "x[0]", type: "number", nullable: false, whole: false },
    { name: "x[1]", type: "number", nullable: false },
    { name: "n", type: "number", nullable: false, whole: true },
  ]);
  expect(blankRow(layout)).toEqual(["", 0, 0, 0]);
});

test("the manifest says which values may be missing, and which there are", () => {
  const signature: Signature = {
    inputs: [
      { name: "town", type: "string", shape: [null, 1] },
      { name: "age", type: "float32", shape: [null, 1] },
    ],
    outputs: [],
  };
  const manifest: Manifest = {
    name: "m",
    version: "1",
    model: { path: "model.onnx", integrity: "sha256-" },
    features: [
      { name: "town", type: "string", values: ["Oslo", "Rome"] },
      { name: "age", title: "Age", nullable: true },
    ],
  };
  expect(rowLayout(signature, manifest)).toMatchObject({
    kind: "fields",
    width: 2,
    fields: [
      { title: "town", type: "text", nullable: false, values: ["Oslo", "Rome"] },
      { title: "Age", type: "number", nullable: true },
    ],
  });
});
