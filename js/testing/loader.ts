/** `loadModel` of Node with a stand-in for the engine. */

import type { Build } from "../artefact.js";
import { Engine } from "../engine.js";
import { createLoader } from "../load.js";
import type { LoadModel } from "../load-model.js";
import { Model } from "../model.js";
import { nodePlatform } from "../platform/node.js";
import type { Platform } from "../platform.js";
import { createFake, type Fake, type FakeModel, fakeBytes, fakeModule } from "./fake.js";
import { type FakeThread, startFakeThread } from "./port.js";

export async function fakeEngine(): Promise<{ engine: Engine; fake: Fake }> {
  const fake = createFake();
  const engine = new Engine(fake.binding);
  await engine.start(async () => fakeModule());
  return { engine, fake };
}

export async function fakeLoaded(model: FakeModel = {}) {
  const { engine, fake } = await fakeEngine();
  return { engine, fake, model: Model.load({ engine, bytes: fakeBytes(model), options: {} }) };
}

export interface FakeLoader {
  loadModel: LoadModel;
  /** The compact artefact. */
  fake: Fake;
  full: Fake;
  /** The modules that were asked for, in that order. */
  compiled: Build[];
  /** The threads that were started. */
  threads: FakeThread[];
}

/** `changes` go over the platform: Node's, with modules and threads that are none. */
export function fakeLoader(changes: Partial<Platform> = {}): FakeLoader {
  const fake = createFake();
  const full = createFake();
  const compiled: Build[] = [];
  const threads: FakeThread[] = [];
  const nowhere = () => new URL("file:///nowhere");
  const platform: Platform = {
    ...nodePlatform({ wasm: nowhere, worker: nowhere }),
    compile: async (build) => {
      compiled.push(build);
      return fakeModule();
    },
    startThread: () => {
      const thread = startFakeThread();
      threads.push(thread);
      return thread.port;
    },
    ...changes,
  };
  const engines = { compact: new Engine(fake.binding), full: new Engine(full.binding) };
  return { loadModel: createLoader(platform, engines), fake, full, compiled, threads };
}

/** What a call throws or rejects with. */
export async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (thrown) {
    return thrown;
  }
  throw new Error("nothing was thrown");
}
