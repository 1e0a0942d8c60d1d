/** A server for the tests of one file, and the hashes of what it serves. */

import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { startServer, type TestServer } from "./server.js";

/** Starts a server before the file's tests and ends it after them; each test finds only what `prepare` set. */
export function serveEachTest(prepare: (server: TestServer) => void): Omit<TestServer, "close"> {
  let server: TestServer | undefined;
  const running = (): TestServer => {
    if (server === undefined) throw new Error("the server runs only while tests do");
    return server;
  };
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.close());
  beforeEach(() => {
    const { routes, requests, broken } = running();
    routes.clear();
    requests.length = 0;
    broken.length = 0;
    prepare(running());
  });
  return {
    get url() {
      return running().url;
    },
    get requests() {
      return running().requests;
    },
    get broken() {
      return running().broken;
    },
    get routes() {
      return running().routes;
    },
  };
}

/** Subresource integrity of `bytes`. */
export function sri(bytes: Uint8Array | string, kind = "sha256"): string {
  return `${kind}-${createHash(kind).update(bytes).digest("base64")}`;
}
