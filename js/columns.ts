/** What the columns of a row are: their names, and what each takes beside numbers. */

import type { Layout } from "./binding.js";
import type { Signature, TensorType } from "./types.js";

/** What a column takes: floats with NaN for a missing one, whole numbers, truth values as 0 and 1, or texts. */
export type ColumnKind = "float" | "whole" | "bool" | "text";

/** The kind of an input's columns. */
export function kindOfColumns(type: TensorType): ColumnKind {
  if (type === "string") return "text";
  if (type === "bool") return "bool";
  return type.startsWith("float") ? "float" : "whole";
}

/** The number that stands for a value that is none; undefined when nothing does. */
export function standIn(value: unknown, kind: ColumnKind): number | undefined {
  if (kind === "float") return value === null ? Number.NaN : undefined;
  return typeof value === "boolean" ? Number(value) : undefined;
}

/** The names by which a record's values are found, when there is one for every value of a row. */
export function columnNames(layout: Layout, signature: Signature): readonly string[] | undefined {
  const { features } = signature;
  if (features !== undefined && (layout.width === null || features.length === layout.width)) {
    return features;
  }
  return layout.inputs.every((input) => input.width === 1)
    ? layout.inputs.map((input) => input.name)
    : undefined;
}
