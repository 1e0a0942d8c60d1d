/** Networks, in a page of their own. */

import { opened } from "./browser.mjs";
import { firstLine } from "./latency.mjs";
import { compare, median } from "./stats.mjs";

/**
 * @param {import("@playwright/test").Browser} browser
 * @param {string} url of the site
 * @param {{ networks: { name: string, title: string }[], beside: boolean }} subjects what the site has; whether another build takes part
 * @param {{ rounds: number, batchMs: number, warmUpMs: number }} timing
 * @param {(text: string) => void} say
 */
export async function measureNetworks(browser, url, { networks, beside }, timing, say) {
  const results = [];
  for (const { name, title } of networks) {
    const page = await browser.newPage();
    try {
      await opened(page, `${url}/steady.html`);
      const measured = await page
        .evaluate(
          ([n, b, options]) => globalThis.bench.network(n, b, options),
          [name, beside, timing],
        )
        .catch((error) => ({ error: firstLine(error) }));
      if (measured.error) {
        say(`${title}: not measured: ${measured.error}`);
        results.push({ id: `network.${name}`, title, error: measured.error });
        continue;
      }
      say(
        `${title}: outputs within ${measured.greatest.toExponential(1)} of their greatest number`,
      );
      const { run, peer, beside: other } = measured.timed;
      results.push({
        id: `network.${name}`,
        title,
        form: "run",
        ours: median(run.ms),
        peers: {
          "onnxruntime-web": compare(run.ms, peer.ms),
          ...(other && { beside: compare(run.ms, other.ms) }),
        },
        calls: run.calls,
      });
    } finally {
      await page.close();
    }
  }
  return results;
}
