import type { Handler, Hono } from "hono";
import { ApiError } from "./errors.js";

/** What answers a path, by method. GET answers HEAD too. */
export interface Methods {
  readonly GET?: Handler;
  readonly POST?: Handler;
}

/**
 * Registers a path with everything that HTTP asks of it: its methods, OPTIONS with `Allow`, and 405 `METHOD_NOT_ALLOWED`
 * for the rest, with `hint` saying how the path is used.
 */
export function route(app: Hono, path: string, methods: Methods, hint = ""): void {
  const allow: string[] = [];
  if (methods.GET) {
    app.get(path, methods.GET);
    allow.push("GET", "HEAD");
  }
  if (methods.POST) {
    app.post(path, methods.POST);
    allow.push("POST");
  }
  allow.push("OPTIONS");
  const headers = { allow: allow.join(", ") };
  app.options(path, () => new Response(null, { status: 204, headers }));
  app.all(path, (c) => {
    const sentence = `${c.req.path} does not answer ${c.req.method}: use ${allow[0]}.`;
    throw new ApiError(
      405,
      "METHOD_NOT_ALLOWED",
      hint ? `${sentence} ${hint}` : sentence,
      { method: c.req.method, allow },
      { headers },
    );
  });
}
