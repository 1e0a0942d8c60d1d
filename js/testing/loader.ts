/** `loadModel` of Node with a stand-in for the engine. */

import { Engine } from "../engine.js";
import { createLoader } from "../load.js";
import type { LoadModel } from "../load-model.js";
import { Model } from "../model.js";
import { nodePlatform } from "../platform/node.js";
import { createFake, type Fake, type FakeModel, fakeBytes, fakeModule } from "./fake.js";

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

export function fakeLoader(): { loadModel: LoadModel; fake: Fake } {
  const fake = createFake();
  const nowhere = () => new URL("file:///nowhere");
  const platform = {
    ...nodePlatform({ wasm: nowhere, worker: nowhere }),
    compile: async () => fakeModule(),
  };
  return { loadModel: createLoader(platform, new Engine(fake.binding)), fake };
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
