import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { ErrorBody } from "../errors.js";
import { copyModelsToBucket } from "./bindings.js";
import { post } from "./fakes.js";
import { serve } from "./serve.js";

const GOOD = [5.1, 3.5, 1.4, 0.2];
const RECORD = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const { petal_width: _, ...INCOMPLETE } = RECORD;

const request = serve({ ...env, MAX_BODY_BYTES: "20000", MAX_BATCH: "16", MAX_TEXT_LENGTH: "100" });

beforeAll(copyModelsToBucket);

/** Name, body (text goes as it is), status, code, and facts that the details must hold. */
const BODIES: [string, unknown, number, string, object][] = [
  ["nothing", "", 400, "BODY_INVALID", { position: 0 }],
  ["half a body", '{"features": [5.1, 3.5', 400, "BODY_INVALID", { position: 22 }],
  ["single quotes", "{'features': [1,2,3,4]}", 400, "BODY_INVALID", { position: 1 }],
  ["NaN", '{"features": [NaN, 1, 2, 3]}', 400, "BODY_INVALID", { position: 14 }],
  ["Infinity", '{"features": [Infinity, 1, 2, 3]}', 400, "BODY_INVALID", {}],
  ["two documents", '{"features": [1,2,3,4]} {}', 400, "BODY_INVALID", { position: 24 }],
  ["an array", [GOOD], 400, "BODY_INVALID", { expected: "object", got: "array" }],
  ["a string", '"features"', 400, "BODY_INVALID", { got: "string" }],
  ["null", "null", 400, "BODY_INVALID", { got: "null" }],
  ["another name", { instances: [GOOD] }, 400, "INPUT_MISSING", { got: ["instances"] }],
  ["features of null", { features: null }, 400, "INPUT_TYPE", { got: "null" }],
  ["features of text", { features: "5.1" }, 400, "INPUT_TYPE", { got: "string" }],
  ["features of true", { features: true }, 400, "INPUT_TYPE", { got: "boolean" }],
  ["one number", { features: 5.1 }, 400, "INPUT_TYPE", { got: "number" }],
  ["an empty batch", { features: [] }, 400, "INPUT_SHAPE", {}],
  ["an empty row", { features: [[]] }, 400, "INPUT_SHAPE", { row: 0 }],
  ["an empty record", { features: {} }, 400, "INPUT_MISSING", {}],
  ["a short row", { features: [1, 2, 3] }, 400, "INPUT_SHAPE", { expected: 4, got: 3 }],
  ["a long row", { features: [1, 2, 3, 4, 5] }, 400, "INPUT_SHAPE", { expected: 4, got: 5 }],
  [
    "two rows in one",
    { features: [...GOOD, ...GOOD] },
    400,
    "INPUT_SHAPE",
    { expected: 4, got: 8 },
  ],
  [
    "short rows",
    {
      features: [
        [1, 2],
        [3, 4],
      ],
    },
    400,
    "INPUT_SHAPE",
    { expected: 4, got: 2 },
  ],
  ["ragged rows", { features: [GOOD, [1, 2]] }, 400, "INPUT_SHAPE", { row: 1, got: 2 }],
  ["depth three", { features: [[GOOD]] }, 400, "INPUT_SHAPE", { row: 0, column: 0 }],
  [
    "depth of thousands",
    `{"features": ${"[".repeat(5000)}${"]".repeat(5000)}}`,
    400,
    "INPUT_SHAPE",
    {},
  ],
  ["text for a number", { features: ["5.1", 3.5, 1.4, 0.2] }, 400, "INPUT_TYPE", { column: 0 }],
  [
    "null that nothing fills",
    { features: [GOOD, [5.1, null, 1.4, 0.2]] },
    400,
    "INPUT_NOT_FINITE",
    { operator: "ai.onnx.ml.LinearClassifier" },
  ],
  [
    "truth for a number",
    { features: [true, 3.5, 1.4, 0.2] },
    400,
    "INPUT_TYPE",
    { got: "boolean" },
  ],
  ["rows and numbers", { features: [GOOD, 1] }, 400, "INPUT_TYPE", { row: 1 }],
  ["rows and records", { features: [GOOD, RECORD] }, 400, "INPUT_TYPE", { row: 1 }],
  ["1e999", '{"features": [1e999, 1, 2, 3]}', 400, "INPUT_NOT_FINITE", { row: 0, column: 0 }],
  [
    "-1e999 in a batch",
    '{"features": [[1,2,3,4],[1,2,3,-1e999]]}',
    400,
    "INPUT_NOT_FINITE",
    { row: 1, column: 3 },
  ],
  [
    "1e39 in float32",
    { features: [1, 2, 1e39, 3] },
    400,
    "INPUT_NOT_FINITE",
    { column: 2, type: "float32" },
  ],
  [
    "1e39 by name",
    { features: { ...RECORD, petal_width: 1e39 } },
    400,
    "INPUT_NOT_FINITE",
    { column: "petal_width" },
  ],
  ["a missing column", { features: INCOMPLETE }, 400, "INPUT_MISSING", { name: "petal_width" }],
  [
    "a missing column in records",
    { features: [RECORD, INCOMPLETE] },
    400,
    "INPUT_MISSING",
    { name: "petal_width", row: 1 },
  ],
  [
    "an unknown column",
    { features: { ...RECORD, colour: 1 } },
    400,
    "INPUT_UNKNOWN",
    { name: "colour" },
  ],
  [
    "text in a record",
    { features: { ...RECORD, petal_width: "wide" } },
    400,
    "INPUT_TYPE",
    { column: 3, name: "petal_width", expected: "number", got: "string" },
  ],
  [
    "a text that is too long",
    { features: { ...RECORD, petal_width: "x".repeat(101) } },
    400,
    "LIMIT_EXCEEDED",
    { row: 0, column: "petal_width", limit: 100, got: 101 },
  ],
  [
    "a prototype for a record",
    '{"features": {"__proto__": {"sepal_length": 1}}}',
    400,
    "INPUT_TYPE",
    {},
  ],
  [
    "an inherited name",
    { features: { ...RECORD, toString: 1 } },
    400,
    "INPUT_UNKNOWN",
    { name: "toString" },
  ],
  [
    "too many rows",
    { features: Array.from({ length: 17 }, () => GOOD) },
    413,
    "BATCH_TOO_LARGE",
    { limit: 16, got: 17 },
  ],
  [
    "too many bytes",
    { features: GOOD, padding: "x".repeat(20_000) },
    413,
    "BODY_TOO_LARGE",
    { limit: 20_000 },
  ],
];

