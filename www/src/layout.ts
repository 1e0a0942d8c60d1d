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

/** How people enter a row of a model. */
export type RowLayout =
  | { kind: "fields"; width: number; fields: Field[] }
  | { kind: "image"; width: number; image: ImageLayout }
  | { kind: "text"; width: number | null };

/** More values than this are pasted as text, not typed into one field each. */
const MOST_FIELDS = 64;

/** Chooses the form for a model: an image, a field a value, or text when a row is long or of free width. */
export function rowLayout(signature: Signature, manifest: Manifest | undefined): RowLayout {
  const width = rowWidth(signature, manifest);
  const image = manifest?.image;
  if (image && width === image.width * image.height) return { kind: "image", width, image };
  if (width === null || width > MOST_FIELDS) return { kind: "text", width };
  return { kind: "fields", width, fields: fieldsOf(width, signature, manifest) };
}

/** How many dimensions the model leaves open, other than the number of rows. */
export function openDimensions(signature: Signature): number {
  return signature.inputs
    .flatMap(({ shape }) => shape.slice(1))
    .filter((dimension) => typeof dimension !== "number").length;
}

function rowWidth(signature: Signature, manifest: Manifest | undefined): number | null {
  const width = signature.inputs
    .map(({ shape }) => shape.slice(1).reduce<number | null>(product, 1))
    .reduce((sum, size) => (sum === null || size === null ? null : sum + size), 0);
  return width ?? manifest?.features?.length ?? signature.features?.length ?? null;
}

function product(size: number | null, dimension: number | string | null): number | null {
  return size === null || typeof dimension !== "number" ? null : size * dimension;
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
