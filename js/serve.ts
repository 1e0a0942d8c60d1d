/** The thread's side: receives the messages of thread.ts and answers them with models of its own engines. */

import type { Artefact } from "./artefact.js";
import type { Engines } from "./engine.js";
import { messageOf, PrediktError } from "./error.js";
import { disposed, Model } from "./model.js";
import { type Reply, type Request, toWire } from "./thread.js";

/** Handles messages in the order in which they come, once the engines that were handed over have been started. */
export function serve(engines: Engines, post: (reply: Reply) => void): (message: unknown) => void {
  const models = new Map<number, Model>();
  const starts = new Map<Artefact, Promise<void>>();
  /** All that were handed over have been started, or could not be. */
  let started: Promise<unknown> = Promise.resolve();

  return (message) => {
    const request = message as Request;
    if (request.op === "start") {
      const { artefact, module } = request;
      const start = engines[artefact].start(() => Promise.resolve(module));
      starts.set(artefact, start);
      const before = started;
      started = start.then(
        () => before,
        () => before,
      );
    } else if (request.op === "dispose") {
      void started.then(() => forget(request.model));
    } else {
      started
        .then(() => (request.op === "load" ? starts.get(request.artefact) : undefined))
        .then(() => answer(request))
        .then(
          (result) => post({ id: request.id, result }),
          (thrown) => post({ id: request.id, error: toWire(asPrediktError(thrown)) }),
        );
    }
  };

  function answer(request: Exclude<Request, { op: "start" | "dispose" }>): unknown {
    if (request.op === "load") {
      const { artefact, bytes, options } = request;
      const model = Model.load({ engine: engines[artefact], bytes, options });
      models.set(request.model, model);
      return model.signature;
    }
    const model = models.get(request.model);
    if (model === undefined) throw disposed();
    switch (request.op) {
      case "predict":
        return model.predict(request.features);
      case "run":
        return model.run(request.feeds);
      case "selfTest":
        return model.selfTest(request.golden);
    }
  }

  function forget(model: number): void {
    models.get(model)?.dispose();
    models.delete(model);
  }
}

function asPrediktError(thrown: unknown): PrediktError {
  if (thrown instanceof PrediktError) return thrown;
  return new PrediktError("ENGINE_FAILED", `The model's thread failed: ${messageOf(thrown)}.`);
}
