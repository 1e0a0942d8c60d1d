import { loadModel } from "predikt";
import type { Config } from "./config.js";
import type { LoadModel } from "./registry.js";
import type { Store } from "./store.js";

/** Stands for the store's root in the URLs that the package asks for; nothing is resolved over the network. */
const ROOT = "https://store.invalid/";

/**
 * Loads models with the package, through their manifest: the file's hash is checked, and, with `selfTest`, the golden
 * samples must come out.
 */
export function packageLoader(
  store: Store,
  config: Pick<Config, "maxModelBytes" | "selfTest">,
): LoadModel {
  const fetchFromStore = (input: RequestInfo | URL): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input);
    return store.fetch(decodeURIComponent(url.pathname.slice(1)));
  };
  return async (name, version) =>
    loadModel(new URL(`models/${name}/${version}/manifest.json`, ROOT), {
      fetch: fetchFromStore as typeof fetch,
      limits: { maxBytes: config.maxModelBytes },
      selfTest: config.selfTest,
    });
}
