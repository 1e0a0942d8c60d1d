import { ApiError, type Details } from "./errors.js";
import { findFault } from "./json.js";

/** What a byte order mark takes, which decoding cuts off. */
const BOM_BYTES = 3;

/**
 * Reads a request's body as JSON. Without a `Content-Length`, bytes are counted as they arrive, so that the server
 * never holds more than `maxBytes`.
 *
 * @throws ApiError 415 `MEDIA_TYPE_UNSUPPORTED`, 413 `BODY_TOO_LARGE`, 400 `BODY_INVALID` (with the position).
 */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  checkMediaType(request.headers);
  const declared = request.headers.get("content-length");
  if (declared === null) return parse(await readChunks(request, maxBytes));
  const length = Number(declared);
  if (length > maxBytes) throw tooLarge(maxBytes, length);
  // HTTP holds the body to its declared length: it is taken in one piece, which costs a third of a stream.
  let text: string;
  try {
    text = await request.text();
  } catch (cause) {
    throw brokeOff(cause);
  }
  if (text.length > maxBytes) throw tooLarge(maxBytes);
  checkDecoded(text, length);
  return parse(text);
}

function checkMediaType(headers: Headers): void {
  const encoding = headers.get("content-encoding")?.trim().toLowerCase();
  if (encoding !== undefined && encoding !== "identity") {
    throw new ApiError(
      415,
      "MEDIA_TYPE_UNSUPPORTED",
      `Send the body uncompressed: Content-Encoding "${encoding}" is not supported.`,
      { expected: "identity", got: encoding },
    );
  }
  const type = headers.get("content-type");
  if (type === null || type === "application/json") return;
  const [essence = "", ...parameters] = type.split(";").map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="));
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  const isJson = essence === "application/json" || /^application\/[^\s/]+\+json$/.test(essence);
  // What `curl -d` says of any body unless told otherwise; the body still has to be JSON.
  const isUnsaid = essence === "application/x-www-form-urlencoded";
  if ((isJson || isUnsaid) && isUtf8) return;
  throw new ApiError(
    415,
    "MEDIA_TYPE_UNSUPPORTED",
    'Send JSON in UTF-8, with the header "Content-Type: application/json".',
    { expected: "application/json", got: type },
  );
}

/**
 * Refuses a text that was decoded from bytes which are not UTF-8: each part of them that is none has become U+FFFD,
 * which is three bytes long. (A part of three bytes, a character of four that was cut off, looks like a U+FFFD that was sent.)
 */
function checkDecoded(text: string, length: number): void {
  if (!text.includes("\ufffd")) return;
  const bytes = new TextEncoder().encode(text).byteLength;
  if (bytes !== length && bytes + BOM_BYTES !== length) throw notUtf8();
}

/** A body of unknown length. */
async function readChunks(request: Request, maxBytes: number): Promise<string> {
  if (request.body === null) return "";
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  let bytes = 0;
  let text = "";
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw brokeOff(cause, { got: bytes });
    });
    if (done) break;
    bytes += value.byteLength;
    if (bytes > maxBytes) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge(maxBytes);
    }
    text += decode(decoder, value, true);
  }
  return text + decode(decoder);
}

function decode(decoder: TextDecoder, bytes?: ArrayBuffer | Uint8Array, stream = false): string {
  try {
    return decoder.decode(bytes, { stream });
  } catch {
    throw notUtf8();
  }
}

function notUtf8(): ApiError {
  return new ApiError(400, "BODY_INVALID", "The body is not UTF-8 text.");
}

function brokeOff(cause: unknown, details: Details = {}): ApiError {
  return new ApiError(400, "BODY_INVALID", "The body broke off.", details, { cause });
}

function tooLarge(limit: number, got?: number): ApiError {
  return new ApiError(
    413,
    "BODY_TOO_LARGE",
    `The body is larger than ${limit} bytes: send fewer rows at a time.`,
    got === undefined ? { limit } : { limit, got },
  );
}

function parse(text: string): unknown {
  if (text.trim() === "") {
    throw new ApiError(
      400,
      "BODY_INVALID",
      'The body is empty: send JSON such as {"features": [5.1, 3.5, 1.4, 0.2]}.',
      { position: 0, line: 1, column: 1 },
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    const { found, ...where } = findFault(text);
    const what = found === "" ? "it ends too early" : `unexpected ${JSON.stringify(found)}`;
    const hint = /^-?(nan|inf)/i.test(found) ? " JSON has no NaN or Infinity." : "";
    throw new ApiError(
      400,
      "BODY_INVALID",
      `The body is not JSON: ${what} at line ${where.line}, column ${where.column}.${hint}`,
      where,
    );
  }
}
