import { describe, expect, it } from "vitest";
import { Catalogue } from "./catalogue.js";
import { ServerFault } from "./errors.js";
import { keepNothing, MemoryStore, published } from "./test/fakes.js";

function catalogueOf(files: [string, unknown][]) {
  const clock = { now: 0 };
  const store = new MemoryStore(new Map(files));
  const options = { ttlMs: 1000, keepAlive: keepNothing, now: () => clock.now };
  return { catalogue: new Catalogue(store, options), store, clock };
}

describe("Catalogue", () => {
  it("resolves nothing, an alias and a version", async () => {
    const { catalogue } = catalogueOf(published("sum"));
    expect((await catalogue.resolve("sum")).version).toBe("1");
    expect((await catalogue.resolve("sum", "challenger")).version).toBe("2");
    expect((await catalogue.resolve("sum", "2")).version).toBe("2");
  });

  it.each(["3", "toString", "__proto__", "..", ""])("knows no version %j", async (version) => {
    const { catalogue } = catalogueOf(published("sum"));
    await expect(catalogue.resolve("sum", version)).rejects.toMatchObject({
      status: 404,
      code: "VERSION_NOT_FOUND",
      details: { model: "sum", version, versions: ["1", "2"] },
    });
  });

  it("looks up only what can be a name", async () => {
    const { catalogue, store } = catalogueOf(published("sum"));
    for (const name of ["..", "a/b", "", "%2e%2e"]) {
      await expect(catalogue.card(name)).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
    }
    expect(store.reads.size).toBe(0);
  });

  it("follows an alias that moves, once its time is over", async () => {
    const { catalogue, store, clock } = catalogueOf(published("sum"));
    await catalogue.resolve("sum");
    const card = store.files.get("models/sum/model.json") as object;
    store.files.set("models/sum/model.json", { ...card, aliases: { champion: "2" } });
    expect((await catalogue.resolve("sum")).version).toBe("1");
    clock.now = 1000;
    expect((await catalogue.resolve("sum")).version).toBe("2");
    expect(store.reads.get("models/sum/model.json")).toBe(2);
  });

  it("keeps serving while the store is down", async () => {
    const { catalogue, store, clock } = catalogueOf(published("sum"));
    await catalogue.resolve("sum");
    store.files.set("models/sum/model.json", new Error("store is down"));
    clock.now = 1000;
    expect((await catalogue.resolve("sum")).version).toBe("1");
  });

  it("remembers for a while that a model is absent", async () => {
    const { catalogue, store, clock } = catalogueOf([]);
    for (let call = 0; call < 3; call++) {
      await expect(catalogue.card("none")).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
    }
    expect(store.reads.get("models/none/model.json")).toBe(1);
    for (const [path, file] of published("none")) store.files.set(path, file);
    clock.now = 1000;
    expect((await catalogue.card("none")).name).toBe("none");
  });

  it.each<[string, unknown]>([
    ["text", "<!doctype html>"],
    ["an array", []],
    ["another model's", { name: "other", aliases: {}, versions: [] }],
    ["no versions", { name: "sum", aliases: {} }],
    ["numbers as versions", { name: "sum", aliases: {}, versions: [1] }],
    ["a version with a slash", { name: "sum", aliases: {}, versions: ["../1"] }],
    ["a number as an alias", { name: "sum", aliases: { champion: 1 }, versions: ["1"] }],
  ])("takes a card that is %s for the server's fault", async (_, card) => {
    const { catalogue } = catalogueOf([["models/sum/model.json", card]]);
    await expect(catalogue.card("sum")).rejects.toThrow(ServerFault);
  });

  it("takes a missing index or manifest for the server's fault", async () => {
    const card = { name: "sum", aliases: { champion: "1" }, versions: ["1"] };
    const { catalogue } = catalogueOf([["models/sum/model.json", card]]);
    await expect(catalogue.names()).rejects.toThrow(ServerFault);
    const resolved = await catalogue.resolve("sum");
    await expect(catalogue.manifest(resolved)).rejects.toThrow(ServerFault);
  });
});
