/**
 * Takes ZipMap nodes out of an ONNX file, so that onnxruntime-web, which returns no maps, can give the probabilities:
 * the graph's output becomes the float tensor that went into the node. Only the few protobuf fields that this touches
 * are read; the rest is copied as it is.
 */

const VARINT = 0;
const LENGTH = 2;
const FIXED = { 1: 8, 5: 4 };

/** Field numbers of onnx.proto. */
const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const GRAPH_OUTPUT = 12;
const NODE_INPUT = 1;
const NODE_OUTPUT = 2;
const NODE_OPERATOR = 4;
const VALUE_NAME = 1;
const VALUE_TYPE = 2;
const FLOAT = 1;

/**
 * @param {Uint8Array} model an ONNX file
 * @returns the file without ZipMap: where it was, the output has another name
 */
export function withoutZipMap(model) {
  /** @type {Map<string, string>} */
  const renamed = new Map();
  return rewrite(model, (field, body) => {
    if (field !== MODEL_GRAPH) return body;
    for (const node of fields(body)) {
      if (node.field !== GRAPH_NODE || text(node.body, NODE_OPERATOR) !== "ZipMap") continue;
      renamed.set(text(node.body, NODE_OUTPUT), text(node.body, NODE_INPUT));
    }
    return rewrite(body, (inner, part) => {
      if (inner === GRAPH_NODE && text(part, NODE_OPERATOR) === "ZipMap") return undefined;
      const tensor = inner === GRAPH_OUTPUT ? renamed.get(text(part, VALUE_NAME)) : undefined;
      return tensor === undefined ? part : floatValue(tensor);
    });
  });
}

/** A ValueInfoProto: a float tensor of any shape. @param {string} name */
function floatValue(name) {
  const type = record(1, Uint8Array.of((1 << 3) | VARINT, FLOAT));
  return concat([record(VALUE_NAME, new TextEncoder().encode(name)), record(VALUE_TYPE, type)]);
}

/** @param {Uint8Array} message @param {number} field */
function text(message, field) {
  for (const part of fields(message)) {
    if (part.field === field) return new TextDecoder().decode(part.body);
  }
  return "";
}

/**
 * Copies a message; `change` gives another body for a length-delimited field, or undefined to leave it out.
 *
 * @param {Uint8Array} message
 * @param {(field: number, body: Uint8Array) => Uint8Array | undefined} change
 */
function rewrite(message, change) {
  const parts = [];
  for (const part of fields(message)) {
    const body = part.body && change(part.field, part.body);
    if (part.body === undefined || body === part.body) parts.push(part.whole);
    else if (body !== undefined) parts.push(record(part.field, body));
  }
  return concat(parts);
}

/** @param {Uint8Array} message */
function* fields(message) {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const start = at;
    const key = varint();
    const kind = key & 7;
    let body;
    if (kind === VARINT) varint();
    else if (kind === LENGTH) {
      const length = varint();
      body = message.subarray(at, at + length);
      at += length;
    } else at += FIXED[kind];
    if (!(at <= message.length)) throw new Error("not an ONNX file");
    yield { field: Math.floor(key / 8), body, whole: message.subarray(start, at) };
  }
}

/** @param {number} field @param {Uint8Array} body */
function record(field, body) {
  return concat([varintOf(field * 8 + LENGTH), varintOf(body.length), body]);
}

/** @param {number} value */
function varintOf(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value & 127) | 128);
  return Uint8Array.from([...bytes, value]);
}

/** @param {Uint8Array[]} parts */
function concat(parts) {
  return new Uint8Array(Buffer.concat(parts));
}
