/** `loadModel`: gets the model's bytes while the engine starts, then brings the two together. */

import { aborted, throwIfAborted, unlessAborted } from "./abort.js";
import { acquire } from "./acquire.js";
import type { Engine } from "./engine.js";
import { PrediktError } from "./error.js";
import type { LoadModel } from "./load-model.js";
import { Model } from "./model.js";
import { checkOptions, engineOptions } from "./options.js";
import type { Platform } from "./platform.js";
import { Thread } from "./thread.js";
import type { LoadOptions, ModelSource } from "./types.js";
import { WorkerModel } from "./worker-model.js";

/** Makes the `loadModel` of one runtime. Nothing happens before it is called. */
export function createLoader(platform: Platform, engine: Engine): LoadModel {
  let thread: Thread | undefined;

  async function loadModel(source: ModelSource, given?: LoadOptions): Promise<Model | WorkerModel> {
    const options = checkOptions(given);
    const { signal } = options;
    throwIfAborted(signal);
    const startThread = options.thread === "worker" ? threadStarter(platform) : undefined;
    const variant = platform.variant();
    const compile = () => platform.compile(variant);
    const starting: Promise<WebAssembly.Module | undefined> = startThread
      ? engine.compile(compile)
      : engine.start(compile).then(() => undefined);
    starting.catch(() => {});

    const { bytes, manifest, store } = await acquire(platform, source, options);
    const module = await unlessAborted(starting, signal);
    throwIfAborted(signal);

    const parts = {
      bytes,
      manifest,
      options: engineOptions({
        ...options,
        classes: options.classes ?? manifest?.classes,
        features: options.features ?? manifest?.features?.map((feature) => feature.name),
      }),
    };
    let model: Model | WorkerModel;
    if (startThread && module) {
      thread ??= new Thread(startThread, module);
      model = await orDispose(WorkerModel.load({ thread, ...parts }), signal);
    } else {
      model = Model.load({ engine, ...parts });
    }
    try {
      if (options.selfTest) await unlessAborted(Promise.resolve(model.selfTest()), signal);
      await store?.();
      throwIfAborted(signal);
    } catch (thrown) {
      model.dispose();
      throw thrown;
    }
    return model;
  }

  return loadModel as LoadModel;
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
