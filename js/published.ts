/** Published models: model.json → an alias's version → its manifest. */

import { keep, lookUp, openCache } from "./cache.js";
import { PrediktError } from "./error.js";
import { isHtml, openResponse, openUrl } from "./fetch.js";
import { checkManifest, checkPublished, chooseVersion, parseJson } from "./manifest.js";
import type { Platform } from "./platform.js";
import { readStream } from "./read.js";
import type { LoadOptions, Manifest } from "./types.js";

const MAX_JSON_BYTES = 16 * 1024 * 1024;

const DEFAULT_ALIAS = "champion";

/** How a JSON file is kept: one that never changes is read from the cache first, one that may only when offline. */
type Keeping = "fixed" | "changing";

/** The manifest's URL when the source is a manifest or a published model; undefined for a bare model. */
export async function findManifest(
  platform: Platform,
  url: URL,
  options: LoadOptions,
): Promise<URL | undefined> {
  const isManifest = url.pathname.endsWith("/manifest.json");
  const isPublished = url.pathname.endsWith("/model.json");
  if (!isManifest && !isPublished) return undefined;
  if (options.manifest !== undefined) {
    throw new PrediktError(
      "OPTIONS_INVALID",
      "The source brings its own manifest: leave the option manifest out.",
      { option: "manifest" },
    );
  }
  if (isManifest) {
    if (options.version === undefined) return url;
    throw new PrediktError(
      "OPTIONS_INVALID",
      "A manifest is one version already: pass the model.json to choose by version.",
      { option: "version" },
    );
  }
  const published = await readJson(platform, url, options, "changing", checkPublished);
  const version = chooseVersion(published, options.version ?? DEFAULT_ALIAS);
  return new URL(`${encodeURIComponent(version)}/manifest.json`, url);
}

/** Reads and checks a manifest. @throws PrediktError `MANIFEST_INVALID` and what downloads throw */
export function readManifest(
  platform: Platform,
  url: URL,
  options: LoadOptions,
): Promise<Manifest> {
  return readJson(platform, url, options, "fixed", checkManifest);
}

async function readJson<T>(
  platform: Platform,
  url: URL,
  options: LoadOptions,
  keeping: Keeping,
  check: (value: unknown) => T,
): Promise<T> {
  const { href } = url;
  const cache = url.protocol.startsWith("http") ? await openCache(options.cache) : undefined;
  const fromCache = async () => {
    const kept = await lookUp(cache, href);
    return kept && check(parseJson(decode(await read(openResponse(kept, href).stream)), href));
  };
  if (keeping === "fixed") {
    const kept = await fromCache().catch(() => undefined);
    if (kept !== undefined) return kept;
  }
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await read((await openUrl(platform, url, options)).stream);
  } catch (thrown) {
    const offline =
      thrown instanceof PrediktError &&
      thrown.code === "FETCH_FAILED" &&
      thrown.details.status === undefined;
    const kept = offline ? await fromCache().catch(() => undefined) : undefined;
    if (kept !== undefined) return kept;
    throw asManifestError(thrown, href);
  }
  const value = check(parseJson(decode(bytes), href));
  if (cache) await keep(cache, href, bytes, "application/json");
  return value;

  function read(stream: ReadableStream<unknown>): Promise<Uint8Array<ArrayBuffer>> {
    return readStream(stream, {
      maxBytes: MAX_JSON_BYTES,
      signal: options.signal,
      onProgress: undefined,
      total: undefined,
      url: href,
    });
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** What is said of models when it was the manifest. */
function asManifestError(thrown: unknown, url: string): unknown {
  if (!(thrown instanceof PrediktError)) return thrown;
  if (thrown.code === "MODEL_INVALID") {
    const { message } = isHtml(url);
    return new PrediktError("MANIFEST_INVALID", message.replace("an ONNX model", "a manifest"), {
      ...thrown.details,
      url,
    });
  }
  if (thrown.code === "MODEL_TOO_LARGE") {
    return new PrediktError(
      "MANIFEST_INVALID",
      `${url} has more than ${MAX_JSON_BYTES} bytes, which no manifest has.`,
      { limit: MAX_JSON_BYTES, url },
    );
  }
  return thrown;
}
