import { answer, drop, expect, test, visit } from "./page.ts";

test("the policy is sent as a header and stands in the page", async ({ page }) => {
  const response = await page.goto("/");
  const header = response?.headers()["content-security-policy"] ?? "";
  expect(header).toContain("script-src 'self' 'wasm-unsafe-eval'");
  expect(header).toContain("frame-ancestors 'none'");
  expect(header).not.toContain("'unsafe-eval'");
  expect(header).not.toContain("unsafe-inline");
  expect(response?.headers()["x-content-type-options"]).toBe("nosniff");
  expect(response?.headers()["referrer-policy"]).toBe("no-referrer");
  const meta = await page
    .locator('meta[http-equiv="Content-Security-Policy"]')
    .getAttribute("content");
  expect(meta).toContain("script-src 'self' 'wasm-unsafe-eval'");
  expect(await page.locator("script:not([src]), style, [style*='expression']").count()).toBe(0);
  await expect(answer(page)).toBeVisible();
});

test("a whole session breaks no policy", async ({ page, complaints }) => {
  await visit(page);
  await page.getByRole("radio", { name: /digits/i }).check({ force: true });
  await page.getByRole("button", { name: "Next example" }).click();
  await drop(page, "models/iris/1/model.onnx");
  await page.getByRole("button", { name: "Paste rows" }).click();
  await page.getByRole("checkbox", { name: /worker thread/ }).check();
  await expect(page.locator(".timing")).toContainText("worker thread");
  expect(complaints).toEqual([]);
});

test("eval is blocked while WebAssembly works", async ({ page, complaints }) => {
  await visit(page);
  await expect(answer(page)).toBeVisible();
  const outcome = await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "window.inlineRan = true";
    document.head.append(script);
    // In a task of the page's own: what a debugger evaluates directly may use eval whatever the policy.
    const evaluated = await new Promise<string>((resolve) => {
      setTimeout(() => {
        try {
          // biome-ignore lint/security/noGlobalEval: the test is that it is refused
          resolve(String(globalThis.eval("1 + 1")));
        } catch (error) {
          resolve((error as Error).name);
        }
      });
    });
    const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
    const compiled = new WebAssembly.Module(empty) instanceof WebAssembly.Module;
    return { evaluated, inline: "inlineRan" in window, compiled };
  });
  expect(outcome).toEqual({ evaluated: "EvalError", inline: false, compiled: true });
  expect(complaints.length).toBeGreaterThan(0);
  complaints.length = 0;
});
