import type { Hono } from "hono";
import type { Services } from "../app.js";
import type { Catalogue, Resolved } from "../catalogue.js";
import { route } from "../routing.js";

/** What is published, described. */
export function modelRoutes(app: Hono, { catalogue, config }: Services): void {
  route(app, "/models", {
    GET: async (c) => {
      const names = await catalogue.names();
      const cards = await Promise.all(names.map((name) => catalogue.card(name)));
      const models = cards.map(({ name, title, description, aliases, versions }) => {
        return { name, title, description, aliases, versions };
      });
      return c.json({ default: config.defaultModel, models });
    },
  });
  route(app, "/models/:name", {
    GET: async (c) => c.json(await describeModel(catalogue, c.req.param("name") ?? "")),
  });
  route(app, "/models/:name/versions/:version", {
    GET: async (c) =>
      c.json(await describeModel(catalogue, c.req.param("name") ?? "", c.req.param("version"))),
  });
}

/** A model with one of its versions, as far as callers of the API need to know it. */
async function describeModel(catalogue: Catalogue, name: string, wanted?: string): Promise<object> {
  const resolved: Resolved = await catalogue.resolve(name, wanted);
  const { card, version } = resolved;
  const { signature, features, classes, classNames, metrics, created, license } =
    await catalogue.manifest(resolved);
  return {
    name,
    version,
    title: card.title,
    description: card.description,
    aliases: card.aliases,
    versions: card.versions,
    created,
    license,
    signature,
    features,
    classes,
    classNames,
    metrics,
  };
}
