import { answer, drop, expect, test, visit } from "./page.ts";

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
  await drop(page, "models/iris/1/model.onnx");
  await expect(answer(page)).toBeVisible();
  complaints.length = 0;
});

test("a model whose bytes are not the manifest's is refused", async ({ page }) => {
  await page.route("**/iris/1/model.onnx", async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    body[body.length - 1] = (body[body.length - 1] ?? 0) ^ 1;
    await route.fulfill({ response, body });
  });
  await visit(page);
  const problem = page.locator("#load-problem");
  await expect(problem).toContainText("Iris species could not be opened");
  await problem.getByText("Details").click();
  await expect(problem.getByText("INTEGRITY_MISMATCH")).toBeVisible();
  await page.getByRole("radio", { name: "Diabetes progression" }).check({ force: true });
  await expect(answer(page)).toBeVisible();
  await expect(problem).toBeEmpty();
});

test("a device that answers otherwise than the trainer predicts nothing", async ({ page }) => {
  await page.route("**/iris/1/manifest.json", async (route) => {
    const response = await route.fetch();
    const manifest = await response.json();
    manifest.golden.prediction[0] = 2;
    await route.fulfill({ response, json: manifest });
  });
  await visit(page);
  const problem = page.locator("#predict-problem");
  await expect(problem).toContainText("The self-test failed");
  await expect(problem).toContainText("nothing is predicted");
  await page.getByRole("button", { name: "Predict" }).click();
  await expect(answer(page)).toHaveCount(0);
});

test("a browser without WebAssembly SIMD is told so", async ({ page }) => {
  await page.addInitScript(() => {
    WebAssembly.validate = () => false;
  });
  await visit(page);
  const problem = page.locator("#load-problem");
  await expect(problem).toContainText("SIMD");
  await problem.getByText("Details").click();
  await expect(problem.getByText("ENGINE_UNSUPPORTED")).toBeVisible();
});
