/** A model that runs in a thread: the methods of `Model`, each returning a promise. */

import { throwIfAborted, unlessAborted } from "./abort.js";
import type { Artefact } from "./artefact.js";
import type { EngineOptions } from "./binding.js";
import { disposeSymbol } from "./dispose.js";
import { PrediktError } from "./error.js";
import { deepFreeze } from "./freeze.js";
import { disposed, noGolden } from "./model.js";
import { plainFeeds } from "./tensors.js";
import type { Calls, Thread } from "./thread.js";
import type { Features, Feed, Golden, Manifest, Prediction, Signature, Tensor } from "./types.js";

/** @internal What a model in a thread is made of. */
export interface WorkerModelParts {
  thread: Thread;
  /** The thread has been given its module. */
  artefact: Artefact;
  /** Kept for as long as the model lives: it is sent again to a thread that was started anew. */
  bytes: Uint8Array<ArrayBuffer>;
  options: EngineOptions;
  manifest?: Manifest | undefined;
}

/** Options of one call to a model in a thread. */
export interface CallOptions {
  /** Stops waiting for the answer. */
  signal?: AbortSignal | undefined;
}

/** What an aborted call's error speaks of. */
const WORK = {
  predict: "The prediction",
  run: "The run",
  selfTest: "The self-test",
} as const;

interface Membership {
  thread: Thread;
  id: number;
}

const abandoned =
  typeof FinalizationRegistry === "undefined"
    ? undefined
    : /* @__PURE__ */ new FinalizationRegistry<Membership>(({ thread, id }) =>
        thread.removeModel(id),
      );

/**
 * A model loaded with `thread: "worker"`.
 *
 * @example
 * const model = await loadModel("/models/digits/model.json", { thread: "worker" });
 * const { prediction } = await model.predict(pixels);
 * model.dispose(); // the last model ends the thread
 */
export class WorkerModel {
  /** Inputs, outputs, and a classifier's classes; frozen. */
  readonly signature: Signature;
  /** The manifest it was loaded with. */
  readonly manifest: Manifest | undefined;
  /** The manifest's name of the model. */
  readonly name: string | undefined;
  /** The manifest's version of the model. */
  readonly version: string | undefined;

  readonly #thread: Thread;
  readonly #artefact: Artefact;
  readonly #id: number;
  readonly #options: EngineOptions;
  #bytes: Uint8Array<ArrayBuffer> | undefined;
  /** The thread's life in which the model was loaded. */
  #epoch: number;
  #loaded: Promise<unknown>;

  /** @internal Users call `loadModel` with `thread: "worker"`. */
  static async load(parts: WorkerModelParts): Promise<WorkerModel> {
    const { thread } = parts;
    const id = thread.addModel();
    try {
      const { epoch } = thread;
      const signature = await send(parts, id);
      return new WorkerModel(parts, id, epoch, signature);
    } catch (thrown) {
      thread.removeModel(id);
      throw thrown;
    }
  }

  private constructor(parts: WorkerModelParts, id: number, epoch: number, signature: Signature) {
    this.signature = signature;
    this.manifest = parts.manifest;
    this.name = parts.manifest?.name;
    this.version = parts.manifest?.version;
    this.#thread = parts.thread;
    this.#artefact = parts.artefact;
    this.#id = id;
    this.#options = parts.options;
    this.#bytes = parts.bytes;
    this.#epoch = epoch;
    this.#loaded = Promise.resolve();
    abandoned?.register(this, { thread: parts.thread, id }, this);
  }

  /** As `Model.predict`, in the thread. The features are copied there. */
  async predict(features: Features, options?: CallOptions): Promise<Prediction> {
    if (options !== undefined && "into" in options) {
      throw new PrediktError(
        "OPTIONS_INVALID",
        'The option into needs the model in this thread: load it without thread: "worker".',
        { option: "into" },
      );
    }
    return this.#call("predict", () => ({ features }), options);
  }

  /** As `Model.run`, in the thread. The tensors are copied there. */
  run(
    feeds: Readonly<Record<string, Feed>>,
    options?: CallOptions,
  ): Promise<Record<string, Tensor>> {
    return this.#call("run", () => ({ feeds: plainFeeds(feeds, this.signature) }), options);
  }

  /** As `Model.selfTest`, in the thread. */
  async selfTest(
    golden: Golden | undefined = this.manifest?.golden,
    options?: CallOptions,
  ): Promise<void> {
    if (this.#bytes !== undefined && golden === undefined) throw noGolden();
    await this.#call("selfTest", () => ({ golden: golden as Golden }), options);
  }

  /** Frees the model; calls under way are rejected when it was the thread's last. Again is no error. */
  dispose(): void {
    if (this.#bytes === undefined) return;
    this.#bytes = undefined;
    abandoned?.unregister(this);
    this.#thread.removeModel(this.#id);
  }

  /** `using model = await loadModel(…)` disposes it at the end of the block. */
  [disposeSymbol](): void {
    this.dispose();
  }

  async #call<Op extends "predict" | "run" | "selfTest">(
    op: Op,
    args: () => Calls[Op]["args"],
    options: CallOptions | undefined,
  ): Promise<Calls[Op]["result"]> {
    const signal = options?.signal;
    throwIfAborted(signal, WORK[op]);
    if (this.#bytes === undefined) throw disposed();
    const plain = args();
    if (this.#epoch !== this.#thread.epoch) this.#reload(this.#bytes);
    await unlessAborted(this.#loaded, signal, WORK[op]);
    if (this.#bytes === undefined) throw disposed();
    const answer = this.#thread.call(op, this.#id, plain, { owner: this });
    return unlessAborted(answer, signal, WORK[op]);
  }

  /** Into a thread that was started anew. */
  #reload(bytes: Uint8Array<ArrayBuffer>): void {
    this.#epoch = this.#thread.epoch;
    const parts = {
      thread: this.#thread,
      artefact: this.#artefact,
      bytes,
      options: this.#options,
    };
    this.#loaded = send(parts, this.#id);
    this.#loaded.catch(() => {
      this.#epoch = -1;
    });
  }
}

/** Sends a copy of the bytes, which moves to the thread. */
async function send(
  { thread, artefact, bytes, options }: WorkerModelParts,
  id: number,
): Promise<Signature> {
  const copy = bytes.slice();
  const args = { artefact, bytes: copy, options };
  return deepFreeze(await thread.call("load", id, args, { transfer: [copy.buffer] }));
}
