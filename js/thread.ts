/** The thread that runs models beside this one, and the messages between the two. */

import { ARTEFACTS, type Artefact } from "./artefact.js";
import type { EngineOptions } from "./binding.js";
import { type ErrorJson, messageOf, PrediktError } from "./error.js";
import type { ThreadPort } from "./platform.js";
import type { Features, Golden, Prediction, Signature, Tensor } from "./types.js";

/** What can be asked of the thread, and what comes back. */
export interface Calls {
  load: {
    args: { artefact: Artefact; bytes: Uint8Array; options: EngineOptions };
    result: Signature;
  };
  predict: { args: { features: Features }; result: Prediction };
  run: { args: { feeds: Record<string, Tensor> }; result: Record<string, Tensor> };
  selfTest: { args: { golden: Golden }; result: undefined };
}

/** A message to the thread. `model` is a number that this side gives. */
export type Request =
  | { op: "start"; artefact: Artefact; module: WebAssembly.Module }
  | { op: "dispose"; model: number }
  | { [Op in keyof Calls]: { op: Op; id: number; model: number } & Calls[Op]["args"] }[keyof Calls];

/** An error on its way between threads. */
export interface WireError extends ErrorJson {
  /** The cause in words: the original may not be clonable. */
  cause?: string;
}

/** A message from the thread. */
export type Reply = { id: number; result: unknown } | { id: number; error: WireError };

interface Waiting {
  resolve(value: unknown): void;
  reject(error: PrediktError): void;
  /** Who asked: a model must not be collected, and so removed, before it is answered. */
  owner: unknown;
}

/** Starts with its first model, ends with its last, and is started again after it crashed. */
export class Thread {
  /** Goes up when the thread that held the models is gone. */
  epoch = 0;
  readonly #start: () => ThreadPort;
  readonly #modules = new Map<Artefact, WebAssembly.Module>();
  readonly #models = new Set<number>();
  readonly #waiting = new Map<number, Waiting>();
  #port: ThreadPort | undefined;
  #heard = false;
  #nextModel = 1;
  #nextCall = 1;

  constructor(start: () => ThreadPort) {
    this.#start = start;
  }

  /** Gives the thread a module: before the first model that runs on it. */
  provide(artefact: Artefact, module: WebAssembly.Module): void {
    if (this.#modules.has(artefact)) return;
    this.#modules.set(artefact, module);
    if (this.#port !== undefined) this.#send(this.#port, artefact);
  }

  /** A number for a new model; the thread lives until it is removed. */
  addModel(): number {
    const model = this.#nextModel++;
    this.#models.add(model);
    return model;
  }

  /** Frees a model in the thread, and ends the thread after its last one. */
  removeModel(model: number): void {
    if (!this.#models.delete(model)) return;
    if (this.#models.size === 0) {
      this.#end(new PrediktError("DISPOSED", "The model was disposed before it answered."));
    } else {
      this.#port?.post({ op: "dispose", model } satisfies Request, []);
    }
  }

  /** Asks the thread; what it can't be sent and what it throws comes back as a `PrediktError`. */
  call<Op extends keyof Calls>(
    op: Op,
    model: number,
    args: Calls[Op]["args"],
    { transfer = [], owner }: { transfer?: ArrayBuffer[]; owner?: unknown } = {},
  ): Promise<Calls[Op]["result"]> {
    return new Promise((resolve, reject) => {
      const port = this.#ensurePort();
      const id = this.#nextCall++;
      try {
        port.post({ op, id, model, ...args }, transfer);
      } catch (thrown) {
        throw new PrediktError(
          "INPUT_TYPE",
          `This can't be sent to the model's thread: ${messageOf(thrown)}.`,
          { expected: "plain values" },
          { cause: thrown },
        );
      }
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject, owner });
      if (this.#waiting.size === 1) port.keepAlive(true);
    });
  }

  #ensurePort(): ThreadPort {
    if (this.#port !== undefined) return this.#port;
    const port = this.#start();
    this.#port = port;
    this.#heard = false;
    port.listen(
      (message) => {
        if (this.#port === port) this.#receive(message as Reply);
      },
      (cause) => {
        if (this.#port === port) this.#crash(cause);
      },
    );
    port.keepAlive(false);
    for (const artefact of ARTEFACTS) this.#send(port, artefact);
    return port;
  }

  #send(port: ThreadPort, artefact: Artefact): void {
    const module = this.#modules.get(artefact);
    if (module) port.post({ op: "start", artefact, module } satisfies Request, []);
  }

  #receive(reply: Reply): void {
    this.#heard = true;
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#port?.keepAlive(false);
    if ("error" in reply) waiting.reject(fromWire(reply.error));
    else waiting.resolve(reply.result);
  }

  #crash(cause: unknown): void {
    const why = messageOf(cause);
    const error = this.#heard
      ? new PrediktError(
          "ENGINE_TRAP",
          `The model's thread crashed (${why}): this call is lost, the next one starts it again.`,
          { trap: why },
          { cause },
        )
      : new PrediktError(
          "ENGINE_FAILED",
          `The model's thread could not be started: ${why}. Its script is worker.js of this package, from the page's own origin.`,
          {},
          { cause },
        );
    this.#end(error);
  }

  #end(error: PrediktError): void {
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#port?.terminate();
    this.#port = undefined;
    this.epoch += 1;
    for (const waiting of lost) waiting.reject(error);
  }
}

/** An error's form between threads. */
export function toWire(error: PrediktError): WireError {
  const { code, message, details, cause } = error;
  return { code, message, details, ...(cause === undefined ? {} : { cause: messageOf(cause) }) };
}

/** The error as it was thrown in the thread. */
function fromWire({ code, message, details, cause }: WireError): PrediktError {
  return new PrediktError(code, message, details, cause === undefined ? {} : { cause });
}
