import { type KeepAlive, patiently, Stalled, start } from "./shared.js";

interface Entry<T> {
  value?: { readonly held: T; readonly expires: number };
  pending?: Promise<T>;
}

/**
 * Keeps small values for a while. Concurrent readers of one key share one read; when a re-read fails, the value
 * that has expired is used once more; the least recently used entry goes when there are too many.
 */
export class TimedCache<T> {
  private readonly entries = new Map<string, Entry<T>>();

  constructor(
    private readonly options: {
      /** How long a value is good, in milliseconds. */
      readonly ttlMs: number;
      /** Most entries kept. */
      readonly max: number;
      readonly keepAlive: KeepAlive;
      /** Milliseconds since some fixed moment. */
      readonly now?: () => number;
      /** See {@link patiently}. */
      readonly patienceMs?: number;
    },
  ) {}

  /** The value of `key`, read with `read` when there is none or it has expired. */
  async get(key: string, read: () => Promise<T>): Promise<T> {
    const now = this.options.now ?? Date.now;
    const entry = this.touch(key);
    for (let attempt = 0; ; attempt++) {
      if (entry.value !== undefined && entry.value.expires > now()) return entry.value.held;
      const pending = entry.pending ?? this.refresh(entry, read, now);
      try {
        return await patiently(pending, this.options.patienceMs);
      } catch (error) {
        if (error instanceof Stalled) {
          if (entry.pending === pending) delete entry.pending;
          if (attempt === 0) continue;
        }
        if (entry.value !== undefined) return entry.value.held;
        if (this.entries.get(key) === entry && entry.pending === undefined) {
          this.entries.delete(key);
        }
        throw error;
      }
    }
  }

  /** The value of `key` if it is held and good. */
  peek(key: string): T | undefined {
    const value = this.entries.get(key)?.value;
    if (value === undefined || value.expires <= (this.options.now ?? Date.now)()) return undefined;
    this.touch(key);
    return value.held;
  }

  private refresh(entry: Entry<T>, read: () => Promise<T>, now: () => number): Promise<T> {
    const pending: Promise<T> = start(async () => {
      try {
        const held = await read();
        entry.value = { held, expires: now() + this.options.ttlMs };
        return held;
      } finally {
        if (entry.pending === pending) delete entry.pending;
      }
    }, this.options.keepAlive);
    entry.pending = pending;
    return pending;
  }

  private touch(key: string): Entry<T> {
    const entry = this.entries.get(key) ?? {};
    this.entries.delete(key);
    this.entries.set(key, entry);
    if (this.entries.size > this.options.max) {
      const oldest = this.entries.keys().next();
      if (!oldest.done) this.entries.delete(oldest.value);
    }
    return entry;
  }
}
