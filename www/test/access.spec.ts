import type { Page } from "@playwright/test";
import { answer, expect, test, visit } from "./page.ts";

/** Presses Tab until the focus is on what matches, and fails when it never comes there. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press("Tab");
    if (await page.locator(selector).evaluate((element) => element === document.activeElement))
      return;
  }
  throw new Error(`the Tab key does not reach ${selector}`);
}

/** Contrast ratio of WCAG 2 between the text and the ground behind each piece of text, lowest first. */
function contrasts(page: Page) {
  return page.evaluate(() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    if (!canvas) throw new Error("no canvas");
    const rgba = (color: string) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data] as [number, number, number, number];
    };
    const luminance = (color: readonly number[]) => {
      const [r = 0, g = 0, b = 0] = color.map((value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element: Element | null): number[] => {
      if (!element) return [255, 255, 255];
      const color = rgba(getComputedStyle(element).backgroundColor);
      return color[3] === 255 ? color : ground(element.parentElement);
    };
    const found: { text: string; ratio: number }[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      const text = walker.currentNode.textContent?.trim();
      if (!element?.checkVisibility() || !text || element.closest("noscript, .skip")) continue;
      const [a, b] = [luminance(rgba(getComputedStyle(element).color)), luminance(ground(element))];
      found.push({ text, ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) });
    }
    return found.sort((one, two) => one.ratio - two.ratio);
  });
}

test("by keyboard alone: choose, draw, predict", async ({ page }) => {
  await visit(page);
  await tabTo(page, "#samples input:checked");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(page.locator("#input-model")).toHaveText(/digits/i);
  await expect(answer(page)).toBeVisible();
  await tabTo(page, "#file");
  await tabTo(page, "[role=gridcell]:first-child >> nth=0");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  const cell = page.locator("[role=gridcell]:focus");
  await expect(cell).toHaveAttribute("aria-label", /^row 2, column 2:/);
  await page.keyboard.press("9");
  await expect(cell).toHaveAttribute("aria-label", "row 2, column 2: 16 of 16");
  await page.keyboard.press("Space");
  await expect(cell).toHaveAttribute("aria-label", "row 2, column 2: 0 of 16");
  await page.keyboard.press("End");
  await expect(cell).toHaveAttribute("aria-label", /^row 2, column 8:/);
  await tabTo(page, "#form button[type=submit]");
  await page.keyboard.press("Enter");
  await expect(answer(page)).toBeVisible();
});

test("the skip link leads to the form, and Enter in a field predicts", async ({ page }) => {
  await visit(page);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the input form" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("spinbutton", { name: "Sepal length" })).toBeFocused();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("6.9");
  await page.keyboard.press("Enter");
  await expect(answer(page)).toBeVisible();
  const ring = await page.evaluate(
    () => getComputedStyle(document.activeElement as Element).outlineStyle,
  );
  expect(ring).toBe("solid");
});

test("every control has a name, and headings go down in order", async ({ page }) => {
  for (const model of ["iris", "digits", "progression"]) {
    await visit(page, `/#${model}`);
    const unnamed = await page.evaluate(() =>
      [
        ...document.querySelectorAll(
          "input:not([aria-hidden]), select, button, textarea, [role=meter]",
        ),
      ]
        .filter((element) => {
          const labels = (element as HTMLInputElement).labels?.length ?? 0;
          return (
            labels === 0 && !element.getAttribute("aria-label") && !element.textContent?.trim()
          );
        })
        .map((element) => element.outerHTML),
    );
    expect(unnamed).toEqual([]);
    const levels = await page.evaluate(() =>
      [...document.querySelectorAll("h1, h2, h3")].map(({ tagName }) => Number(tagName[1])),
    );
    expect(levels[0]).toBe(1);
    for (const [index, level] of levels.entries()) {
      expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
    }
  }
});

for (const model of ["iris", "diabetes", "digits", "progression"]) {
  for (const width of [320, 360, 768]) {
    test(`${model} has no sideways scrolling at ${width} px`, async ({ page }) => {
      await page.setViewportSize({ width, height: 740 });
      await visit(page, `/#${model}`);
      await expect(answer(page)).toBeVisible();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    });
  }
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`text stands out from its ground: ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await visit(page);
    await expect(answer(page)).toBeVisible();
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(ground).toBe(colorScheme === "light" ? "rgb(244, 245, 243)" : "rgb(16, 20, 21)");
    const lowest = (await contrasts(page))[0];
    expect(lowest?.ratio, lowest?.text).toBeGreaterThanOrEqual(4.5);
    await page.getByRole("radio", { name: "Progression in three steps" }).check({ force: true });
    await page.getByRole("spinbutton", { name: /^Blood sugar/ }).fill("");
    await page.getByRole("spinbutton", { name: /^Age/ }).fill("");
    await expect(page.locator("#result")).toContainText("Enter a number for Age.");
    const mixed = (await contrasts(page))[0];
    expect(mixed?.ratio, mixed?.text).toBeGreaterThanOrEqual(4.5);
  });
}

test("a list and a missing value by keyboard alone", async ({ page }) => {
  await visit(page, "/#progression");
  await tabTo(page, "#form select");
  await page.keyboard.press("m");
  await expect(page.locator("#form select")).toHaveValue("male");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("spinbutton", { name: /^Body mass index/ })).toBeFocused();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.press("Delete");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "JavaScript code" })).toContainText("bmi: null,");
  await expect(answer(page)).toBeVisible();
});

test("nothing moves for people who ask for less motion", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await visit(page);
  const duration = await page
    .locator(".bar-fill")
    .first()
    .evaluate((element) => getComputedStyle(element).transitionDuration);
  expect(duration).toBe("0s");
});
