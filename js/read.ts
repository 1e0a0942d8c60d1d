/** Reads a stream of bytes to its end: counted, reported, abortable. */

import { aborted, throwIfAborted } from "./abort.js";
import { messageOf, PrediktError } from "./error.js";
import { kindOf } from "./feature-errors.js";
import type { Progress } from "./types.js";

/** How much of a model is read by default: 256 MiB. */
export const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;

/** What is set aside for an announced size before any of it has come: 16 MiB. */
const MAX_HEADSTART = 1 << 24;

export interface ReadOptions {
  maxBytes: number;
  signal: AbortSignal | undefined;
  onProgress: ((progress: Progress) => void) | undefined;
  /** Sees the bytes as they arrive; they are not to be kept. */
  onBytes?: ((bytes: Uint8Array) => void) | undefined;
  /** Bytes to expect, if known. A hint: what arrives is counted. */
  total: number | undefined;
  /** For messages. */
  url: string | undefined;
}

/**
 * All bytes of a stream, which is cancelled when reading ends early.
 *
 * @throws PrediktError `MODEL_TOO_LARGE`, `ABORTED`, `FETCH_FAILED`, `OPTIONS_INVALID`
 */
export async function readStream(
  stream: ReadableStream<unknown>,
  options: ReadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { signal, url } = options;
  const reader = stream.getReader();
  const stop = () => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener("abort", stop, { once: true });
  try {
    throwIfAborted(signal);
    return await collect(reader, options);
  } catch (thrown) {
    reader.cancel(thrown).catch(() => {});
    if (signal?.aborted) throw aborted(signal);
    throw thrown;
  } finally {
    signal?.removeEventListener("abort", stop);
  }

  async function collect(
    source: ReadableStreamDefaultReader<unknown>,
    { maxBytes, onBytes, onProgress, total }: ReadOptions,
  ): Promise<Uint8Array<ArrayBuffer>> {
    let buffer = new Uint8Array(Math.min(total ?? 1 << 16, maxBytes, MAX_HEADSTART));
    let loaded = 0;
    const report = () => onProgress?.(progress(loaded, total));
    report();
    for (;;) {
      const { done, value } = await source.read().catch((thrown) => {
        throw broken(thrown, loaded, url);
      });
      throwIfAborted(signal);
      if (done) break;
      const chunk = asBytes(value);
      if (loaded + chunk.length > maxBytes) throw tooLarge(maxBytes, url);
      if (loaded + chunk.length > buffer.length) {
        const wanted = Math.max(loaded + chunk.length, Math.min(2 * buffer.length, maxBytes));
        const larger = new Uint8Array(wanted);
        larger.set(buffer.subarray(0, loaded));
        buffer = larger;
      }
      buffer.set(chunk, loaded);
      loaded += chunk.length;
      onBytes?.(chunk);
      report();
    }
    return loaded === buffer.length ? buffer : buffer.slice(0, loaded);
  }
}

/** A copy of bytes that belong to the caller. */
export function copyBytes(
  bytes: ArrayBufferLike | ArrayBufferView,
  { maxBytes, onBytes, onProgress, url }: ReadOptions,
): Uint8Array<ArrayBuffer> {
  const { byteLength } = bytes;
  if (byteLength > maxBytes) throw tooLarge(maxBytes, url, byteLength);
  const copy = new Uint8Array(byteLength);
  // A buffer that was transferred away has no bytes, and allows no view either.
  if (byteLength > 0) {
    copy.set(
      ArrayBuffer.isView(bytes)
        ? new Uint8Array(bytes.buffer, bytes.byteOffset, byteLength)
        : new Uint8Array(bytes),
    );
  }
  onBytes?.(copy);
  onProgress?.({ loaded: byteLength, total: byteLength });
  return copy;
}

/** Progress, whose total is dropped once more has come than was announced. */
function progress(loaded: number, total: number | undefined): Progress {
  return total === undefined || loaded > total ? { loaded } : { loaded, total };
}

function asBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  throw new PrediktError(
    "OPTIONS_INVALID",
    `The stream yields ${kindOf(chunk)} where bytes are expected: pipe it through a TextEncoderStream or pass its bytes.`,
    { option: "source", expected: "Uint8Array", got: kindOf(chunk) },
  );
}

function tooLarge(maxBytes: number, url: string | undefined, got?: number): PrediktError {
  return new PrediktError(
    "MODEL_TOO_LARGE",
    `The model has more than ${maxBytes} bytes: raise limits.maxBytes if that is meant to be.`,
    {
      limit: maxBytes,
      ...(got === undefined ? {} : { got }),
      ...(url === undefined ? {} : { url }),
    },
  );
}

function broken(thrown: unknown, loaded: number, url: string | undefined): PrediktError {
  return new PrediktError(
    "FETCH_FAILED",
    `The download broke off after ${loaded} bytes: ${messageOf(thrown)}.`,
    { loaded, ...(url === undefined ? {} : { url }) },
    { cause: thrown },
  );
}
