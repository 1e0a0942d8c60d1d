import { answer, expect, test, visit } from "./page.ts";

test("after the first visit the page works offline, with every sample model", async ({
  page,
  context,
}) => {
  await visit(page);
  await expect(page.getByText("this page now works offline")).toBeVisible();
  await context.setOffline(true);
  await page.reload();
  await expect(page.locator("html[data-ready]")).toBeAttached();
  for (const title of [/Diabetes/, /digits/i, /Progression/, /Iris/]) {
    await page.getByRole("radio", { name: title }).check({ force: true });
    await expect(page.locator("#input-model")).toHaveText(title);
    await expect(answer(page)).toBeVisible();
  }
  await page.getByRole("checkbox", { name: /worker thread/ }).check();
  await expect(page.locator(".timing")).toContainText("worker thread");
});

test("caches of older versions are dropped, others are left alone", async ({ page }) => {
  await page.addInitScript(() => {
    void caches.open("predikt-page-old");
    void caches.open("someone-else");
  });
  await visit(page);
  await expect(page.getByText("this page now works offline")).toBeVisible();
  const names = await page.evaluate(() => caches.keys());
  expect(names).toContain("someone-else");
  expect(names).not.toContain("predikt-page-old");
  expect(names.filter((name) => name.startsWith("predikt-page-"))).toHaveLength(1);
});
