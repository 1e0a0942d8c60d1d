import { answer, expect, test, visit } from "./page.ts";

test.use({ serviceWorkers: "block" });

test("a slow download shows its bytes, and can be cancelled", async ({ page, context }) => {
  await visit(page);
  await expect(answer(page)).toBeVisible();
  const network = await context.newCDPSession(page);
  await network.send("Network.enable");
  await network.send("Network.setCacheDisabled", { cacheDisabled: true });
  const slow = { offline: false, latency: 20, downloadThroughput: 12_000, uploadThroughput: -1 };
  await network.send("Network.emulateNetworkConditions", slow);

  await page.getByRole("radio", { name: /digits/i }).check({ force: true });
  await expect(page.getByRole("progressbar")).toBeVisible();
  await expect(page.locator("#progress-text")).toHaveText(/[\d.]+ (bytes|kB) of [\d.]+ kB/);
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("progressbar")).toBeHidden();
  await expect(page.getByRole("radio", { name: "Iris species" })).toBeChecked();
  await expect(page.locator("#load-problem")).toBeEmpty();

  const fast = { ...slow, downloadThroughput: -1, latency: 0 };
  await network.send("Network.emulateNetworkConditions", fast);
  await page.getByRole("radio", { name: /digits/i }).check({ force: true });
  await expect(page.locator("#input-model")).toHaveText(/digits/i);
  await expect(page.getByRole("progressbar")).toBeHidden();
});

test("a missing list of models is told in words, and an own file still opens", async ({
  page,
  complaints,
}) => {
  await page.route("**/models/index.json", (route) => route.fulfill({ status: 404, body: "no" }));
  await page.goto("/");
  await expect(page.locator("#load-problem")).toContainText(
    "The sample models could not be listed",
  );
  await expect(page.locator("#load-problem")).toContainText("404");
  complaints.length = 0;
});
