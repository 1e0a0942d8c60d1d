import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { contentSecurityPolicy } from "./plugins/csp.ts";
import { publishedModels } from "./plugins/models.ts";
import { serviceWorker } from "./plugins/service-worker.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  cacheDir: here("../node_modules/.vite/www"),
  plugins: [
    publishedModels(here("../models")),
    contentSecurityPolicy(here("public/_headers")),
    serviceWorker(here("sw/sw.ts")),
  ],
  build: {
    outDir: here("dist"),
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
  test: { include: ["{src,sw}/**/*.test.ts"] },
});
