import { waitUntil } from "cloudflare:workers";
import { Hono } from "hono";
import { createApp } from "./app.js";
import { Catalogue } from "./catalogue.js";
import { type Env, readConfig } from "./config.js";
import { packageLoader } from "./engine.js";
import { handleError } from "./errors.js";
import { Registry } from "./registry.js";
import type { KeepAlive } from "./shared.js";
import { openStore } from "./store.js";

/** One application, with its compiled models, for each set of bindings: that is one for each isolate. */
const apps = new WeakMap<Env, Hono>();

const keepAlive: KeepAlive = (promise) => waitUntil(promise);

const log = (entry: object): void => console.error(JSON.stringify(entry));

function assemble(env: Env): Hono {
  const config = readConfig(env);
  const store = openStore(env);
  return createApp({
    config,
    store,
    catalogue: new Catalogue(store, { ttlMs: config.aliasTtlMs, keepAlive }),
    registry: new Registry(packageLoader(store, config), { max: config.maxModels, keepAlive }),
    assets: env.ASSETS,
    log,
  });
}

/** Answers every request with 500 and logs why: what becomes of a wrong variable or a missing binding. */
function refuse(reason: unknown): Hono {
  const app = new Hono();
  app.onError((error, c) => handleError(error, c.req, log));
  return app.all("*", () => {
    throw reason;
  });
}

function appFor(env: Env): Hono {
  let app = apps.get(env);
  if (app === undefined) {
    try {
      app = assemble(env);
    } catch (error) {
      app = refuse(error);
    }
    apps.set(env, app);
  }
  return app;
}

export default {
  async fetch(request, env, context) {
    return appFor(env).fetch(request, env, context);
  },
} satisfies ExportedHandler<Env>;
