import type { Signature } from "./catalogue.js";
import { ServerFault } from "./errors.js";
import type { Features } from "./features.js";
import { type KeepAlive, patiently, Stalled, start } from "./shared.js";

/** What a model answers: one entry a row; probabilities are rows × classes, in the order of `classes`. */
export interface Prediction {
  prediction: (number | string)[] | number[][] | string[][];
  probabilities?: number[][];
  classes?: readonly (number | string)[];
}

/** A compiled model, as the registry keeps it. */
export interface ServedModel {
  readonly signature: Signature & { readonly features?: readonly string[] };
  predict(features: Features): Prediction;
  dispose(): void;
}

/** Fetches, checks and compiles one version of a model. */
export type LoadModel = (name: string, version: string) => Promise<ServedModel>;

interface Entry {
  readonly name: string;
  readonly version: string;
  readonly promise: Promise<ServedModel>;
  model?: ServedModel;
  /** Requests that hold the entry now; it is disposed only at zero. */
  users: number;
  evicted: boolean;
}

/**
 * The models of this isolate: each version is compiled once, whatever the number of requests that ask for it at the
 * same time, and the least recently used goes when there are more than `max`. A load that failed is not kept.
 */
export class Registry {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly load: LoadModel,
    private readonly options: {
      readonly max: number;
      readonly keepAlive: KeepAlive;
      /** See {@link patiently}. */
      readonly patienceMs?: number;
    },
  ) {}

  /**
   * Calls `use` with the model, which is not disposed while `use` runs; it must not keep the model.
   *
   * @throws ServerFault when the model can't be loaded; what `use` throws comes through as it is
   */
  async use<R>(name: string, version: string, use: (model: ServedModel) => R): Promise<R> {
    for (let attempt = 0; ; attempt++) {
      const entry = this.acquire(name, version);
      try {
        const model = await this.settle(entry);
        if (model !== undefined) return use(model);
      } finally {
        entry.users -= 1;
        disposeIfUnused(entry);
      }
      if (attempt > 0) {
        throw new ServerFault("A model's load did not end.", { model: name, version });
      }
    }
  }

  /** The model if it is compiled, to be used at once: it may be disposed before the next task. */
  ready(name: string, version: string): ServedModel | undefined {
    const key = keyOf(name, version);
    const entry = this.entries.get(key);
    if (entry?.model === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.model;
  }

  /** What is compiled now, least recently used first. */
  loaded(): { model: string; version: string }[] {
    return [...this.entries.values()]
      .filter((entry) => entry.model !== undefined)
      .map(({ name, version }) => ({ model: name, version }));
  }

  /** The model; undefined when another request's load hangs and was given up. */
  private async settle(entry: Entry): Promise<ServedModel | undefined> {
    try {
      return entry.model ?? (await patiently(entry.promise, this.options.patienceMs));
    } catch (cause) {
      this.evict(entry);
      if (cause instanceof Stalled) return undefined;
      const { name: model, version } = entry;
      throw new ServerFault("A model could not be loaded.", { model, version }, { cause });
    }
  }

  private acquire(name: string, version: string): Entry {
    const key = keyOf(name, version);
    const entry = this.entries.get(key) ?? this.begin(name, version);
    entry.users += 1;
    this.entries.delete(key);
    this.entries.set(key, entry);
    while (this.entries.size > this.options.max) {
      const [oldest] = this.entries.values();
      if (oldest === undefined) break;
      this.evict(oldest);
    }
    return entry;
  }

  private begin(name: string, version: string): Entry {
    const promise = start(() => this.load(name, version), this.options.keepAlive);
    const entry: Entry = { name, version, promise, users: 0, evicted: false };
    promise.then(
      (model) => {
        entry.model = model;
        disposeIfUnused(entry);
      },
      () => undefined,
    );
    return entry;
  }

  private evict(entry: Entry): void {
    const key = keyOf(entry.name, entry.version);
    if (this.entries.get(key) === entry) this.entries.delete(key);
    entry.evicted = true;
    disposeIfUnused(entry);
  }
}

function keyOf(name: string, version: string): string {
  return `${name}/${version}`;
}

function disposeIfUnused(entry: Entry): void {
  if (!entry.evicted || entry.users > 0 || entry.model === undefined) return;
  entry.model.dispose();
  delete entry.model;
}
