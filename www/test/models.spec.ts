import { readFileSync } from "node:fs";
import { answer, bar, expect, repositoryFile, test, visit } from "./page.ts";

interface Samples {
  features: number[][];
  prediction: number[];
  probabilities?: number[][];
}

const samples = (model: string): Samples =>
  JSON.parse(readFileSync(repositoryFile(`models/${model}/1/samples.json`), "utf8"));

test("iris: the form predicts class 0, with a bar a class", async ({ page }) => {
  await visit(page);
  for (const [label, value] of [
    ["Sepal length", "5.1"],
    ["Sepal width", "3.5"],
    ["Petal length", "1.4"],
    ["Petal width", "0.2"],
  ] as const) {
    await page.getByRole("spinbutton", { name: label }).fill(value);
  }
  await expect(answer(page)).toHaveText("setosa class 0");
  await expect(page.getByRole("meter")).toHaveCount(3);
  const share = Number(await bar(page, "setosa").getAttribute("aria-valuenow"));
  expect(share).toBeGreaterThan(0.9);
  expect(share).toBeLessThanOrEqual(1);
  await expect(page.locator(".timing")).toContainText(/[\d.]+ (µs|ms) a prediction/);
  await expect(page.getByText("8 of the trainer's own answers repeated")).toBeVisible();
  await expect(page.getByText("SHA-256 as the manifest says")).toBeVisible();
  await expect(page.getByRole("region", { name: "HTTP code" })).toContainText(
    '{"features":[5.1,3.5,1.4,0.2]}',
  );
});

test("an empty field is asked for, by name", async ({ page }) => {
  await visit(page);
  await page.getByRole("spinbutton", { name: "Petal width" }).fill("");
  await expect(page.locator("#result")).toContainText("Enter a number for Petal width.");
  await expect(page.locator("#spoken")).toHaveText("Enter a number for Petal width.");
  await page.getByRole("spinbutton", { name: "Petal width" }).fill("99");
  await expect(page.getByText(/Outside the training data/)).toBeVisible();
  await expect(answer(page)).toBeVisible();
});

test("diabetes: the answers of the held-out rows are scikit-learn's", async ({ page }) => {
  await visit(page, "/#diabetes");
  const { features, prediction } = samples("diabetes");
  await page.getByRole("button", { name: "Paste rows" }).click();
  await page.getByLabel(/Rows of 10 values/).fill(features.map((row) => row.join(",")).join("\n"));
  await expect(answer(page)).toHaveText(`${features.length} rows`);
  const shown = await page
    .getByRole("region", { name: "Predictions by row" })
    .locator("tbody td")
    .allTextContents();
  expect(shown.length).toBe(Math.min(100, features.length));
  for (const [index, text] of shown.entries()) {
    const expected = prediction[index] ?? Number.NaN;
    expect(Math.abs(Number(text) - expected)).toBeLessThan(1e-4 * Math.abs(expected) + 1e-3);
  }
});

test("digits: an example fills the grid, and its digit is read", async ({ page }) => {
  await visit(page, "/#digits");
  await expect(page.getByRole("gridcell")).toHaveCount(64);
  for (let example = 0; example < 3; example += 1) {
    const golden = await page.locator(".golden").textContent();
    const digit = golden?.match(/answer: (\d)/)?.[1];
    await expect(answer(page)).toHaveText(String(digit));
    await expect(bar(page, String(digit))).toHaveAttribute("aria-valuetext", /%$/);
    await page.getByRole("button", { name: "Next example" }).click();
    await expect(page.locator(".golden")).not.toHaveText(golden ?? "");
  }
});

test("digits: a stroke of the pointer is painted and read", async ({ page }) => {
  await visit(page, "/#digits");
  await page.getByRole("button", { name: "Clear" }).click();
  await expect(page.locator(".golden")).toHaveCount(0);
  const grid = page.getByRole("grid", { name: /Drawing/ });
  const box = await grid.boundingBox();
  if (!box) throw new Error("no grid");
  const x = box.x + box.width * 0.5;
  await page.mouse.move(x, box.y + box.height * 0.06);
  await page.mouse.down();
  await page.mouse.move(x, box.y + box.height * 0.95, { steps: 20 });
  await page.mouse.up();
  await expect(
    page.getByRole("gridcell", { name: /^row 4, column [45]: 1[0-6] of 16$/ }),
  ).not.toHaveCount(0);
  await expect(answer(page)).toHaveText("1");
});

test("every sample model opens by its radio button", async ({ page }) => {
  await visit(page);
  for (const [title, hash] of [
    ["Diabetes progression", "#diabetes"],
    [/digits/i, "#digits"],
    ["Iris species", "#iris"],
  ] as const) {
    await page.getByRole("radio", { name: title }).check({ force: true });
    await expect(page).toHaveURL(new RegExp(`${hash}$`));
    await expect(answer(page)).toBeVisible();
    await expect(page.getByText(/of the trainer's own answers repeated/)).toBeVisible();
  }
});

test("a worker thread gives the same answer", async ({ page }) => {
  await visit(page);
  const inline = await bar(page, "setosa").getAttribute("aria-valuetext");
  await page.getByRole("checkbox", { name: /worker thread/ }).check();
  await expect(page.locator(".timing")).toContainText("worker thread");
  await expect(bar(page, "setosa")).toHaveAttribute("aria-valuetext", inline ?? "");
  expect(page.workers().length).toBeGreaterThan(0);
});
