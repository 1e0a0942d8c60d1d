import { answer, bar, drop, expect, repositoryFile, test, visit } from "./page.ts";

test("a dropped model gets a form and predicts", async ({ page }) => {
  await visit(page);
  await drop(page, "models/iris/1/model.onnx", "my-iris.onnx");
  await expect(page.getByText("my-iris.onnx", { exact: true })).toBeVisible();
  await expect(page.getByRole("radio", { checked: true })).toHaveCount(0);
  for (const [index, value] of ["5.1", "3.5", "1.4", "0.2"].entries()) {
    await page.getByRole("spinbutton").nth(index).fill(value);
  }
  await expect(answer(page)).toHaveText("0");
  expect(Number(await bar(page, "0").getAttribute("aria-valuenow"))).toBeGreaterThan(0.9);
  await expect(page.getByText(/SHA-256 [0-9a-f]{64}/)).toBeVisible();
});

test("the file field opens a model too", async ({ page }) => {
  await visit(page);
  await page
    .getByLabel("Open your own .onnx")
    .setInputFiles(repositoryFile("tests/fixtures/columns.onnx"));
  await expect(page.getByText("columns.onnx", { exact: true })).toBeVisible();
  await expect(page.getByRole("spinbutton", { name: "sepal_length" })).toBeVisible();
  for (const [name, value] of [
    ["sepal_length", "5.1"],
    ["sepal_width", "3.5"],
    ["petal_length", "1.4"],
    ["petal_width", "0.2"],
  ] as const) {
    await page.getByRole("spinbutton", { name }).fill(value);
  }
  await expect(answer(page)).toHaveText("-4.575");
});

test("a model of columns of several types gets fields of several types", async ({ page }) => {
  await visit(page);
  await drop(page, "tests/fixtures/models/columns_logistic_texts/model.onnx", "columns.onnx");
  await expect(page.getByText("columns.onnx", { exact: true })).toBeVisible();
  await page.getByRole("spinbutton", { name: "age" }).fill("16");
  await page.getByRole("spinbutton", { name: "fare" }).fill("52.48");
  await page.getByRole("textbox", { name: "sex" }).fill("female");
  await page.getByRole("textbox", { name: "town" }).fill("Nuuk");
  await expect(answer(page)).toHaveText(/^(lost|saved)$/);
  await expect(page.getByRole("meter")).toHaveCount(2);
  await expect(page.getByRole("region", { name: "JavaScript code" })).toContainText(
    'town: "Nuuk",\n  size: null,',
  );
});

test("a model of texts takes a text, and many of them a line each", async ({ page }) => {
  await visit(page);
  await drop(page, "tests/fixtures/models/text_logistic_texts/model.onnx", "words.onnx");
  await page.getByRole("textbox", { name: "X" }).fill("ships, on the cold sea");
  await expect(answer(page)).toHaveText("sea");
  await page.getByRole("button", { name: "Paste rows" }).click();
  const area = page.getByLabel("Rows of 1 value");
  await expect(area).toHaveValue("ships, on the cold sea");
  await area.fill("the lazy fox\nships, on the cold sea");
  const shown = page.getByRole("region", { name: "Predictions by row" });
  await expect(shown.locator("tbody td:nth-child(2)")).toHaveText(["land", "sea"]);
});

test("answers that are texts are shown as they are", async ({ page }) => {
  await visit(page);
  await drop(page, "tests/fixtures/models/simple_imputer_texts/model.onnx", "imputer.onnx");
  await expect(answer(page)).toHaveText("Bonn");
  await page.getByRole("textbox", { name: "X" }).fill("Oslo");
  await expect(answer(page)).toHaveText("Oslo");
});

for (const [path, words] of [
  ["tests/fixtures/not_found.html", /HTML/i],
  ["tests/fixtures/truncated.onnx", /truncated|cut|ends|end of/i],
  ["tests/fixtures/garbage.onnx", /ONNX/i],
  ["tests/fixtures/empty.onnx", /empty/i],
  ["tests/fixtures/unknown_ops.onnx", /operator/i],
] as const) {
  test(`a bad file is told in words, and the page keeps working: ${path}`, async ({ page }) => {
    await visit(page);
    await drop(page, path);
    const alert = page.locator("#load-problem");
    await expect(alert).toContainText("could not be opened");
    await expect(alert).toContainText(words);
    await expect(alert).toContainText("Iris species is still in use.");
    await alert.getByText("Details").click();
    await expect(alert.getByText(/^(MODEL_INVALID|OP_UNSUPPORTED)$/)).toBeVisible();
    await expect(page.getByRole("radio", { name: "Iris species" })).toBeChecked();

    await page.getByRole("button", { name: "Next example" }).click();
    await expect(page.locator(".golden")).toBeVisible();
    await drop(page, "tests/fixtures/softmax.onnx");
    await expect(alert).toBeEmpty();
    await expect(page.getByText("softmax.onnx", { exact: true })).toBeVisible();
    await expect(page.getByRole("spinbutton")).toHaveCount(4);
  });
}

test("a model without rows is explained, with its signature", async ({ page }) => {
  await visit(page);
  await drop(page, "tests/fixtures/shape_input.onnx");
  await expect(page.getByText(/no form for it/)).toBeVisible();
  await expect(page.locator("#form").getByRole("rowheader", { name: "shape" })).toBeVisible();
  await expect(page.getByRole("region", { name: "JavaScript code" })).toContainText("model.run({");
});

test("a row of free width is pasted", async ({ page }) => {
  await visit(page);
  await drop(page, "tests/fixtures/two_free.onnx");
  await page.getByLabel("Rows of values").fill("[[1, 2, 3, 6], [4, 4, 4, 4]]");
  await expect(page.getByRole("region", { name: "Predictions by row" })).toContainText("3");
  await expect(page.locator("tbody td").first()).toHaveText("3");
  await page.getByLabel("Rows of values").fill("1 2 x");
  await expect(page.locator("#result")).toContainText("“x” is not a number");
});

test("an engine that crashes is replaced: the next prediction works", async ({ page }) => {
  await visit(page);
  await drop(page, "tests/fixtures/trap.onnx");
  await expect(page.locator("#input-model")).toHaveText("trap.onnx");
  const field = page.getByRole("spinbutton");
  await field.fill("100");
  await expect(page.locator("#predict-problem")).toContainText("No prediction");
  await expect(page.locator("#predict-problem")).toContainText("ENGINE_TRAP");
  await field.fill("1");
  await expect(answer(page)).toBeVisible();
  await expect(page.locator("#predict-problem")).toBeEmpty();
});
