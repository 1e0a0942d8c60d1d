/** `loadModel`: gets the model's bytes while the engine starts, then brings the two together. */

import { aborted, throwIfAborted, unlessAborted } from "./abort.js";
import { type Acquired, acquire, type Observer } from "./acquire.js";
import { ARTEFACTS, type Artefact, buildOf, candidates } from "./artefact.js";
import type { EngineOptions } from "./binding.js";
import type { Engines } from "./engine.js";
import { PrediktError } from "./error.js";
import type { LoadModel } from "./load-model.js";
import { Model } from "./model.js";
import { checkOptions, engineOptions } from "./options.js";
import type { Platform } from "./platform.js";
import { Sniffer } from "./sniff.js";
import { Thread } from "./thread.js";
import type { LoadOptions, ModelSource } from "./types.js";
import { WorkerModel } from "./worker-model.js";

/** A model's bytes and how they are to be loaded. */
interface Parts extends Omit<Acquired, "store"> {
  options: EngineOptions;
}

/** Makes the `loadModel` of one runtime. Nothing happens before it is called. */
export function createLoader(platform: Platform, engines: Engines): LoadModel {
  let thread: Thread | undefined;

  async function loadModel(source: ModelSource, given?: LoadOptions): Promise<Model | WorkerModel> {
    const options = checkOptions(given);
    const { signal } = options;
    throwIfAborted(signal);
    const startThread = options.thread === "worker" ? threadStarter(platform) : undefined;
    const variant = platform.variant();
    const compiler = (artefact: Artefact) => () => platform.compile(buildOf(artefact, variant));

    const plan = new Plan(options, platform.artefacts?.() ?? ARTEFACTS, (artefact) => {
      const engine = engines[artefact];
      engine.compile(compiler(artefact)).catch(() => {});
      if (startThread === undefined) engine.bind().catch(() => {});
    });
    const { bytes, manifest, store } = await acquire(platform, source, options, plan);
    const parts: Parts = {
      bytes,
      manifest,
      options: engineOptions({
        ...options,
        classes: options.classes ?? manifest?.classes,
        features: options.features ?? manifest?.features?.map((feature) => feature.name),
      }),
    };
    const model = await firstThatCan(plan.artefacts(), (artefact) => attempt(artefact, parts));
    try {
      if (options.selfTest) await unlessAborted(Promise.resolve(model.selfTest()), signal);
      await store?.();
      throwIfAborted(signal);
    } catch (thrown) {
      model.dispose();
      throw thrown;
    }
    return model;

    async function attempt(artefact: Artefact, parts: Parts): Promise<Model | WorkerModel> {
      const engine = engines[artefact];
      if (startThread === undefined) {
        await unlessAborted(engine.start(compiler(artefact)), signal);
        throwIfAborted(signal);
        return Model.load({ engine, ...parts });
      }
      const module = await unlessAborted(engine.compile(compiler(artefact)), signal);
      throwIfAborted(signal);
      thread ??= new Thread(startThread);
      thread.provide(artefact, module);
      return orDispose(WorkerModel.load({ thread, artefact, ...parts }), signal);
    }
  }

  return loadModel as LoadModel;
}

/**
 * Which artefacts a model is tried on, known better and better as it arrives; the likeliest one is asked for at once.
 *
 * The manifest and the operators only say where to begin: what the compact engine refuses goes to the full one.
 */
class Plan implements Observer {
  readonly #options: LoadOptions;
  readonly #here: readonly Artefact[];
  readonly #ask: (artefact: Artefact) => void;
  #artefacts: readonly Artefact[];
  #sniffer: Sniffer | undefined;

  constructor(options: LoadOptions, here: readonly Artefact[], ask: (artefact: Artefact) => void) {
    this.#options = options;
    this.#here = here;
    this.#ask = ask;
    const { manifest } = options;
    const hint = typeof manifest === "object" && "engine" in manifest ? manifest.engine : undefined;
    this.#artefacts = candidates(options.engine ?? "auto", hint, here);
    this.#begin();
  }

  manifest({ engine }: { engine?: LoadOptions["engine"] }): void {
    this.#artefacts = candidates(this.#options.engine ?? "auto", engine, this.#here);
    this.#begin();
  }

  begin(): (bytes: Uint8Array) => void {
    this.#sniffer = undefined;
    if (this.#artefacts.length < 2) return () => {};
    const sniffer = new Sniffer();
    this.#sniffer = sniffer;
    return (bytes) => {
      if (sniffer.needsFull) return;
      sniffer.push(bytes);
      if (sniffer.needsFull) this.#ask("full");
    };
  }

  /** Once all of the model is there: in the order in which they are tried. */
  artefacts(): readonly Artefact[] {
    return this.#sniffer?.needsFull ? ["full"] : this.#artefacts;
  }

  #begin(): void {
    this.#ask(this.#artefacts[0] as Artefact);
  }
}

/** What the first artefact makes that has the model's operators and types; the last one's refusal stands. */
async function firstThatCan<T>(
  artefacts: readonly Artefact[],
  make: (artefact: Artefact) => Promise<T>,
): Promise<T> {
  const [artefact, ...others] = artefacts as [Artefact, ...Artefact[]];
  try {
    return await make(artefact);
  } catch (thrown) {
    if (others.length === 0 || !isLacking(thrown)) throw thrown;
  }
  return firstThatCan(others, make);
}

function isLacking(thrown: unknown): boolean {
  if (!(thrown instanceof PrediktError)) return false;
  return thrown.code === "OP_UNSUPPORTED" || thrown.code === "ENGINE_UNSUPPORTED";
}

function threadStarter(platform: Platform) {
  if (platform.startThread === undefined) {
    throw new PrediktError(
      "ENGINE_UNSUPPORTED",
      'This runtime has no threads: load the model without thread: "worker".',
      { option: "thread", feature: "threads" },
    );
  }
  return () => (platform.startThread as NonNullable<Platform["startThread"]>)();
}

/** The model, or `ABORTED` at once; a model that arrives too late is disposed. */
async function orDispose(
  loading: Promise<WorkerModel>,
  signal: AbortSignal | undefined,
): Promise<WorkerModel> {
  try {
    return await unlessAborted(loading, signal);
  } catch (thrown) {
    if (signal?.aborted) {
      loading.then((model) => model.dispose()).catch(() => {});
      throw aborted(signal);
    }
    throw thrown;
  }
}
