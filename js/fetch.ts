/** URLs → open responses, and the errors that say which one failed and how. */

import { aborted, throwIfAborted } from "./abort.js";
import { messageOf, PrediktError } from "./error.js";
import type { Platform } from "./platform.js";
import type { LoadOptions } from "./types.js";

/** Bytes that are about to be read. */
export interface Download {
  stream: ReadableStream<unknown>;
  total: number | undefined;
  url: string | undefined;
}

type FetchOptions = Pick<LoadOptions, "fetch" | "signal">;

/** Opens a URL: a file where there are files, else by fetch. */
export async function openUrl(
  platform: Platform,
  url: URL,
  options: FetchOptions,
): Promise<Download> {
  if (url.protocol === "file:" && platform.openFile !== undefined) {
    const file = await platform.openFile(url);
    return { ...file, url: url.href };
  }
  return openRequest(url.href, options);
}

/** Opens a URL or a request by fetch. */
export async function openRequest(
  request: string | Request,
  { fetch, signal }: FetchOptions,
): Promise<Download> {
  throwIfAborted(signal);
  const url = typeof request === "string" ? request : request.url;
  let response: Response;
  try {
    const init = signal === undefined ? {} : { signal };
    response = await (fetch === undefined ? globalThis.fetch(request, init) : fetch(request, init));
  } catch (thrown) {
    if (signal?.aborted) throw aborted(signal);
    throw new PrediktError(
      "FETCH_FAILED",
      `${url} could not be fetched: ${messageOf(thrown)}. Is it reachable, and does it allow this origin (CORS)?`,
      { url },
      { cause: thrown },
    );
  }
  return openResponse(response, url);
}

/**
 * Opens a response.
 *
 * @throws PrediktError `MODEL_NOT_FOUND` (404, 410), `FETCH_FAILED` (other statuses), `MODEL_INVALID` (HTML),
 *   `OPTIONS_INVALID` (a body that was read before)
 */
export function openResponse(response: Response, url = response.url || undefined): Download {
  const { status } = response;
  const place = url ?? "The response";
  const where = url === undefined ? {} : { url };
  if (response.type === "opaque" || response.type === "opaqueredirect") {
    throw new PrediktError(
      "FETCH_FAILED",
      `${place} came as an opaque response, which can't be read: fetch it without mode "no-cors".`,
      { status, ...where },
    );
  }
  if (!response.ok) {
    void response.body?.cancel().catch(() => {});
    const missing = status === 404 || status === 410;
    throw new PrediktError(
      missing ? "MODEL_NOT_FOUND" : "FETCH_FAILED",
      missing ? `There is no model at ${place} (HTTP ${status}).` : `${place}: HTTP ${status}.`,
      { status, ...where },
    );
  }
  if (response.bodyUsed || response.body?.locked) throw bodyUsed("response");
  const { headers, body } = response;
  if (headers.get("content-type")?.trim().toLowerCase().startsWith("text/html")) {
    void body?.cancel().catch(() => {});
    throw isHtml(url);
  }
  const stream = body ?? new Blob([]).stream();
  return { stream, total: contentLength(headers), url };
}

/** The error for a body that someone read or is reading. */
export function bodyUsed(what: string): PrediktError {
  return new PrediktError(
    "OPTIONS_INVALID",
    `The ${what}'s body has been read already or is being read: pass a clone or its bytes.`,
    { option: "source" },
  );
}

/** Whether bytes are a web page: what servers send with status 200 for files they don't have. */
export function looksLikeHtml(bytes: Uint8Array): boolean {
  const head = new TextDecoder().decode(bytes.subarray(0, 256)).trimStart().toLowerCase();
  return /^(<!doctype\s|<html[\s>])/.test(head);
}

/** The error for a web page in a model's place. */
export function isHtml(url: string | undefined): PrediktError {
  return new PrediktError(
    "MODEL_INVALID",
    `${url ?? "The source"} is an HTML page, not an ONNX model: servers send one for a missing file. Check the address.`,
    { got: "html", ...(url === undefined ? {} : { url }) },
  );
}

/** The body's size, unless it was compressed on the way: then the header counts other bytes. */
function contentLength(headers: Headers): number | undefined {
  const length = headers.get("content-length");
  const encoding = headers.get("content-encoding");
  if (length === null || !/^\d{1,15}$/.test(length)) return undefined;
  return encoding === null || encoding === "identity" ? Number(length) : undefined;
}
