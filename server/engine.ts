import { loadModel } from "predikt";
import type { Config } from "./config.js";
import type { LoadModel } from "./registry.js";
import type { Store } from "./store.js";

/** Stands for the store's root in the URLs that the package asks for; nothing is resolved over the network. */
const ROOT = "https://store.invalid/";

/**
 * Loads models with the package, through their manifest: the file's hash is checked, and, with `selfTest`, the golden
 * samples must come out when the manifest has some.
 */
export function packageLoader(
  store: Store,
  config: Pick<Config, "maxModelBytes" | "selfTest">,
): LoadModel {
  const fetchFromStore = (input: string | Request): Promise<Response> => {
    const { pathname } = new URL(typeof input === "string" ? input : input.url);
    return store.fetch(decodeURIComponent(pathname.slice(1)));
  };
  return async (name, version) => {
    const model = await loadModel(new URL(`models/${name}/${version}/manifest.json`, ROOT), {
      fetch: fetchFromStore,
      limits: { maxBytes: config.maxModelBytes },
    });
    try {
      if (config.selfTest && model.manifest?.golden !== undefined) model.selfTest();
      return model;
    } catch (error) {
      model.dispose();
      throw error;
    }
  };
}
