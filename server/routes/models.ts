import type { Hono } from "hono";
import type { Services } from "../app.js";
import type { Catalogue, ModelCard, Resolved } from "../catalogue.js";
import { route } from "../routing.js";

/** What is published, described. A model whose card can't be read is left out of the list, and logged. */
export function modelRoutes(app: Hono, { catalogue, config, log }: Services): void {
  route(app, "/models", {
    GET: async (c) => {
      const names = await catalogue.names();
      const cards = await Promise.allSettled(names.map((name) => catalogue.card(name)));
      const models = cards.flatMap((card, i) => {
        if (card.status === "fulfilled") return [brief(card.value)];
        log({ level: "error", model: names[i], errors: [String(card.reason)] });
        return [];
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

/** What the list says of a model. */
function brief({ name, title, description, aliases, versions }: ModelCard): object {
  return { name, title, description, aliases, versions };
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
