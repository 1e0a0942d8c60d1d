/** JSON Schemas (draft 2020-12, as OpenAPI 3.1 takes them) of what the API reads and answers. */

const label = { type: ["number", "string"] };

const alias = { type: "object", additionalProperties: { type: "string" } };

const versions = { type: "array", items: { type: "string" } };

const value = { type: ["number", "string", "boolean", "null"] };

const row = { type: "array", minItems: 1, items: value };

const record = {
  type: "object",
  additionalProperties: { anyOf: [value, { type: "array", items: value }] },
};

const port = {
  type: "object",
  required: ["name", "type", "shape"],
  properties: {
    name: { type: "string" },
    type: { type: "string", examples: ["float32"] },
    shape: {
      type: ["array", "null"],
      description:
        "A number, the name of a free dimension, or null for one without a name; null where no shape is declared.",
      items: { type: ["integer", "string", "null"] },
    },
  },
};

/** Properties of a model that the list and the description share. */
const card = {
  name: { type: "string" },
  title: { type: "string" },
  description: { type: "string" },
  aliases: {
    ...alias,
    description: "Alias to version; `champion` serves when a request names no version.",
  },
  versions,
};

/** @param maxBatch most rows in one request */
export function schemas(maxBatch: number): Record<string, object> {
  return {
    PredictRequest: {
      type: "object",
      required: ["features"],
      properties: {
        features: {
          description:
            "One row, rows, one record by column name, or records. A column takes numbers, which must be finite in the type of the model's input, or texts; null stands for a missing value. `GET /models/{name}` tells a model's columns, and an input of several values, beside others, may be an array under its own name.",
          anyOf: [
            { ...row, title: "Row" },
            { type: "array", title: "Rows", minItems: 1, maxItems: maxBatch, items: row },
            { ...record, title: "Record" },
            { type: "array", title: "Records", minItems: 1, maxItems: maxBatch, items: record },
          ],
        },
      },
    },
    PredictResponse: {
      type: "object",
      required: ["prediction", "model", "version"],
      properties: {
        prediction: {
          description:
            "One entry a row: the class label of a classifier, the number of a regressor, a text, or an array where the model answers more columns. A number that is not finite is null.",
          type: "array",
          items: {
            anyOf: [
              { type: ["number", "string", "null"] },
              { type: "array", items: { type: ["number", "string", "null"] } },
            ],
          },
        },
        probabilities: {
          description: "Rows × classes, in the order of `classes`. Only of a classifier.",
          type: "array",
          items: { type: "array", items: { type: ["number", "null"] } },
        },
        classes: { type: "array", items: label },
        model: { type: "string", description: "The model that answered." },
        version: { type: "string", description: "Its version." },
      },
    },
    ModelList: {
      type: "object",
      required: ["default", "models"],
      properties: {
        default: { type: "string", description: "The model of POST /predict." },
        models: {
          type: "array",
          items: { type: "object", required: ["name", "aliases", "versions"], properties: card },
        },
      },
    },
    Model: {
      type: "object",
      required: ["name", "version", "aliases", "versions", "signature"],
      properties: {
        ...card,
        version: { type: "string", description: "The version that is described." },
        created: { type: "string" },
        license: { type: "string" },
        signature: {
          type: "object",
          required: ["inputs", "outputs"],
          properties: {
            inputs: { type: "array", items: port },
            outputs: { type: "array", items: port },
          },
        },
        features: {
          type: "array",
          description: "The columns of a row, in order, with their range in the training data.",
          items: {
            type: "object",
            required: ["name"],
            properties: {
              name: { type: "string" },
              title: { type: "string" },
              type: { enum: ["number", "string"], description: "`number` where it is absent." },
              nullable: { type: "boolean", description: "Whether values may be missing." },
              values: {
                type: "array",
                description: "The values of the training data, where they are few.",
                items: label,
              },
              unit: { type: ["string", "null"] },
              min: { type: "number" },
              max: { type: "number" },
              mean: { type: "number" },
              step: { type: "number" },
            },
          },
        },
        classes: { type: "array", items: label },
        classNames: { type: "array", items: { type: "string" } },
        metrics: {
          type: "object",
          description: "Measured on held-out data, by their names in scikit-learn.",
          additionalProperties: { type: "number" },
        },
      },
    },
    Health: {
      type: "object",
      required: ["status", "store", "default", "loaded"],
      properties: {
        status: { const: "ok" },
        store: { enum: ["r2", "assets"] },
        default: { $ref: "#/components/schemas/ModelVersion" },
        loaded: { type: "array", items: { $ref: "#/components/schemas/ModelVersion" } },
      },
    },
    ModelVersion: {
      type: "object",
      required: ["model", "version"],
      properties: { model: { type: "string" }, version: { type: "string" } },
    },
    Error: {
      type: "object",
      required: ["error"],
      properties: {
        error: {
          type: "object",
          required: ["code", "message", "details"],
          properties: {
            code: { type: "string", description: "Stable; for programs." },
            message: { type: "string", description: "A sentence that says what to do." },
            details: { type: "object", description: "What was expected, what came, and where." },
          },
        },
      },
    },
  };
}
