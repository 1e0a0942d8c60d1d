/** Headless Chromium and its pages. */

import { chromium } from "@playwright/test";

const ARGUMENTS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
];

export function launch() {
  return chromium.launch({
    executablePath: process.env.PREDIKT_CHROMIUM ?? "/usr/bin/chromium",
    args: ARGUMENTS,
  });
}

/**
 * Opens a page and waits for what it says first.
 *
 * @param {import("@playwright/test").Page} page
 * @param {string} address
 */
export async function opened(page, address) {
  const failed = new Promise((_, reject) => {
    page.on("pageerror", (error) => reject(new Error(`${address}: ${error.message}`)));
  });
  const said = page.waitForEvent("console", {
    predicate: (message) => message.type() === "log",
    timeout: 120_000,
  });
  await Promise.race([page.goto(address), failed]);
  return (await Promise.race([said, failed])).text();
}
