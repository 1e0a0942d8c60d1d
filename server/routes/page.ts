import type { Hono } from "hono";
import type { Services } from "../app.js";
import { ApiError } from "../errors.js";

/** Everything that is not the API: the page and its files, else 404. */
export function pageRoutes(app: Hono, { assets }: Services): void {
  app.all("*", async (c) => {
    const readable = c.req.method === "GET" || c.req.method === "HEAD";
    if (readable && assets !== undefined) {
      const response = await assets.fetch(c.req.raw);
      if (response.status !== 404) return new Response(response.body, response);
      await response.body?.cancel();
    }
    throw new ApiError(
      404,
      "NOT_FOUND",
      `There is nothing at ${c.req.path}: GET /openapi.json describes the API.`,
      { path: c.req.path },
    );
  });
}
