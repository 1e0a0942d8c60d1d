import { Hono } from "hono";
import type { Catalogue } from "./catalogue.js";
import type { Config } from "./config.js";
import { cors } from "./cors.js";
import { directly } from "./direct.js";
import { handleError } from "./errors.js";
import type { Registry } from "./registry.js";
import { indexFile, modelFiles } from "./routes/files.js";
import { healthRoutes } from "./routes/health.js";
import { modelRoutes } from "./routes/models.js";
import { openapiRoutes } from "./routes/openapi.js";
import { pageRoutes } from "./routes/page.js";
import { predictRoutes } from "./routes/predict.js";
import type { Store } from "./store.js";

/** Everything that the routes need. */
export interface Services {
  readonly config: Config;
  readonly store: Store;
  readonly catalogue: Catalogue;
  readonly registry: Registry;
  /** The static files, for the paths that are not the API's. */
  readonly assets?: Fetcher | undefined;
  /** Takes one entry of the server's log. */
  readonly log: (entry: object) => void;
}

/** Puts the API together; a path that two patterns fit belongs to the first. The result keeps no state of its own: all of it is in `services`. */
export function createApp(services: Services): Hono {
  const app = new Hono({ strict: false });
  app.use(async (c, next) => {
    await next();
    c.header("x-content-type-options", "nosniff");
    if (!c.res.headers.has("cache-control")) c.header("cache-control", "no-store");
  });
  app.use(cors(services.config.corsOrigins));
  app.onError((error, c) => handleError(error, c.req, services.log));
  predictRoutes(app, services);
  indexFile(app, services);
  modelRoutes(app, services);
  modelFiles(app, services);
  healthRoutes(app, services);
  openapiRoutes(app, services);
  pageRoutes(app, services);
  directly(app, services);
  return app;
}
