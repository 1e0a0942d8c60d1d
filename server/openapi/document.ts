import packageJson from "../../package.json" with { type: "json" };
import type { Config } from "../config.js";
import {
  type DescribedModel,
  type ModelExamples,
  modelExamples,
  requestName,
  requestSchema,
} from "./models.js";
import { schemas } from "./schemas.js";

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const json = (schema: object, examples?: Record<string, unknown>) => ({
  "application/json": {
    schema,
    ...(examples && {
      examples: Object.fromEntries(
        Object.entries(examples).map(([name, value]) => [name, { value }]),
      ),
    }),
  },
});

const answer = (description: string, schema: string, example?: unknown) => ({
  description,
  content: json(ref(schema), example === undefined ? undefined : { example }),
});

const error = (description: string, code: string, message: string, details: object) => ({
  description,
  content: json(ref("Error"), { example: { error: { code, message, details } } }),
});

const modelParameter = {
  name: "name",
  in: "path",
  required: true,
  description: "Name of a published model.",
  schema: { type: "string" },
  example: "iris",
};

const versionParameter = {
  name: "version",
  in: "path",
  required: true,
  description: "A version, or an alias such as `champion`.",
  schema: { type: "string" },
  example: "1",
};

/** What a request may look like, where nothing is known of the model. */
const EXAMPLES: ModelExamples = {
  requests: {
    row: { features: [5.1, 3.5, 1.4, 0.2] },
    rows: {
      features: [
        [5.1, 3.5, 1.4, 0.2],
        [6.7, 3.1, 4.7, 1.5],
      ],
    },
    record: {
      features: { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 },
    },
    mixedRecords: {
      features: [
        { age: 54, sex: "male", bmi: 27.7 },
        { age: 32, sex: null, bmi: null },
      ],
    },
  },
  answer: {
    prediction: [0],
    probabilities: [[0.98, 0.02, 0]],
    classes: [0, 1, 2],
    model: "iris",
    version: "1",
  },
};

/**
 * The OpenAPI 3.1 document of a server with this configuration.
 *
 * @param models what is published: each gets a path of its own, with the types of its columns
 */
export function describeApi(config: Config, models: readonly DescribedModel[]): object {
  const requests = new Map(
    models.flatMap((model) => {
      const schema = requestSchema(model, config);
      return schema === undefined ? [] : [[model.name, schema] as const];
    }),
  );
  const failure = error(
    "The server failed. `ENGINE_TRAP`: the engine stopped on these features; only this request is concerned, and repeating it most likely ends the same way. `INTERNAL`: see the server's log.",
    "INTERNAL",
    "The server could not answer this request. Its log says why.",
    {},
  );
  const notFound = error(
    "No such model (`MODEL_NOT_FOUND`), version or alias (`VERSION_NOT_FOUND`).",
    "MODEL_NOT_FOUND",
    'No model "iriss" is published here: GET /models lists those that are.',
    { model: "iriss" },
  );
  const predict = (
    operationId: string,
    summary: string,
    parameters: object[],
    model?: DescribedModel,
  ) => {
    const known = model !== undefined && requests.has(model.name);
    const request = known ? requestName(model.name) : "PredictRequest";
    const examples = known ? modelExamples(model) : EXAMPLES;
    return {
      parameters,
      post: {
        operationId,
        summary,
        tags: ["predict"],
        requestBody: {
          required: true,
          description: `At most ${config.maxBodyBytes} bytes, ${config.maxBatch} rows and ${config.maxTextLength} characters a text.`,
          content: json(ref(request), examples?.requests),
        },
        responses: {
          200: answer(
            "The prediction, and the model and version that gave it.",
            "PredictResponse",
            examples?.answer,
          ),
          400: error(
            "The body is not JSON (`BODY_INVALID`), or the features don't fit the model: `INPUT_SHAPE`, `INPUT_TYPE`, `INPUT_MISSING`, `INPUT_UNKNOWN`, `INPUT_NOT_FINITE`, `LIMIT_EXCEEDED`.",
            "INPUT_SHAPE",
            "A row has 4 values, not 3.",
            { expected: 4, got: 3 },
          ),
          404: notFound,
          413: error(
            "The body (`BODY_TOO_LARGE`) or the number of rows (`BATCH_TOO_LARGE`) is over the limit.",
            "BATCH_TOO_LARGE",
            `The request has ${config.maxBatch + 1} rows, and ${config.maxBatch} are allowed: send it in parts.`,
            { limit: config.maxBatch, got: config.maxBatch + 1 },
          ),
          415: error(
            "The body is not declared as JSON in UTF-8, or is compressed.",
            "MEDIA_TYPE_UNSUPPORTED",
            'Send JSON in UTF-8, with the header "Content-Type: application/json".',
            { expected: "application/json", got: "text/plain" },
          ),
          500: failure,
        },
      },
    };
  };
  const read = (
    operationId: string,
    summary: string,
    ok: object,
    parameters: object[] = [],
    tag = "models",
    needsModel = parameters.length > 0,
  ) => ({
    parameters,
    get: {
      operationId,
      summary,
      tags: [tag],
      responses: {
        200: ok,
        ...(needsModel && { 404: notFound }),
        500: failure,
      },
    },
  });

  return {
    openapi: "3.1.1",
    info: {
      title: "predikt",
      version: packageJson.version,
      description: "Predictions of ONNX models over HTTP.",
      license: { name: "MIT OR Apache-2.0", identifier: packageJson.license },
    },
    servers: [{ url: "/" }],
    tags: [
      { name: "predict", description: "Features in, predictions out." },
      { name: "models", description: "What is published." },
      { name: "server", description: "The server itself." },
    ],
    paths: {
      "/predict": predict(
        "predict",
        `Predict with the default model, ${config.defaultModel}`,
        [],
        models.find(({ name }) => name === config.defaultModel),
      ),
      "/models": read("listModels", "List the published models", {
        ...answer("All published models.", "ModelList"),
      }),
      "/models/{name}": read(
        "describeModel",
        "Describe a model's champion",
        answer("Signature, features, classes, versions, aliases and metrics.", "Model"),
        [modelParameter],
      ),
      "/models/{name}/predict": predict("predictWithModel", "Predict with a model's champion", [
        modelParameter,
      ]),
      ...Object.fromEntries(
        models.map((model) => [
          `/models/${model.name}/predict`,
          predict(
            `predictWithModel.${model.name}`,
            `Predict with ${model.title ?? model.name}`,
            [],
            model,
          ),
        ]),
      ),
      "/models/{name}/versions/{version}": read(
        "describeVersion",
        "Describe one version of a model",
        answer("Signature, features, classes, versions, aliases and metrics.", "Model"),
        [modelParameter, versionParameter],
      ),
      "/models/{name}/versions/{version}/predict": predict(
        "predictWithVersion",
        "Predict with one version of a model",
        [modelParameter, versionParameter],
      ),
      "/healthz": read(
        "health",
        "Tell whether the default model can predict",
        answer("It can.", "Health"),
        [],
        "server",
        true,
      ),
      "/openapi.json": read(
        "describeApi",
        "This document",
        { description: "OpenAPI 3.1.", content: json({ type: "object" }) },
        [],
        "server",
      ),
    },
    components: {
      schemas: {
        ...schemas(config.maxBatch),
        ...Object.fromEntries(
          [...requests].map(([name, schema]) => [requestName(name), schema] as const),
        ),
      },
    },
  };
}
