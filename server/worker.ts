import { waitUntil } from "cloudflare:workers";
import type { Hono } from "hono";
import { createApp } from "./app.js";
import { Catalogue } from "./catalogue.js";
import { type Env, readConfig } from "./config.js";
import { packageLoader } from "./engine.js";
import { Registry } from "./registry.js";
import type { KeepAlive } from "./shared.js";
import { openStore } from "./store.js";

/** One application, with its compiled models, for each set of bindings: that is one for each isolate. */
const apps = new WeakMap<Env, Hono>();

const keepAlive: KeepAlive = (promise) => waitUntil(promise);

function assemble(env: Env): Hono {
  const config = readConfig(env);
  const store = openStore(env);
  return createApp({
    config,
    store,
    catalogue: new Catalogue(store, { ttlMs: config.aliasTtlMs, keepAlive }),
    registry: new Registry(packageLoader(store, config), { max: config.maxModels, keepAlive }),
    assets: env.ASSETS,
    log: (entry) => console.error(JSON.stringify(entry)),
  });
}

function appFor(env: Env): Hono {
  let app = apps.get(env);
  if (app === undefined) {
    app = assemble(env);
    apps.set(env, app);
  }
  return app;
}

export default {
  async fetch(request, env, context) {
    return appFor(env).fetch(request, env, context);
  },
} satisfies ExportedHandler<Env>;
