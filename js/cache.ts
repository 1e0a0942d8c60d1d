/** Models kept in the Cache API. Whatever goes wrong here, the network still has the model. */

import type { CacheLike, LoadOptions } from "./types.js";

const DEFAULT_NAME = "predikt";

/** Opens the cache that the option names; undefined where there is none. */
export async function openCache(option: LoadOptions["cache"]): Promise<CacheLike | undefined> {
  if (option === undefined || option === false) return undefined;
  if (typeof option === "object") return option;
  try {
    return await globalThis.caches.open(option === true ? DEFAULT_NAME : option);
  } catch {
    return undefined;
  }
}

/** The kept response for a URL. */
export async function lookUp(
  cache: CacheLike | undefined,
  url: string,
): Promise<Response | undefined> {
  try {
    const response = await cache?.match(url);
    return response?.ok && !response.bodyUsed ? response : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps bytes that have been checked. */
export async function keep(
  cache: CacheLike,
  url: string,
  bytes: Uint8Array<ArrayBuffer>,
  type: string,
): Promise<void> {
  const headers = {
    "content-type": type,
    "content-length": String(bytes.length),
    // Workers keep only what says how long.
    "cache-control": "max-age=31536000, immutable",
  };
  try {
    await cache.put(url, new Response(bytes, { headers }));
  } catch {
    // A full or forbidden cache only means another download.
  }
}

/** Drops a URL's bytes. */
export async function evict(cache: CacheLike, url: string): Promise<void> {
  try {
    await cache.delete(url);
  } catch {
    // It is found to be wrong again the next time.
  }
}
