import type { Hono } from "hono";
import type { Services } from "./app.js";
import { allowedOrigin } from "./cors.js";
import { handleError } from "./errors.js";
import { predictor } from "./routes/predict.js";

const SEGMENT = "([A-Za-z0-9_][A-Za-z0-9._+-]{0,63})";
const NAMED = new RegExp(`^/models/${SEGMENT}(?:/versions/${SEGMENT})?/predict$`);

/**
 * Answers predictions before the router is asked, at half its cost: what the routes and the middleware would do, with
 * headers that are made once. A path with escapes or a slash at its end is left to the router.
 */
export function directly(app: Hono, services: Services): void {
  const { config, log } = services;
  const predict = predictor(services);
  const headersFor = commonHeaders(config.corsOrigins);
  const route = app.fetch;

  const answer = async (request: Request, path: string, name: string, version?: string) => {
    const headers = headersFor(request);
    try {
      return new Response(JSON.stringify(await predict(request, name, version)), { headers });
    } catch (error) {
      const response = handleError(error, { method: "POST", path }, log);
      for (const [key, value] of headers) response.headers.set(key, value);
      return response;
    }
  };

  app.fetch = (request, ...rest) => {
    if (request.method !== "POST") return route(request, ...rest);
    const path = pathOf(request.url);
    if (path === "/predict") return answer(request, path, config.defaultModel);
    const named = NAMED.exec(path);
    if (named === null) return route(request, ...rest);
    return answer(request, path, named[1] as string, named[2]);
  };
}

/** The path of a request's URL, as it stands there. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const query = url.indexOf("?", start);
  return url.slice(start, query < 0 ? undefined : query);
}

/** The headers of every prediction, by the origin that asks. */
function commonHeaders(origins: Services["config"]["corsOrigins"]): (request: Request) => Headers {
  const make = (origin?: string): Headers => {
    const allowed = allowedOrigin(origins, origin);
    return new Headers({
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...(allowed !== undefined && { "access-control-allow-origin": allowed }),
      ...(origins !== "*" && origins.length > 0 && { vary: "Origin" }),
    });
  };
  const others = make();
  if (origins === "*") return () => others;
  const own = new Map(origins.map((origin) => [origin, make(origin)]));
  return (request) => own.get(request.headers.get("origin") ?? "") ?? others;
}
