/** A local server that misbehaves as real ones do. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Route = (request: IncomingMessage, response: ServerResponse) => void;

export interface TestServer {
  url: string;
  /** Paths asked for, in order. */
  requests: string[];
  /** Paths whose connection ended before the response did. */
  broken: string[];
  routes: Map<string, Route>;
  close(): Promise<void>;
}

export async function startServer(): Promise<TestServer> {
  const routes = new Map<string, Route>();
  const requests: string[] = [];
  const broken: string[] = [];
  const server: Server = createServer((request, response) => {
    const path = request.url ?? "/";
    requests.push(path);
    response.on("close", () => {
      if (!response.writableEnded) broken.push(path);
    });
    const route = routes.get(path);
    if (route) route(request, response);
    else response.writeHead(404, { "content-type": "text/html" }).end("<!doctype html>not here");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    broken,
    routes,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Sends bytes in one piece with their length. */
export function send(bytes: Uint8Array | string, headers: Record<string, string> = {}): Route {
  return (_request, response) => {
    const body = Buffer.from(bytes);
    response.writeHead(200, { "content-length": String(body.length), ...headers }).end(body);
  };
}

/** Sends chunks without a length, a few milliseconds apart. */
export function drip(chunks: Uint8Array[], headers: Record<string, string> = {}): Route {
  return async (_request, response) => {
    response.writeHead(200, headers);
    for (const chunk of chunks) {
      if (response.destroyed) return;
      response.write(chunk);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    response.end();
  };
}

/** Sends a beginning and never ends; `total` is what it announces. */
export function hang(start: Uint8Array, total?: number): Route {
  return (_request, response) => {
    response.writeHead(200, total === undefined ? {} : { "content-length": String(total) });
    response.write(start);
  };
}
