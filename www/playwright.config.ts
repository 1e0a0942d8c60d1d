import { defineConfig } from "@playwright/test";

/** Set this to test a page that something else serves, such as the Worker. */
const served = process.env.PREDIKT_PAGE_URL;
const port = 4173;

export default defineConfig({
  testDir: "./test",
  testMatch: "*.spec.ts",
  outputDir: "../test-results/www",
  reporter: [["list"]],
  fullyParallel: true,
  workers: 2,
  forbidOnly: Boolean(process.env.CI),
  timeout: 30_000,
  use: {
    baseURL: served ?? `http://127.0.0.1:${port}`,
    viewport: { width: 1280, height: 900 },
    launchOptions: {
      executablePath: process.env.PREDIKT_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
      ],
    },
  },
  ...(served
    ? {}
    : {
        webServer: {
          command: `../node_modules/.bin/node test/serve.ts ${port}`,
          url: `http://127.0.0.1:${port}/`,
          reuseExistingServer: false,
        },
      }),
});
