/** The script of a Web Worker. */

import * as full from "./predikt_full.js";
import { realm } from "./realm.js";
import { serve } from "./serve.js";

/** The part of a Web Worker's global scope that is used. */
interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as WorkerScope;
const receive = serve(realm(full), (reply) => scope.postMessage(reply));
scope.onmessage = (event) => receive(event.data);
