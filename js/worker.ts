/** The script of a Web Worker. */

import { engine } from "./realm.js";
import { serve } from "./serve.js";

/** The part of a Web Worker's global scope that is used. */
interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as WorkerScope;
const receive = serve(engine, (reply) => scope.postMessage(reply));
scope.onmessage = (event) => receive(event.data);
