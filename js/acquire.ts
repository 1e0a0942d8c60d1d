/** Any source → a model's checked bytes, with its manifest where there is one. */

import { aborted } from "./abort.js";
import { evict, keep, lookUp, openCache } from "./cache.js";
import { PrediktError } from "./error.js";
import { kindOf } from "./feature-errors.js";
import {
  bodyUsed,
  type Download,
  isHtml,
  looksLikeHtml,
  openRequest,
  openResponse,
  openUrl,
} from "./fetch.js";
import { checkIntegrity, type Integrity, parseIntegrity } from "./integrity.js";
import { checkManifest } from "./manifest.js";
import type { Platform } from "./platform.js";
import { findManifest, readManifest } from "./published.js";
import { copyBytes, DEFAULT_MAX_BYTES, type ReadOptions, readStream } from "./read.js";
import type { LoadOptions, Manifest, ModelSource } from "./types.js";

/** A model's bytes, checked as far as they can be without an engine. */
export interface Acquired {
  /** Belong to the package: nobody else writes to them. */
  bytes: Uint8Array<ArrayBuffer>;
  manifest: Manifest | undefined;
  /** Keeps the bytes in the cache; called once the engine has accepted them. */
  store?: () => Promise<void>;
}

/** Who watches a model arrive, to know early what it needs. */
export interface Observer {
  /** The manifest, before any of the model's bytes. */
  manifest(manifest: Manifest): void;
  /** A model begins: what it returns sees its bytes as they come. A kept copy that was wrong is followed by another. */
  begin(): (bytes: Uint8Array) => void;
}

/** What the bytes of one model have to satisfy. */
interface Demands {
  observer: Observer | undefined;
  options: LoadOptions;
  manifest: Manifest | undefined;
  integrities: Integrity[];
}

/**
 * Gets a model's bytes from wherever they are.
 *
 * @throws PrediktError `MODEL_NOT_FOUND`, `FETCH_FAILED`, `MODEL_TOO_LARGE`, `MODEL_INVALID`, `INTEGRITY_MISMATCH`,
 *   `MANIFEST_INVALID`, `ABORTED`, `OPTIONS_INVALID`
 */
export async function acquire(
  platform: Platform,
  source: ModelSource,
  options: LoadOptions,
  observer?: Observer,
): Promise<Acquired> {
  const written = typeof source === "string" || kindOf(source) === "URL";
  const url = written ? platform.resolve(String(source)) : undefined;
  const manifestUrl = url && (await findManifest(platform, url, options));
  if (options.version !== undefined && manifestUrl === undefined) {
    throw new PrediktError(
      "OPTIONS_INVALID",
      "The option version needs a published model: pass the URL of its model.json.",
      { option: "version" },
    );
  }
  const integrities = options.integrity === undefined ? [] : [parseIntegrity(options.integrity)];
  const manifest = manifestUrl
    ? await readManifest(platform, manifestUrl, options)
    : await givenManifest(platform, options);
  if (manifest) {
    integrities.push(parseIntegrity(manifest.model.integrity));
    observer?.manifest(manifest);
  }
  const demands = { observer, options, manifest, integrities };
  if (manifestUrl && manifest) {
    try {
      return await fromUrl(platform, new URL(manifest.model.path, manifestUrl), demands);
    } catch (thrown) {
      // Of a manifest and a file that don't belong together either may be the wrong one.
      const mismatch = thrown instanceof PrediktError && thrown.code === "INTEGRITY_MISMATCH";
      const cache = mismatch ? await openCache(options.cache) : undefined;
      if (cache) await evict(cache, manifestUrl.href);
      throw thrown;
    }
  }
  if (url) return fromUrl(platform, url, demands);
  return fromObject(source, demands);
}

function givenManifest(
  platform: Platform,
  options: LoadOptions,
): Promise<Manifest> | Manifest | undefined {
  const { manifest } = options;
  if (manifest === undefined) return undefined;
  if (typeof manifest === "string" || kindOf(manifest) === "URL") {
    return readManifest(platform, platform.resolve(String(manifest)), options);
  }
  return checkManifest(manifest);
}

/** From an address, through the cache if there is one. */
async function fromUrl(platform: Platform, url: URL, demands: Demands): Promise<Acquired> {
  const kind = url.protocol === "https:" || url.protocol === "http:";
  const key = kind ? url.href.slice(0, url.href.length - url.hash.length) : undefined;
  return throughCache(key, demands, () => openUrl(platform, url, demands.options));
}

