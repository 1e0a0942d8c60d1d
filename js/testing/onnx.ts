/** Protobuf by hand: ONNX files of a few bytes. */

/** A field that holds bytes, or the fields of a message. */
export function field(number: number, content: Iterable<number | Iterable<number>>): number[] {
  const bytes = flat(content);
  return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
}

/** A field that holds text. */
export function text(number: number, value: string): number[] {
  return field(number, new TextEncoder().encode(value));
}

/** A node's content; `rest` are more of its fields. */
export function node(operator: string, domain = "", rest: number[] = []): number[] {
  return [
    ...text(1, "x"),
    ...text(2, "y"),
    ...text(4, operator),
    ...rest,
    ...(domain ? text(7, domain) : []),
  ];
}

/** A node that calls a function of the domain `own`. */
export const call = (name: string): number[] => node(name, "own");

/** A graph's content. */
export function graph(...nodes: Iterable<number | Iterable<number>>[]): number[] {
  return nodes.flatMap((content) => field(1, content));
}

/** A file whose graph is in these parts. */
export function model(...graphs: Iterable<number>[]): Uint8Array {
  return Uint8Array.from([
    0x08,
    8,
    ...graphs.flatMap((content) => field(7, content)),
    ...field(8, [0x10, 18]),
  ]);
}

function flat(content: Iterable<number | Iterable<number>>): number[] {
  return Array.from(content, (part) => (typeof part === "number" ? [part] : [...part])).flat();
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
