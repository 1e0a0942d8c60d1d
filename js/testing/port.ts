/** A thread that is none: messages are cloned and answered later, by engines of its own. */

import { Engine } from "../engine.js";
import type { ThreadPort } from "../platform.js";
import { serve } from "../serve.js";
import { createFake, type Fake } from "./fake.js";

export interface FakeThread {
  port: ThreadPort;
  /** The compact artefact. */
  fake: Fake;
  full: Fake;
  /** Ends the thread as a crash would. */
  crash(cause: unknown): void;
  /** Holds answers back until the function it returns is called. */
  hold(): () => void;
  terminated: boolean;
  /** Whether it keeps the process alive. */
  alive: boolean;
}

export function startFakeThread(): FakeThread {
  const fake = createFake();
  const full = createFake();
  let receive: (message: unknown) => void = () => {};
  let onCrash: (cause: unknown) => void = () => {};
  let held: unknown[] | undefined;
  const deliver = (message: unknown) => setTimeout(() => receive(message), 0);
  const engines = { compact: new Engine(fake.binding), full: new Engine(full.binding) };
  const handle = serve(engines, (reply) => {
    if (thread.terminated) return;
    const copy: unknown = structuredClone(reply);
    if (held) held.push(copy);
    else deliver(copy);
  });
  const thread: FakeThread = {
    fake,
    full,
    terminated: false,
    alive: true,
    crash: (cause) => onCrash(cause),
    hold: () => {
      held = [];
      return () => {
        held?.forEach(deliver);
        held = undefined;
      };
    },
    port: {
      post: (message, transfer) => {
        const copy: unknown = structuredClone(message, { transfer });
        setTimeout(() => !thread.terminated && handle(copy), 0);
      },
      listen: (onMessage, crash) => {
        receive = onMessage;
        onCrash = crash;
      },
      keepAlive: (alive) => {
        thread.alive = alive;
      },
      terminate: () => {
        thread.terminated = true;
      },
    },
  };
  return thread;
}
