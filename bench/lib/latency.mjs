/** Steady latency and load time, all subjects in one page. */

import { opened } from "./browser.mjs";
import { compare, median } from "./stats.mjs";

/** Models, what they are, how many rows calls have, and whether loading is timed as well. */
const MODELS = [
  { name: "logistic", title: "logistic regression (iris)", counts: [1, 1000], loading: true },
  { name: "forest-20", title: "forest of 20", counts: [1, 1000] },
  { name: "forest-100", title: "forest of 100", counts: [1, 1000] },
  { name: "forest-500", title: "500 trees of depth 8", counts: [1, 1000], loading: true },
  { name: "lightgbm", title: "LightGBM, 100 trees of 31 leaves", counts: [1, 1000] },
  { name: "svc", title: "SVC, 500 support vectors", counts: [1, 1000] },
  { name: "knn", title: "KNN of 1000 points", counts: [1, 100] },
  { name: "knn-cdist", title: "KNN, the peer's exported with CDist", counts: [1, 100] },
  { name: "tfidf", title: "tf-idf of 10,000 terms", counts: [1, 100], unit: ["text", "texts"] },
  {
    name: "columns",
    title: "column pipeline with strings",
    counts: [1, 100],
    unit: ["record", "records"],
  },
];

/**
 * @param {import("@playwright/test").Browser} browser
 * @param {string} url of the site
 * @param {ReturnType<import("./settings.mjs").settingsOf>} settings
 * @param {(name: string) => boolean} wanted which models
 * @param {(text: string) => void} say
 */
export async function measureLatency(browser, url, settings, wanted, say) {
  const page = await browser.newPage();
  const results = [];
  try {
    await opened(page, `${url}/steady.html`);
    for (const model of MODELS.filter(({ name }) => wanted(name))) {
      const { name, title, counts, unit = ["row", "rows"] } = model;
      const checked = await page
        .evaluate(([n, c]) => globalThis.bench.open(n, c), [name, counts])
        .catch((error) => ({ error: firstLine(error) }));
      if (checked.error) {
        say(`${title}: not measured: ${checked.error}`);
        results.push({ id: name, title, error: checked.error });
        continue;
      }
      const code = checked.code ? ", m2cgen too" : "";
      say(`${title}: labels equal, numbers within ${checked.greatest.toExponential(1)}${code}`);
      for (const count of counts) {
        const timed = await page.evaluate(
          ([c, options]) => globalThis.bench.latency(c, options),
          [count, settings.latency],
        );
        const what = `${title}, ${count} ${unit[count === 1 ? 0 : 1]}`;
        results.push({ id: `${name}.${count}`, title: what, ...latencyOf(timed, count) });
      }
      if (!model.loading) continue;
      const timed = await page.evaluate(
        (options) => globalThis.bench.loading(options),
        settings.loading,
      );
      results.push(
        loadingOf(`load.${name}`, `load ${title}`, timed.load, timed.peerLoad),
        loadingOf(`first.${name}`, `load ${title}, predict once`, timed.first, timed.peerFirst),
      );
    }
    return { results, onnxruntimeWeb: await page.evaluate(() => globalThis.bench.ortVersion) };
  } finally {
    await page.close();
  }
}

/**
 * One row is asked of `predict`, which gives plain arrays. Of many rows the fastest form counts: `run` and `predict` into
 * views give typed arrays, as onnxruntime-web does.
 */
function latencyOf({ peer, code, ...own }, count) {
  const forms = Object.fromEntries(Object.entries(own).map(([form, { ms }]) => [form, median(ms)]));
  const form =
    count === 1 ? "predict" : Object.keys(forms).reduce((a, b) => (forms[b] < forms[a] ? b : a));
  const { ms, calls } = own[form];
  return {
    form,
    ours: forms[form],
    forms,
    peers: {
      "onnxruntime-web": compare(ms, peer.ms),
      ...(code && { m2cgen: compare(ms, code.ms) }),
    },
    calls,
  };
}

function loadingOf(id, title, ours, theirs) {
  return {
    id,
    title,
    ours: median(ours.ms),
    peers: { "onnxruntime-web": compare(ours.ms, theirs.ms) },
    calls: ours.calls,
  };
}

/** @param {Error} error */
export function firstLine(error) {
  return error.message.split("\n", 1)[0].replace(/^page\.evaluate: (Error: )?/, "");
}
