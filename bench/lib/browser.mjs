/** What is measured in headless Chromium. */

import { chromium } from "@playwright/test";
import { comparisonRow, duration } from "./format.mjs";
import { compare } from "./stats.mjs";

const ARGUMENTS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
];

/** Models, and how many rows a call has. */
const LATENCY = [
  ["iris", 1],
  ["iris", 1000],
  ["digits", 1],
  ["digits", 32],
];
const ROUNDS = { latency: 15, loading: 11, navigation: 11 };

export const HEAD = ["", "predikt", "onnxruntime-web", "ratio", "its min–max"];

export function launch() {
  return chromium.launch({
    executablePath: process.env.PREDIKT_CHROMIUM ?? "/usr/bin/chromium",
    args: ARGUMENTS,
  });
}

/**
 * Steady latency and load time, both products in one page.
 *
 * @param {import("@playwright/test").Browser} browser
 * @param {string} url of the site
 * @param {(text: string) => void} say
 */
export async function measurePage(browser, url, say) {
  const page = await browser.newPage();
  try {
    await opened(page, `${url}/steady.html`);
    const results = {};
    const rows = [];
    const add = (name, ours, theirs) => {
      results[name] = compare(ours.ms, theirs.ms);
      results[name].calls = [ours.calls, theirs.calls];
      rows.push(comparisonRow(name, results[name], duration));
    };
    for (const name of ["iris", "digits"]) {
      const counts = LATENCY.filter(([model]) => model === name).map(([, count]) => count);
      const checked = await page.evaluate(([n, c]) => globalThis.bench.check(n, c), [name, counts]);
      const difference = checked.greatest.toExponential(1);
      say(
        `${name}: labels equal, probabilities within ${difference} (${checked.rows.join(", ")} rows)`,
      );
    }
    for (const [name, count] of LATENCY) {
      const timed = await page.evaluate(
        ([n, c, rounds]) => globalThis.bench.latency(n, c, rounds),
        [name, count, ROUNDS.latency],
      );
      const what = `${name}, ${count} row${count === 1 ? "" : "s"}`;
      add(`${what}: predict()`, timed.predict, timed.peer);
      add(`${what}: run()`, timed.run, timed.peer);
    }
    for (const name of ["iris", "digits"]) {
      const timed = await page.evaluate(
        ([n, rounds]) => globalThis.bench.loading(n, rounds),
        [name, ROUNDS.loading],
      );
      add(`load ${name}`, timed.load, timed.peerLoad);
      add(`load ${name} and predict once`, timed.first, timed.peerFirst);
    }
    return { results, rows, ort: await page.evaluate(() => globalThis.bench.ortVersion) };
  } finally {
    await page.close();
  }
}

/**
 * From the start of a navigation to the first prediction, each in a browser context of its own, whose cache is empty.
 *
 * @param {import("@playwright/test").Browser} browser
 * @param {string} url of the site
 */
export async function measureNavigation(browser, url) {
  const pages = { ours: `${url}/first-predikt.html`, theirs: `${url}/first-ort.html` };
  const ms = { ours: [], theirs: [] };
  const fetched = {};
  for (let round = -1; round < ROUNDS.navigation; round++) {
    for (const [product, address] of Object.entries(pages)) {
      const context = await browser.newContext();
      const page = await context.newPage();
      const message = JSON.parse(await opened(page, address));
      await context.close();
      if (message.label !== 0) throw new Error(`${address}: a setosa is not ${message.label}`);
      if (round >= 0) ms[product].push(message.ms);
      fetched[product] = message.fetched;
    }
  }
  const result = compare(ms.ours, ms.theirs);
  return {
    results: { navigation: result },
    rows: [comparisonRow("navigation to first prediction (iris)", result, duration)],
    fetched,
  };
}

/** Opens a page and waits for what it says first. */
async function opened(page, address) {
  const failed = new Promise((_, reject) => {
    page.on("pageerror", (error) => reject(new Error(`${address}: ${error.message}`)));
  });
  const said = page.waitForEvent("console", {
    predicate: (message) => message.type() === "log",
    timeout: 60_000,
  });
  await Promise.race([page.goto(address), failed]);
  return (await Promise.race([said, failed])).text();
}
