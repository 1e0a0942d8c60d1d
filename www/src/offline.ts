import { loadModel } from "predikt";
import { byId } from "./dom.ts";

/**
 * Installs the service worker and tells it what this page has fetched by now, so that the very engines
 * that this browser picked are kept for the next visit, offline too.
 *
 * @param models addresses of the models that are to work then: what they need is fetched before
 */
export async function keepForOffline(models: readonly string[]): Promise<void> {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  const status = byId("offline");
  try {
    await navigator.serviceWorker.register("/sw.js");
    const { active } = await navigator.serviceWorker.ready;
    for (const model of models) (await loadModel(model)).dispose();
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      status.textContent = "Kept on this device: this page now works offline.";
    };
    active?.postMessage({ keep: fetchedAssets() }, [channel.port2]);
  } catch {
    status.textContent = "This browser keeps no offline copy of this page.";
  }
}

function fetchedAssets(): string[] {
  const urls = performance.getEntriesByType("resource").map(({ name }) => new URL(name));
  return urls
    .filter(({ origin, pathname }) => origin === location.origin && pathname.startsWith("/assets/"))
    .map(({ href }) => href);
}
