import { readFileSync } from "node:fs";
import { answer, bar, expect, repositoryFile, test, visit } from "./page.ts";

interface Samples {
  features: (number | string | null)[][];
  prediction: (number | string)[];
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
    const expected = Number(prediction[index]);
    expect(Math.abs(Number(text) - expected)).toBeLessThan(1e-4 * Math.abs(expected) + 1e-3);
  }
});

test("progression: a text is chosen, and what is not known is left out", async ({ page }) => {
  await visit(page, "/#progression");
  await expect(page.getByText(/can be left out where it says “optional”/)).toBeVisible();
  const sex = page.getByRole("combobox", { name: /^Sex/ });
  await expect(sex.getByRole("option")).toHaveText(["female", "male", "(missing)"]);
  await sex.selectOption("male");
  const bmi = page.getByRole("spinbutton", { name: /^Body mass index \(kg\/m², optional\)/ });
  await bmi.fill("38");
  await expect(answer(page)).toHaveText("high");
  const known = await bar(page, "high").getAttribute("aria-valuetext");

  await bmi.fill("");
  await expect(bmi).toHaveAttribute("aria-invalid", "false");
  await expect(bmi).toHaveAccessibleDescription("Left out: taken as missing");
  await expect(bar(page, "high")).not.toHaveAttribute("aria-valuetext", known ?? "");
  await sex.selectOption("(missing)");
  await expect(sex).toHaveAccessibleDescription("Left out: taken as missing");
  await expect(page.getByRole("region", { name: "HTTP code" })).toContainText(
    '"sex":null,"bmi":null',
  );
  await expect(page.getByRole("region", { name: "JavaScript code" })).toContainText("bmi: null,");

  await page.getByRole("spinbutton", { name: "Age (years)" }).fill("");
  await expect(page.locator("#result")).toContainText("Enter a number for Age.");
});

test("progression: examples with gaps are the trainer's own", async ({ page }) => {
  await visit(page, "/#progression");
  const { golden } = JSON.parse(
    readFileSync(repositoryFile("models/progression/1/manifest.json"), "utf8"),
  ) as { golden: Samples };
  for (const [index, row] of golden.features.entries()) {
    await page.getByRole("button", { name: "Next example" }).click();
    await expect(page.getByRole("region", { name: "HTTP code" })).toContainText(`"bmi":${row[2]}`);
    const own = String(golden.prediction[index]);
    await expect(page.locator(".golden")).toContainText(`own answer: ${own}`);
    await expect(answer(page)).toHaveText(own);
  }
  await expect(page.getByRole("combobox", { name: /^Sex/ })).toHaveValue("(missing)");
});

test("progression: pasted records and tables predict as the trainer does", async ({ page }) => {
  await visit(page, "/#progression");
  const { features, prediction } = samples("progression");
  const shown = page.getByRole("region", { name: "Predictions by row" }).locator("tbody tr");
  await page.getByRole("button", { name: "Paste rows" }).click();
  const area = page.getByLabel(/Rows of 10 values/);
  await area.fill(features.map((row) => row.map((value) => value ?? "").join(",")).join("\n"));
  await expect(answer(page)).toHaveText(`${features.length} rows`);
  await expect(shown.locator("td:nth-child(2)")).toHaveText(prediction.slice(0, 100).map(String));

  const names = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];
  const records = features
    .slice(0, 5)
    .map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])));
  await area.fill(JSON.stringify(records));
  await expect(answer(page)).toHaveText("5 rows");
  await expect(shown.locator("td:nth-child(2)")).toHaveText(prediction.slice(0, 5).map(String));
  await area.fill("age,sex\n1,male");
  await expect(page.locator("#result")).toContainText("Line 1: “age” is not a number for age.");
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
    ["Progression in three steps", "#progression"],
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
