/** Opens a built app in headless Chromium and lets it predict. */

import assert from "node:assert/strict";
import { after } from "node:test";
import { setTimeout } from "node:timers/promises";
import { chromium } from "@playwright/test";
import * as digits from "./digits.mjs";
import { assertIris, rows } from "./iris.mjs";
import { serveFolder } from "./serve.mjs";

const ARGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
];

let launching;

function browser() {
  launching ??= chromium.launch({
    executablePath: process.env.PREDIKT_CHROMIUM ?? "/usr/bin/chromium",
    args: ARGS,
  });
  return launching;
}

after(async () => {
  await (await launching)?.close();
});

/** As `assertPagePredicts`, for a folder on a static host. */
export async function assertFolderPredicts(folder) {
  const server = await serveFolder(folder);
  try {
    return await assertPagePredicts(server.url);
  } finally {
    await server.close();
  }
}

/**
 * Opens a page that has the globals `predictIris(rows, thread)` and `predictDigits(rows, thread)` and checks their answers,
 * inline and in a thread; that nothing failed on the way; and that each engine came once, as WebAssembly, the full one only for
 * the digits.
 *
 * @returns {Promise<string[]>} the paths that the page asked for
 */
export async function assertPagePredicts(url) {
  const page = await (await browser()).newPage();
  const trouble = [];
  const asked = [];
  const engines = [];
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") trouble.push(`${message.text()} (${message.location().url})`);
  });
  page.on("requestfailed", (request) => trouble.push(`${request.url()} failed`));
  page.on("response", (response) => {
    asked.push(new URL(response.url()).pathname);
    const type = response.headers()["content-type"];
    if (type === "application/wasm") engines.push(response.url());
  });
  try {
    await page.goto(url);
    await page.waitForFunction(() => "predictDigits" in globalThis, null, { timeout: 30_000 });
    for (const thread of ["inline", "worker"]) {
      const answers = await page.evaluate(
        ([rows, thread]) => globalThis.predictIris(rows, thread),
        [rows, thread],
      );
      assertIris(answers);
      await until(() => page.workers().length === 0, "the thread ended with its last model");
    }
    assert.equal(engines.length, 1, `one engine, not ${engines}`);
    for (const thread of ["inline", "worker"]) {
      const prediction = await page.evaluate(
        ([rows, thread]) => globalThis.predictDigits(rows, thread),
        [digits.rows, thread],
      );
      assert.deepEqual(prediction, digits.prediction);
      await until(() => page.workers().length === 0, "the thread ended with its last model");
    }
    assert.equal(engines.length, 2, `two engines, not ${engines}`);
  } catch (thrown) {
    const heard = [...trouble, ...asked].map((line) => `\n  ${line}`).join("");
    throw new Error(`${url}: ${thrown.message}${heard}`, { cause: thrown });
  } finally {
    await page.close();
  }
  assert.deepEqual(trouble, []);
  return asked;
}

async function until(condition, what) {
  for (let waited = 0; !condition(); waited += 50) {
    assert.ok(waited < 5000, what);
    await setTimeout(50);
  }
}
