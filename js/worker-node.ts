/** The script of a thread of node:worker_threads (Node, Deno, Bun). */

import { parentPort } from "node:worker_threads";
import * as full from "./predikt_full.js";
import { realm } from "./realm.js";
import { serve } from "./serve.js";

if (parentPort !== null) {
  const port = parentPort;
  port.on(
    "message",
    serve(realm(full), (reply) => port.postMessage(reply)),
  );
}
