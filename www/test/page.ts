import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, expect, type Page } from "@playwright/test";

export { expect };

/** A file of the repository, by its path from the root. */
export const repositoryFile = (path: string) =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** A test that fails when the page reports an error in the console, throws, or breaks its own policy. */
export const test = base.extend<{ complaints: string[] }>({
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on("console", (message) => {
        if (!/^(error|warning)$/.test(message.type())) return;
        // Said by the test runner itself, where a test turns service workers off.
        if (!message.text().includes("blocked by Playwright")) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.addInitScript(() => {
        document.addEventListener("securitypolicyviolation", (event) => {
          console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
        });
      });
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

/** Opens the page and waits until its model has answered. */
export async function visit(page: Page, path = "/"): Promise<void> {
  await page.goto(path);
  await expect(page.locator("html[data-ready]")).toBeAttached();
}

/** Drops a file on the page, as dragging it from the desktop does. */
export async function drop(page: Page, path: string, name = basename(path)): Promise<void> {
  const bytes = (await readFile(repositoryFile(path))).toString("base64");
  const transfer = await page.evaluateHandle(
    ([encoded, fileName]) => {
      const content = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([content], fileName));
      return data;
    },
    [bytes, name] as const,
  );
  await page.dispatchEvent("body", "dragover", { dataTransfer: transfer });
  await expect(page.getByText("Drop the .onnx file to open it")).toBeVisible();
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
}

/** What the page predicts: its headline. */
export const answer = (page: Page) => page.locator(".answer");

/** The bar of a class. */
export const bar = (page: Page, name: string) => page.getByRole("meter", { name, exact: true });
