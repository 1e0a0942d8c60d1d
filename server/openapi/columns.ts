import type { ManifestFeature, ModelManifest, Port } from "../catalogue.js";

/** A column of a row: under which name a record has it, and what it takes as JSON Schema. */
export interface Column {
  readonly name: string | undefined;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** One input's columns. */
interface Part {
  readonly input: Port;
  readonly columns: readonly Column[];
}

/** Wider rows are described by their length only. */
const MOST_COLUMNS = 1024;

/**
 * What a row and a record of a model look like, as far as its manifest says: undefined where the width of a row is open,
 * the record undefined where columns have no names.
 */
export function featureSchemas(
  manifest: ModelManifest,
  maxTextLength: number,
): { row: object; record: object | undefined } | undefined {
  const parts = partsOf(manifest, maxTextLength);
  if (parts === undefined) return undefined;
  const columns = parts.flatMap((part) => part.columns);
  return { row: rowSchema(columns), record: recordSchema(parts) };
}

/** The names of a row's columns, where each has one. */
export function columnNames({ signature, features }: ModelManifest): string[] | undefined {
  if (features !== undefined) return features.map(({ name }) => name);
  const { inputs } = signature;
  return inputs.every(({ shape }) => widthOf(shape) === 1)
    ? inputs.map(({ name }) => name)
    : undefined;
}

function partsOf(manifest: ModelManifest, maxTextLength: number): Part[] | undefined {
  const { inputs } = manifest.signature;
  const widths = inputs.map(({ shape }) => widthOf(shape));
  const total = widths.reduce<number>((sum, width) => sum + (width ?? Number.NaN), 0);
  if (!(total > 0 && total <= MOST_COLUMNS)) return undefined;
  const { features } = manifest;
  const described = features?.length === total ? features : undefined;
  let next = 0;
  return inputs.map((input, at) => ({
    input,
    columns: Array.from({ length: widths[at] ?? 0 }, () => {
      const feature = described?.[next++];
      const name = feature?.name ?? (widths[at] === 1 ? input.name : undefined);
      return { name, schema: columnSchema(input.type, feature, maxTextLength) };
    }),
  }));
}

/** Values a row; undefined where the file leaves it open. A shape's first dimension is the rows'. */
function widthOf(shape: Port["shape"]): number | undefined {
  if (shape === null || shape.length === 0) return undefined;
  const width = shape.slice(1).reduce<number>((product, size) => product * Number(size ?? "?"), 1);
  return Number.isSafeInteger(width) ? width : undefined;
}

/** Missing values are allowed where the manifest says so, or where nothing is known and the type has them. */
function columnSchema(
  type: string,
  feature: ManifestFeature | undefined,
  maxTextLength: number,
): Column["schema"] {
  const base = jsonType(type);
  const hasMissing = base === "number" || base === "string";
  const nullable = hasMissing && (feature === undefined || feature.nullable === true);
  const values = Array.isArray(feature?.values) ? { examples: feature.values } : {};
  const description = facts(feature);
  return {
    type: nullable ? [base, "null"].flat() : base,
    ...(base === "string" && { maxLength: maxTextLength }),
    ...(typeof feature?.title === "string" && { title: feature.title }),
    ...(description !== "" && { description }),
    ...values,
  };
}

function jsonType(type: string): string | string[] {
  if (type === "string") return "string";
  if (type === "bool") return ["boolean", "integer"];
  return type.startsWith("float") ? "number" : "integer";
}

/** A column's unit, and its range in the training data, which is no bound on what may be sent. */
function facts(feature: ManifestFeature | undefined): string {
  if (feature === undefined) return "";
  const { unit, min, max } = feature;
  const range =
    typeof min === "number" && typeof max === "number" ? `${min} to ${max} in training` : "";
  return [typeof unit === "string" ? unit : "", range].filter((fact) => fact !== "").join("; ");
}

function rowSchema(columns: readonly Column[]): object {
  const bounds = { minItems: columns.length, maxItems: columns.length };
  const types = new Set(columns.map(({ schema }) => JSON.stringify(schema.type)));
  const [first] = columns;
  if (types.size === 1 && first !== undefined) {
    return { type: "array", ...bounds, items: typeOnly(first.schema) };
  }
  return { type: "array", ...bounds, prefixItems: columns.map(({ schema }) => schema) };
}

function typeOnly({ type, maxLength }: Column["schema"]): object {
  return { type, ...(maxLength !== undefined && { maxLength }) };
}

/** An input of several values, beside others, is given as an array under its own name. */
function recordSchema(parts: readonly Part[]): object | undefined {
  const properties: [string, object][] = [];
  for (const { input, columns } of parts) {
    if (parts.length > 1 && columns.length > 1) {
      properties.push([input.name, rowSchema(columns)]);
      continue;
    }
    for (const { name, schema } of columns) {
      if (name === undefined) return undefined;
      properties.push([name, schema]);
    }
  }
  return {
    type: "object",
    required: properties.map(([name]) => name),
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  };
}
