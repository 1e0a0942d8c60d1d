import type { Catalogue, ModelManifest } from "../catalogue.js";
import { columnNames, featureSchemas } from "./columns.js";

/** A published model's champion, as far as the API's description needs it. */
export interface DescribedModel {
  readonly name: string;
  readonly version: string;
  readonly title: string | undefined;
  readonly manifest: ModelManifest;
}

/** Models beyond these are described by the paths for any model. */
const MOST_MODELS = 32;

/** Reads what is published. A model that can't be read is left out, and logged. */
export async function describedModels(
  catalogue: Catalogue,
  log: (entry: object) => void,
): Promise<DescribedModel[]> {
  const unread = (model: string | undefined, error: unknown) =>
    log({ level: "error", ...(model !== undefined && { model }), errors: [String(error)] });
  let names: readonly string[];
  try {
    names = await catalogue.names();
  } catch (error) {
    unread(undefined, error);
    return [];
  }
  const listed = names.slice(0, MOST_MODELS);
  const settled = await Promise.allSettled(listed.map((name) => championOf(catalogue, name)));
  return settled.flatMap((outcome, i) => {
    if (outcome.status === "fulfilled") return [outcome.value];
    unread(listed[i], outcome.reason);
    return [];
  });
}

async function championOf(catalogue: Catalogue, name: string): Promise<DescribedModel> {
  const resolved = await catalogue.resolve(name);
  const manifest = await catalogue.manifest(resolved);
  return { name, version: resolved.version, title: resolved.card.title, manifest };
}

/** The limits that stand in schemas. */
export interface SchemaLimits {
  readonly maxBatch: number;
  readonly maxTextLength: number;
}

/** The name of a model's schema among the components, which may have letters, digits, dots, underscores and hyphens. */
export function requestName(model: string): string {
  return `PredictRequest.${model.replaceAll("+", "_2B")}`;
}

/** The schema of a model's requests; undefined where the manifest leaves the width of a row open. */
export function requestSchema(
  { manifest, title, name }: DescribedModel,
  { maxBatch, maxTextLength }: SchemaLimits,
): object | undefined {
  const schemas = featureSchemas(manifest, maxTextLength);
  if (schemas === undefined) return undefined;
  const { row, record } = schemas;
  const many = { type: "array", minItems: 1, maxItems: maxBatch };
  return {
    type: "object",
    title: `Features of ${title ?? name}`,
    required: ["features"],
    properties: {
      features: {
        anyOf: [
          { ...row, title: "Row" },
          { ...many, title: "Rows", items: row },
          ...(record === undefined
            ? []
            : [
                { ...record, title: "Record" },
                { ...many, title: "Records", items: record },
              ]),
        ],
      },
    },
  };
}

/** Requests and an answer out of the manifest's golden samples: the trainer's own. */
export interface ModelExamples {
  readonly requests: Readonly<Record<string, unknown>>;
  readonly answer: unknown;
}

/** @returns undefined where the manifest has no golden samples */
export function modelExamples({
  name,
  version,
  manifest,
}: DescribedModel): ModelExamples | undefined {
  const golden = manifest.golden as
    | { features?: unknown[][]; prediction?: unknown[]; probabilities?: unknown[][] }
    | undefined;
  const rows = golden?.features;
  // The one that shows most: with missing values, where there is one.
  const at = Math.max(0, rows?.findIndex((row) => row.includes(null)) ?? 0);
  const row = rows?.[at];
  if (golden?.prediction === undefined || row === undefined) return undefined;
  const names = columnNames(manifest);
  const named = names?.length === row.length ? names : undefined;
  return {
    requests: {
      row: { features: row },
      ...(named && {
        record: { features: Object.fromEntries(named.map((column, i) => [column, row[i]])) },
      }),
    },
    answer: {
      prediction: [golden.prediction[at]],
      ...(golden.probabilities && { probabilities: [golden.probabilities[at]] }),
      ...(manifest.classes && { classes: manifest.classes }),
      model: name,
      version,
    },
  };
}
