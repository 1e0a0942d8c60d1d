import type { Context, Hono } from "hono";
import type { Services } from "../app.js";
import { isSegment } from "../config.js";
import { ApiError, ServerFault } from "../errors.js";
import { route } from "../routing.js";
import type { Store } from "../store.js";

/** Files of a version never change: a cache may keep them for a year. */
const IMMUTABLE = "public, max-age=31536000, immutable";

/** Files that change: a cache must ask whether its copy is the latest. */
const CHANGING = "no-cache";

/** `GET /models/index.json`: the names of the published models. */
export function indexFile(app: Hono, { store }: Services): void {
  route(app, "/models/index.json", {
    GET: (c) => serve(c, store, "models/index.json", CHANGING),
  });
}

/**
 * The published files, for those who load the model themselves. Asset hosting answers for those of a version before the
 * Worker is asked; here they come out of a bucket.
 */
export function modelFiles(app: Hono, { store }: Services): void {
  route(app, "/models/:name/model.json", {
    GET: (c) => serve(c, store, `models/${c.req.param("name")}/model.json`, CHANGING),
  });
  route(app, "/models/:name/:version/:file", {
    GET: (c) => {
      const { name, version, file } = c.req.param();
      return serve(c, store, `models/${name}/${version}/${file}`, IMMUTABLE);
    },
  });
}

async function serve(c: Context, store: Store, path: string, caching: string): Promise<Response> {
  const isSafe = path.split("/").every(isSegment);
  const found = isSafe ? await store.fetch(path, c.req.raw.headers) : null;
  if (found === null || found.status === 404) {
    await found?.body?.cancel();
    throw new ApiError(404, "NOT_FOUND", `Nothing is published at ${c.req.path}.`, {
      path: c.req.path,
    });
  }
  if (!found.ok && found.status !== 304) {
    await found.body?.cancel();
    throw new ServerFault(`The store answered ${found.status} for ${path}.`);
  }
  const response = new Response(found.body, found);
  response.headers.set("cache-control", caching);
  return response;
}
