import type { MiddlewareHandler } from "hono";
import type { Config } from "./config.js";

const METHODS = "GET, HEAD, POST, OPTIONS";
const PREFLIGHT_SECONDS = "86400";

/** What `Access-Control-Allow-Origin` says to an origin, undefined when nothing. */
export function allowedOrigin(
  origins: Config["corsOrigins"],
  origin: string | null | undefined,
): string | undefined {
  return origins === "*" ? "*" : origins.find((entry) => entry === origin);
}

/**
 * Lets browsers of the configured origins call the API. Preflights are answered here; every other answer,
 * errors included, gets the headers. With no origin configured nothing is added.
 */
export function cors(origins: Config["corsOrigins"]): MiddlewareHandler {
  return async (c, next) => {
    const origin = c.req.header("origin");
    const allowed = allowedOrigin(origins, origin);
    const isPreflight =
      c.req.method === "OPTIONS" &&
      origin !== undefined &&
      c.req.header("access-control-request-method") !== undefined;
    if (isPreflight && allowed !== undefined) {
      c.res = new Response(null, {
        status: 204,
        headers: {
          "access-control-allow-methods": METHODS,
          "access-control-allow-headers":
            c.req.header("access-control-request-headers") ?? "content-type",
          "access-control-max-age": PREFLIGHT_SECONDS,
        },
      });
    } else {
      await next();
    }
    if (allowed !== undefined) c.header("access-control-allow-origin", allowed);
    if (origins !== "*" && origins.length > 0) c.header("vary", "Origin", { append: true });
  };
}