async function expectError(
  response: Response,
  status: number,
  code: string,
  details: object,
): Promise<void> {
  const { error } = await response.json<ErrorBody>();
  expect({ status: response.status, ...error }).toMatchObject({ status, code, details });
  expect(error.message.length).toBeGreaterThan(10);
  expect(error.message).not.toMatch(/undefined|\[object/);
  expect(response.headers.get("content-type")).toContain("application/json");
}

describe("a body", () => {
  it.each(BODIES)("of %s is refused", async (_, body, status, code, details) => {
    await expectError(await request("/predict", post(body)), status, code, details);
  });

  it("of another media type is refused", async () => {
    for (const type of ["text/plain", "multipart/form-data"]) {
      const init = post({ features: GOOD }, { "content-type": type });
      await expectError(await request("/predict", init), 415, "MEDIA_TYPE_UNSUPPORTED", {
        got: type,
      });
    }
  });

  it("that never ends is refused", async () => {
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(4096).fill(0x20)),
    });
    const response = await request("/predict", { method: "POST", body: endless });
    await expectError(response, 413, "BODY_TOO_LARGE", { limit: 20_000 });
  });

  it("that was refused leaves the next request alone", async () => {
    const response = await request("/predict", post({ features: GOOD }));
    expect(await response.json()).toMatchObject({ prediction: [0] });
  });
});

describe("a path", () => {
  it.each([
    ["POST", "/models/none/predict", 404, "MODEL_NOT_FOUND", { model: "none" }],
    ["POST", "/models/iris/versions/99/predict", 404, "VERSION_NOT_FOUND", { version: "99" }],
    ["POST", "/models/iris/versions/latest/predict", 404, "VERSION_NOT_FOUND", { versions: ["1"] }],
    ["POST", "/models/..%2f..%2fetc/predict", 404, "MODEL_NOT_FOUND", {}],
    ["POST", "/models/%E0%A4%A/predict", 404, "MODEL_NOT_FOUND", {}],
    ["GET", "/models/none", 404, "MODEL_NOT_FOUND", { model: "none" }],
    ["GET", "/models/iris/versions/99", 404, "VERSION_NOT_FOUND", { version: "99" }],
    ["GET", "/models/iris/1/none.onnx", 404, "NOT_FOUND", {}],
    ["GET", "/predict/none", 404, "NOT_FOUND", {}],
    ["GET", "/predict", 405, "METHOD_NOT_ALLOWED", { method: "GET" }],
    ["DELETE", "/models/iris", 405, "METHOD_NOT_ALLOWED", { method: "DELETE" }],
  ])("%s %s is refused with %i %s", async (method, path, status, code, details) => {
    const init = method === "POST" ? post({ features: GOOD }) : { method };
    await expectError(await request(path, init), status, code, details);
  });
});
