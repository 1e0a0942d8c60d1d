import { describe, expect, it } from "vitest";
import { TimedCache } from "./cache.js";
import { keepNothing } from "./test/fakes.js";

function cacheAt(clock: { now: number }, max = 10, patienceMs = 1000) {
  return new TimedCache<string>({
    ttlMs: 100,
    max,
    keepAlive: keepNothing,
    now: () => clock.now,
    patienceMs,
  });
}

describe("TimedCache", () => {
  it("reads once for concurrent readers, and again after its time", async () => {
    const clock = { now: 0 };
    const cache = cacheAt(clock);
    let reads = 0;
    const read = async () => {
      await Promise.resolve();
      return `read ${++reads}`;
    };
    const all = await Promise.all(Array.from({ length: 5 }, () => cache.get("k", read)));
    expect(new Set(all)).toEqual(new Set(["read 1"]));
    clock.now = 99;
    expect(await cache.get("k", read)).toBe("read 1");
    clock.now = 100;
    expect(await cache.get("k", read)).toBe("read 2");
  });

  it("uses the expired value when it can't be read again", async () => {
    const clock = { now: 0 };
    const cache = cacheAt(clock);
    const fail = () => Promise.reject(new Error("store is down"));
    await cache.get("k", async () => "old");
    clock.now = 200;
    expect(await cache.get("k", fail)).toBe("old");
    expect(await cache.get("k", async () => "new")).toBe("new");
  });

  it("does not keep a failure", async () => {
    const cache = cacheAt({ now: 0 });
    await expect(cache.get("k", () => Promise.reject(new Error("once")))).rejects.toThrow("once");
    await expect(
      cache.get("k", () => {
        throw new Error("at once");
      }),
    ).rejects.toThrow("at once");
    expect(await cache.get("k", async () => "fine")).toBe("fine");
  });

  it("forgets what was used longest ago", async () => {
    const cache = cacheAt({ now: 0 }, 2);
    for (const key of ["a", "b", "a", "c"]) await cache.get(key, async () => key);
    expect(await cache.get("a", async () => "read again")).toBe("a");
    expect(await cache.get("b", async () => "read again")).toBe("read again");
  });

  it("gives up on a read that another request left hanging", async () => {
    const cache = cacheAt({ now: 0 }, 10, 20);
    let reads = 0;
    const hangOnce = () =>
      ++reads === 1 ? new Promise<string>(() => {}) : Promise.resolve("read again");
    const both = [cache.get("k", hangOnce), cache.get("k", hangOnce)];
    expect(await Promise.all(both)).toEqual(["read again", "read again"]);
    expect(reads).toBe(2);
  });
});
