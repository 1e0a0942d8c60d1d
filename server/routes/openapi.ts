import type { Hono } from "hono";
import type { Services } from "../app.js";
import { describeApi } from "../openapi/document.js";
import { route } from "../routing.js";

/** `GET /openapi.json`: the API, described by OpenAPI 3.1. */
export function openapiRoutes(app: Hono, { config }: Services): void {
  const document = describeApi(config);
  route(app, "/openapi.json", {
    GET: (c) => c.json(document, 200, { "cache-control": "public, max-age=300" }),
  });
}
