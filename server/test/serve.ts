import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import type { Env } from "../config.js";
import worker from "../worker.js";

/** A server of its own, with nothing compiled yet: the Worker over the given bindings and variables. */
export function serve(bindings: Env) {
  return async (path: string, init: RequestInit = {}): Promise<Response> => {
    const context = createExecutionContext();
    const request = new Request<unknown, IncomingRequestCfProperties>(
      `https://predikt.example${path}`,
      init as RequestInit<IncomingRequestCfProperties>,
    );
    const response = await worker.fetch(request, bindings, context);
    await waitOnExecutionContext(context);
    return response;
  };
}
