import { describe, expect, it } from "vitest";
import { ServerFault } from "./errors.js";
import { type LoadModel, Registry, type ServedModel } from "./registry.js";
import { keepNothing, sumModel } from "./test/fakes.js";

/** A registry whose loads and disposals are written down. */
function observed(max: number, load?: LoadModel, patienceMs = 1000) {
  const events: string[] = [];
  const make = async (name: string, version: string): Promise<ServedModel> => {
    events.push(`load ${name}`);
    await Promise.resolve();
    if (load) return load(name, version);
    return sumModel({ dispose: () => events.push(`dispose ${name}`) });
  };
  const registry = new Registry(make, { max, keepAlive: keepNothing, patienceMs });
  return { registry, events, use: (name: string) => registry.use(name, "1", () => name) };
}

describe("Registry", () => {
  it("loads once for concurrent requests", async () => {
    const { use, events, registry } = observed(2);
    await Promise.all(Array.from({ length: 50 }, () => use("a")));
    expect(events).toEqual(["load a"]);
    expect(registry.loaded()).toEqual([{ model: "a", version: "1" }]);
  });

  it("keeps versions apart", async () => {
    const { registry } = observed(4);
    await registry.use("a", "1", () => undefined);
    await registry.use("a", "2", () => undefined);
    expect(registry.loaded()).toHaveLength(2);
  });

  it("disposes of the least recently used", async () => {
    const { use, events } = observed(2);
    for (const name of ["a", "b", "a", "c"]) await use(name);
    expect(events).toEqual(["load a", "load b", "dispose b", "load c"]);
    await use("b");
    expect(events.slice(-2)).toEqual(["dispose a", "load b"]);
  });

  it("never disposes of a model that a request waits for", async () => {
    const { registry, events } = observed(1);
    let disposed = false;
    const answers = await Promise.all(
      ["a", "b", "c", "a", "b"].map((name) =>
        registry.use(name, "1", (model) => {
          disposed ||= events.includes(`dispose ${name}`) && !events.includes(`load ${name}`);
          return model.predict([1, 2]).prediction[0];
        }),
      ),
    );
    expect(answers).toEqual([3, 3, 3, 3, 3]);
    expect(disposed).toBe(false);
    const count = (verb: string) => events.filter((event) => event.startsWith(verb)).length;
    expect(count("load") - count("dispose")).toBe(registry.loaded().length);
  });

  it("reports a failed load as the server's fault, and tries again", async () => {
    let attempts = 0;
    const { registry } = observed(2, async () => {
      if (++attempts === 1) throw new Error("broken file");
      return sumModel();
    });
    const first = registry.use("a", "1", () => "used");
    await expect(first).rejects.toThrow(ServerFault);
    await expect(first).rejects.toMatchObject({
      details: { model: "a", version: "1" },
      cause: expect.objectContaining({ message: "broken file" }),
    });
    expect(await registry.use("a", "1", () => "used")).toBe("used");
  });

  it("passes on what the caller throws and keeps the model", async () => {
    const { registry, use, events } = observed(2);
    const fail = registry.use("a", "1", () => {
      throw new RangeError("of the caller");
    });
    await expect(fail).rejects.toThrow(RangeError);
    await use("a");
    expect(events).toEqual(["load a"]);
  });

  it("gives up on a load that another request left hanging", async () => {
    let attempts = 0;
    const hangOnce: LoadModel = () =>
      ++attempts === 1 ? new Promise(() => {}) : Promise.resolve(sumModel());
    const { use } = observed(2, hangOnce, 20);
    expect(await Promise.all([use("a"), use("a")])).toEqual(["a", "a"]);
    expect(attempts).toBe(2);
  });

  it("does not try for ever", async () => {
    const { use } = observed(2, () => new Promise(() => {}), 10);
    await expect(use("a")).rejects.toThrow(ServerFault);
  });
});
