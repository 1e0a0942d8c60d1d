import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { assembleAssets } from "./test/assemble.ts";

const root = fileURLToPath(new URL(".", import.meta.url));

/** Tests of the Worker as wrangler serves it; they drive it from Node. */
const FROM_NODE = "**/*.node.test.ts";

export default defineConfig({
  test: {
    projects: [
      {
        root,
        plugins: [
          cloudflareTest(async () => ({
            main: "./worker.ts",
            wrangler: { configPath: "../wrangler.jsonc" },
            miniflare: {
              r2Buckets: ["MODELS"],
              assets: { directory: await assembleAssets("workerd"), binding: "ASSETS" },
            },
          })),
        ],
        // One isolate for all: the engine's module is large, and takes seconds to hand over.
        test: {
          name: "workerd",
          include: ["**/*.test.ts"],
          exclude: [FROM_NODE],
          isolate: false,
          maxWorkers: 1,
        },
      },
      {
        root,
        test: { name: "wrangler", include: [FROM_NODE], testTimeout: 30_000, hookTimeout: 60_000 },
      },
    ],
  },
});
