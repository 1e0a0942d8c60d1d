import type { Hono } from "hono";
import type { Services } from "../app.js";
import { route } from "../routing.js";

/**
 * `GET /healthz`: 200 once the default model is compiled and can predict (the first call compiles it), else an error.
 */
export function healthRoutes(app: Hono, { catalogue, config, registry, store }: Services): void {
  route(app, "/healthz", {
    GET: async (c) => {
      const name = config.defaultModel;
      const { version } = await catalogue.resolve(name);
      await registry.use(name, version, () => undefined);
      return c.json({
        status: "ok",
        store: store.kind,
        default: { model: name, version },
        loaded: registry.loaded(),
      });
    },
  });
}
