import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What the page's build would leave for the Worker: a page, the models as published, and the fixtures. */
async function assembleAssets(): Promise<string> {
  const directory = here("../.wrangler/test-assets/");
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await writeFile(`${directory}index.html`, "<!doctype html><title>page</title>\n");
  await cp(here("../models"), `${directory}models`, {
    recursive: true,
    filter: (path) => !/\.py$|__pycache__/.test(path),
  });
  await cp(here("../tests/fixtures"), `${directory}fixtures`, { recursive: true });
  return directory;
}

/** The Worker's tests, inside workerd, with the configuration that is deployed and a simulated bucket. */
export default defineConfig({
  root: here("."),
  plugins: [
    cloudflareTest(async () => ({
      main: "./worker.ts",
      wrangler: { configPath: "../wrangler.jsonc" },
      miniflare: {
        r2Buckets: ["MODELS"],
        assets: { directory: await assembleAssets(), binding: "ASSETS" },
      },
    })),
  ],
  test: {
    include: ["**/*.test.ts"],
  },
});
