/** The thread's side: receives the messages of thread.ts and answers them with models of its own engine. */

import type { Engine } from "./engine.js";
import { messageOf, PrediktError } from "./error.js";
import { disposed, Model } from "./model.js";
import { type Reply, type Request, toWire } from "./thread.js";

/** Handles messages in the order in which they come, once the engine has been started. */
export function serve(engine: Engine, post: (reply: Reply) => void): (message: unknown) => void {
  const models = new Map<number, Model>();
  let started: Promise<void> = Promise.resolve();

  return (message) => {
    const request = message as Request;
    if (request.op === "start") {
      started = engine.start(() => Promise.resolve(request.module));
      started.catch(() => {});
    } else if (request.op === "dispose") {
      void started.then(() => forget(request.model)).catch(() => {});
    } else {
      started
        .then(() => answer(request))
        .then(
          (result) => post({ id: request.id, result }),
          (thrown) => post({ id: request.id, error: toWire(asPrediktError(thrown)) }),
        );
    }
  };

  function answer(request: Exclude<Request, { op: "start" | "dispose" }>): unknown {
    if (request.op === "load") {
      const { bytes, options } = request;
      const model = Model.load({ engine, bytes, options });
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
