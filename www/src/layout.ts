import type { Manifest, Signature } from "predikt";

/** One value of a row, as the form shows it. Ranges and the mean are those of the training data. */
export interface Field {
  name: string;
  title: string;
  unit?: string | undefined;
  min?: number | undefined;
  max?: number | undefined;
  mean?: number | undefined;
  step?: number | undefined;
}

/** Pixels of a row that is an image, each from 0 to `max`. */
export interface ImageLayout {
  width: number;
  height: number;
  max: number;
}

/** How people enter a row of a model; text takes rows by the `batch`, which is 1 when any number will do. */
export type RowLayout =
  | { kind: "fields"; width: number; fields: Field[] }
  | { kind: "image"; width: number; image: ImageLayout }
  | { kind: "text"; width: number | null; batch: number };

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
  if (width === null || batch > 1) return { kind: "text", width, batch };
  if (image && width === image.width * image.height) return { kind: "image", width, image };
  if (width > MOST_FIELDS) return { kind: "text", width, batch };
  return { kind: "fields", width, fields: fieldsOf(width, signature, manifest) };
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
    .map((shape) => (shape ? rowShape(shape).reduce<number | null>(product, 1) : null))
    .reduce((sum, size) => (sum === null || size === null ? null : sum + size), 0);
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
  const described = manifest?.features;
  if (described?.length === width) {
    return described.map((feature) => ({ ...feature, title: feature.title ?? feature.name }));
  }
  const names = signature.features;
  return Array.from({ length: width }, (_, index) => {
    const name = names?.length === width ? (names[index] ?? `x${index}`) : `x${index}`;
    return { name, title: name };
  });
}
