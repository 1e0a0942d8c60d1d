/**
 * Reads the operators of an ONNX file while its bytes arrive, so that the full engine's module can be asked for before the
 * last of them is there.
 *
 * It walks the file's protobuf messages down to the nodes and passes over everything else, weights above all. It takes chunks
 * of any size and fields in any order, and judges nothing: of what it can't read it says nothing, and the engine has the last
 * word.
 */

import { OPERATORS } from "./operators.js";

/** What the walk is in. */
type Kind = "model" | "graph" | "node" | "attribute";

/** A message's fields that are messages to walk into, by number. */
const MESSAGES: Readonly<Record<Kind, Readonly<Record<number, Kind>>>> = {
  model: { 7: "graph" },
  graph: { 1: "node" },
  node: { 5: "attribute" },
  attribute: { 6: "graph", 11: "graph" },
};

/** A message's fields that hold its operator's name and domain, by number. */
const TEXTS: Readonly<Record<Kind, Readonly<Record<number, "name" | "domain">>>> = {
  model: {},
  graph: {},
  node: { 4: "name", 7: "domain" },
  attribute: {},
};

/** The model's field for functions of its own. */
const FUNCTIONS = 25;

/** Longer names and deeper nesting are left to the engine. */
const MAX_TEXT = 1024;
const MAX_DEPTH = 64;

/** A varint of 64 bits. */
const MAX_VARINT = 10;

/** A message that the walk is in. */
interface Frame {
  readonly kind: Kind;
  /** Where it ends, counted from the file's first byte. */
  readonly end: number;
  name: string;
  domain: string;
}

/** What the next bytes are. */
type State = "key" | "length" | "value" | "text";

/** Of which operators the compact engine is made. */
const compact: ReadonlySet<string> = /* @__PURE__ */ (() =>
  new Set(
    Object.entries(OPERATORS).flatMap(([domain, names]) =>
      names.split(" ").map((name) => `${domain}:${name}`),
    ),
  ))();

/** Walks one file. */
export class Sniffer {
  #needsFull = false;
  /** Nothing more is to be learnt. */
  #done = false;
  #position = 0;
  /** Bytes to pass over, or to collect as text. */
  #left = 0;
  #state: State = "key";
  #varint = 0;
  #varintBytes = 0;
  #text: number[] = [];
  #field = 0;
  readonly #frames: Frame[] = [frame("model", Number.POSITIVE_INFINITY)];

  /** Whether something has been seen that only the full artefact can have: an operator, or a function of the file's own. */
  get needsFull(): boolean {
    return this.#needsFull;
  }

  /** The file's next bytes. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && !this.#done) {
      if (this.#state === "text" || this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at);
        if (this.#state === "text") this.#text.push(...chunk.subarray(at, at + taken));
        at += taken;
        this.#advance(taken);
      } else {
        this.#byte(chunk[at] as number);
        at += 1;
      }
    }
  }

  /** A byte of a key, a length or a number. */
  #byte(byte: number): void {
    this.#position += 1;
    this.#varint += (byte & 0x7f) * 2 ** (7 * this.#varintBytes);
    this.#varintBytes += 1;
    if (byte >= 0x80) {
      if (this.#varintBytes === MAX_VARINT) this.#giveUp();
      return;
    }
    const value = this.#varint;
    this.#varint = 0;
    this.#varintBytes = 0;
    if (this.#state === "key") this.#key(value);
    else if (this.#state === "length") this.#length(value);
    else this.#state = "key";
    this.#close();
  }

  #key(key: number): void {
    this.#field = Math.floor(key / 8);
    const wire = key % 8;
    if (wire === 0) this.#state = "value";
    else if (wire === 1) this.#pass(8);
    else if (wire === 2) this.#state = "length";
    else if (wire === 5) this.#pass(4);
    else this.#giveUp();
  }

  #length(length: number): void {
    this.#state = "key";
    const { kind, end } = this.#top();
    if (this.#position + length > end) {
      this.#giveUp();
      return;
    }
    if (kind === "model" && this.#field === FUNCTIONS) this.#full();
    const message = MESSAGES[kind][this.#field];
    if (message !== undefined) {
      this.#frames.push(frame(message, this.#position + length));
      if (this.#frames.length > MAX_DEPTH) this.#giveUp();
    } else if (TEXTS[kind][this.#field] === undefined) {
      this.#pass(length);
    } else if (length > MAX_TEXT) {
      this.#giveUp();
    } else {
      this.#state = "text";
      this.#left = length;
      if (length === 0) this.#advance(0);
    }
  }

  #pass(bytes: number): void {
    this.#state = "key";
    this.#left = bytes;
  }

  /** Bytes were passed over or collected. */
  #advance(bytes: number): void {
    this.#position += bytes;
    this.#left -= bytes;
    if (this.#left > 0) return;
    if (this.#state === "text") {
      const top = this.#top();
      const property = TEXTS[top.kind][this.#field] as "name" | "domain";
      top[property] = String.fromCharCode(...this.#text);
      this.#text = [];
      this.#state = "key";
    }
    this.#close();
  }

  /** Leaves the messages that end here. */
  #close(): void {
    if (this.#state !== "key" || this.#left > 0) {
      if (this.#position + this.#left > this.#top().end) this.#giveUp();
      return;
    }
    while (this.#frames.length > 1 && this.#position >= this.#top().end) {
      const { kind, end, name, domain } = this.#frames.pop() as Frame;
      if (this.#position > end) this.#giveUp();
      else if (kind === "node") this.#node(domain === "ai.onnx" ? "" : domain, name);
    }
  }

  #node(domain: string, name: string): void {
    if (!compact.has(`${domain}:${name}`)) this.#full();
  }

  #full(): void {
    this.#needsFull = true;
    this.#done = true;
  }

  #top(): Frame {
    return this.#frames[this.#frames.length - 1] as Frame;
  }

  #giveUp(): void {
    this.#done = true;
  }
}

function frame(kind: Kind, end: number): Frame {
  return { kind, end, name: "", domain: "" };
}
