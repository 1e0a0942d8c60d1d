import type { Context, Hono } from "hono";
import type { Services } from "../app.js";
import { readJson } from "../body.js";
import { fromPredict } from "../errors.js";
import { checkFinite, readFeatures } from "../features.js";
import type { Prediction, ServedModel } from "../registry.js";
import { route } from "../routing.js";

const HINT = 'Send a JSON body such as {"features": [5.1, 3.5, 1.4, 0.2]}.';

/** What a prediction answers with. */
export interface PredictAnswer extends Prediction {
  model: string;
  version: string;
}

/** Predicts what a request's body asks, with a model's champion or another version of it. */
export function predictor({ config, catalogue, registry }: Services) {
  return async (request: Request, name: string, wanted?: string): Promise<PredictAnswer> => {
    const version =
      catalogue.known(name, wanted) ?? (await catalogue.resolve(name, wanted)).version;
    const body = await readJson(request, config.maxBodyBytes);
    const checked = readFeatures(body, config);
    const predict = (model: ServedModel): Prediction => {
      checkFinite(checked, model.signature);
      try {
        return model.predict(checked.features);
      } catch (error) {
        throw fromPredict(error, name, version);
      }
    };
    const ready = registry.ready(name, version);
    const prediction = ready ? predict(ready) : await registry.use(name, version, predict);
    return { ...prediction, model: name, version };
  };
}

/** `POST /predict` and its siblings that name the model, and the version or alias. */
export function predictRoutes(app: Hono, services: Services): void {
  const predict = predictor(services);
  const answer = async (c: Context, name = "", wanted?: string): Promise<Response> =>
    c.json(await predict(c.req.raw, name, wanted));

  route(app, "/predict", { POST: (c) => answer(c, services.config.defaultModel) }, HINT);
  route(app, "/models/:name/predict", { POST: (c) => answer(c, c.req.param("name")) }, HINT);
  route(
    app,
    "/models/:name/versions/:version/predict",
    { POST: (c) => answer(c, c.req.param("name"), c.req.param("version")) },
    HINT,
  );
}
