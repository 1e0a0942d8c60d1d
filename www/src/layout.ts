import type { Label, Manifest, ManifestFeature, Signature } from "predikt";

/** One value of a row: null where it is missing. */
export type Value = number | string | null;

/** The values of one row, in the model's order. */
export type Row = readonly Value[];

/** What a column takes. */
export interface Column {
  name: string;
  type: "number" | "text";
  /** Whether its values are whole numbers. */
  whole: boolean;
  /** Whether a value may be missing. */
  nullable: boolean;
}

/** One column, as the form shows it. Ranges, the mean and the values are those of the training data. */
export interface Field extends Column {
  title: string;
  unit?: string | undefined;
  min?: number | undefined;
  max?: number | undefined;
  mean?: number | undefined;
  step?: number | undefined;
  values?: readonly Label[] | undefined;
}

/** Pixels of a row that is an image, each from 0 to `max`. */
export interface ImageLayout {
  width: number;
  height: number;
  max: number;
}

/** What a row has, however people enter it: one field stands for all columns where the width is free. */
interface Rows {
  width: number | null;
  fields: readonly Field[];
}

/** How people enter a row of a model; text takes rows by the `batch`, which is 1 when any number will do. */
export type RowLayout = Rows &
  ({ kind: "fields" } | { kind: "image"; image: ImageLayout } | { kind: "text"; batch: number });

type Shape = readonly (number | string | null)[];

/** More values than this are pasted as text, not typed into one field each. */
const MOST_FIELDS = 64;

/**
 * Chooses the form for a model: an image, a field a value, or text when a row is long or of free width, or
 * when rows come in batches.
 */
export function rowLayout(signature: Signature, manifest: Manifest | undefined): RowLayout {
  const shapes = signature.inputs.map(shapeOf);
  const width =
    rowWidth(shapes) ?? manifest?.features?.length ?? signature.features?.length ?? null;
  const batch = batchSize(shapes);
  const image = manifest?.image;
  const rows = { width, fields: fieldsOf(width ?? 1, signature, manifest) };
  if (width === null || batch > 1) return { kind: "text", ...rows, batch };
  if (image && width === image.width * image.height) return { kind: "image", ...rows, image };
  if (width > MOST_FIELDS) return { kind: "text", ...rows, batch };
  return { kind: "fields", ...rows };
}

/** A row that says nothing: zeros and empty texts. */
export function blankRow({ width, fields }: Rows): Value[] {
  return Array.from({ length: width ?? 1 }, (_, index) =>
    columnAt(fields, index).type === "text" ? "" : 0,
  );
}

/** The column of a value; a lone one stands for all. */
export function columnAt<C extends Column>(columns: readonly C[], index: number): C {
  const column = columns.length === 1 ? columns[0] : columns[index];
  if (column === undefined) throw new RangeError(`there is no column ${index}`);
  return column;
}

/** Whether the width of a row is settled, or can be settled by the rows that are given: one input leaves it open. */
export function takesAnyWidth(signature: Signature): boolean {
  const shapes = signature.inputs.map(shapeOf);
  const [shape] = shapes;
  return shapes.length === 1 && (shape === undefined || rowShape(shape).length <= 1);
}

function shapeOf({ shape }: Signature["inputs"][number]): Shape | undefined {
  return (shape as Shape | null | undefined) ?? undefined;
}

/** The dimensions of one row: all but the first, except for a lone vector, which is a row itself. */
function rowShape(shape: Shape): Shape {
  return isLoneRow(shape) ? shape : shape.slice(1);
}

function isLoneRow(shape: Shape): boolean {
  return shape.length === 1 && typeof shape[0] === "number" && shape[0] > 1;
}

function rowWidth(shapes: (Shape | undefined)[]): number | null {
  return shapes
    .map(sizeOfRow)
    .reduce((sum, size) => (sum === null || size === null ? null : sum + size), 0);
}

function sizeOfRow(shape: Shape | undefined): number | null {
  return shape ? rowShape(shape).reduce<number | null>(product, 1) : null;
}

function product(size: number | null, dimension: number | string | null): number | null {
  return size === null || typeof dimension !== "number" ? null : size * dimension;
}

/** The number of rows that the file fixes; 1 when it leaves that open. */
function batchSize(shapes: (Shape | undefined)[]): number {
  const first = shapes[0];
  const rows = first && !isLoneRow(first) ? first[0] : 1;
  return typeof rows === "number" ? Math.max(1, rows) : 1;
}

function fieldsOf(width: number, signature: Signature, manifest: Manifest | undefined): Field[] {
  const described = manifest?.features?.length === width ? manifest.features : undefined;
  const names = signature.features?.length === width ? signature.features : undefined;
  const { inputs } = signature;
  const own = inputs.flatMap((input) =>
    Array.from({ length: sizeOfRow(shapeOf(input)) ?? 1 }, () => input),
  );
  return Array.from({ length: width }, (_, index) => {
    const input = own.length === width ? own[index] : inputs[0];
    const isOnlyValue = inputs.length > 1 || width === 1;
    const name = names?.[index] ?? (isOnlyValue ? input?.name : undefined) ?? `x${index}`;
    return fieldOf(name, input?.type ?? "float32", described?.[index]);
  });
}

/** Values may be missing where the manifest says so; without one, texts may, which are empty then. */
function fieldOf(name: string, type: string, feature: ManifestFeature | undefined): Field {
  const isText = type === "string";
  const isFloat = type.startsWith("float");
  const { nullable = false, ...facts } = feature ?? { name, nullable: isText };
  return {
    ...facts,
    title: feature?.title ?? facts.name,
    type: isText ? "text" : "number",
    whole: !isText && !isFloat,
    nullable,
  };
}