async function throughCache(
  key: string | undefined,
  demands: Demands,
  open: () => Promise<Download>,
): Promise<Acquired> {
  const { manifest, options } = demands;
  const cache = key === undefined ? undefined : await openCache(options.cache);
  if (cache === undefined || key === undefined) {
    return { bytes: await receive(await open(), demands), manifest };
  }
  const kept = await lookUp(cache, key);
  if (kept !== undefined) {
    try {
      return { bytes: await receive(openResponse(kept, key), demands), manifest };
    } catch (thrown) {
      const code = thrown instanceof PrediktError ? thrown.code : undefined;
      if (code === "ABORTED" || code === "MODEL_TOO_LARGE") throw thrown;
      await evict(cache, key);
    }
  }
  const bytes = await receive(await open(), demands);
  return { bytes, manifest, store: () => keep(cache, key, bytes, "application/octet-stream") };
}

/** From an object that holds the bytes or will bring them. */
async function fromObject(source: unknown, demands: Demands): Promise<Acquired> {
  const { manifest } = demands;
  switch (kindOf(source)) {
    case "Request":
      return fromRequest(source as Request, demands);
    case "Response":
      return { bytes: await receive(openResponse(source as Response), demands), manifest };
    case "Blob":
    case "File": {
      const blob = source as Blob;
      const download = { stream: blob.stream(), total: blob.size, url: undefined };
      return { bytes: await receive(download, demands), manifest };
    }
    case "ReadableStream": {
      const stream = source as ReadableStream<unknown>;
      if (stream.locked) throw bodyUsed("stream");
      return {
        bytes: await receive({ stream, total: undefined, url: undefined }, demands),
        manifest,
      };
    }
    default:
      if (!isBuffer(source)) throw notASource(source);
      return {
        bytes: await verify(copyBytes(source, readOptions(demands)), undefined, demands),
        manifest,
      };
  }
}

async function fromRequest(request: Request, demands: Demands): Promise<Acquired> {
  if (request.bodyUsed) throw bodyUsed("request");
  const key = request.method === "GET" && /^https?:/.test(request.url) ? request.url : undefined;
  try {
    return await throughCache(key, demands, () => openRequest(request, demands.options));
  } catch (thrown) {
    if (request.signal?.aborted) throw aborted(request.signal);
    throw thrown;
  }
}

async function receive(download: Download, demands: Demands): Promise<Uint8Array<ArrayBuffer>> {
  const { stream, total, url } = download;
  const bytes = await readStream(stream, readOptions(demands, total, url));
  return verify(bytes, url, demands);
}

function readOptions(demands: Demands, total?: number, url?: string): ReadOptions {
  const { limits, onProgress, signal } = demands.options;
  return {
    maxBytes: limits?.maxBytes ?? DEFAULT_MAX_BYTES,
    onBytes: demands.observer?.begin(),
    total: total ?? demands.manifest?.model.bytes,
    onProgress,
    signal,
    url,
  };
}

async function verify(
  bytes: Uint8Array<ArrayBuffer>,
  url: string | undefined,
  { integrities }: Demands,
): Promise<Uint8Array<ArrayBuffer>> {
  if (bytes.length === 0) {
    throw new PrediktError(
      "MODEL_INVALID",
      `${url ?? "The source"} is empty: an ONNX model was expected.`,
      { got: "0 bytes", ...(url === undefined ? {} : { url }) },
    );
  }
  if (looksLikeHtml(bytes)) throw isHtml(url);
  for (const integrity of integrities) await checkIntegrity(bytes, integrity);
  return bytes;
}

function isBuffer(source: unknown): source is ArrayBufferLike | ArrayBufferView {
  const kind = kindOf(source);
  return kind === "ArrayBuffer" || kind === "SharedArrayBuffer" || ArrayBuffer.isView(source);
}

function notASource(source: unknown): PrediktError {
  return new PrediktError(
    "OPTIONS_INVALID",
    `A model can't be loaded from ${kindOf(source)}: pass a URL, Request, Response, Blob, ArrayBuffer, typed array or ReadableStream.`,
    { option: "source", got: kindOf(source) },
  );
}
