import type { Hono } from "hono";
import type { Services } from "../app.js";
import { describeApi } from "../openapi/document.js";
import { describedModels } from "../openapi/models.js";
import { route } from "../routing.js";

/** `GET /openapi.json`: the API and the models that it publishes, described by OpenAPI 3.1. */
export function openapiRoutes(app: Hono, { catalogue, config, log }: Services): void {
  const caching = `public, max-age=${Math.round(config.aliasTtlMs / 1000)}`;
  route(app, "/openapi.json", {
    GET: async (c) => {
      const document = describeApi(config, await describedModels(catalogue, log));
      return c.json(document, 200, { "cache-control": caching });
    },
  });
}
