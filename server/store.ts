import type { Env } from "./config.js";
import { ServerFault } from "./errors.js";

/** Where published models are read from. */
export interface Store {
  readonly kind: "r2" | "assets";
  /**
   * Reads one file.
   *
   * @param path from the root of the published layout, without a leading slash: `models/iris/model.json`
   * @param conditions headers of a request whose `If-None-Match` should count
   * @returns the file, 304 when the caller has it already, or 404
   */
  fetch(path: string, conditions?: Headers): Promise<Response>;
}

/** Picks the bucket when it is bound, else the static assets. */
export function openStore(env: Env): Store {
  if (env.MODELS !== undefined) return new BucketStore(env.MODELS);
  if (env.ASSETS !== undefined) return new AssetStore(env.ASSETS);
  throw new ServerFault(
    "Bind an R2 bucket as MODELS or static assets as ASSETS in wrangler.jsonc.",
  );
}

const MEDIA_TYPES: Record<string, string> = {
  json: "application/json",
  onnx: "application/octet-stream",
};

/** Models in an R2 bucket; a file's key is its path. */
export class BucketStore implements Store {
  readonly kind = "r2";

  constructor(private readonly bucket: R2Bucket) {}

  async fetch(path: string, conditions?: Headers): Promise<Response> {
    const object = await this.bucket.get(path, { onlyIf: onlyIfNoneMatch(conditions) });
    if (object === null) return new Response(null, { status: 404 });
    const headers = new Headers({ etag: object.httpEtag });
    object.writeHttpMetadata(headers);
    if (!headers.has("content-type")) {
      const extension = path.slice(path.lastIndexOf(".") + 1);
      headers.set("content-type", MEDIA_TYPES[extension] ?? "application/octet-stream");
    }
    if (!("body" in object)) return new Response(null, { status: 304, headers });
    headers.set("content-length", String(object.size));
    return new Response(object.body, { headers });
  }
}

/** Models among the Worker's static assets. */
export class AssetStore implements Store {
  readonly kind = "assets";

  constructor(private readonly assets: Fetcher) {}

  async fetch(path: string, conditions?: Headers): Promise<Response> {
    const url = new URL(path, "https://assets.invalid/").href;
    return this.assets.fetch(url, { headers: onlyIfNoneMatch(conditions) });
  }
}

function onlyIfNoneMatch(conditions?: Headers): Headers {
  const headers = new Headers();
  const etag = conditions?.get("if-none-match");
  if (etag) headers.set("if-none-match", etag);
  return headers;
}
