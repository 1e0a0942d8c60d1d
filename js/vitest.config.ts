import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    globalSetup: "./testing/build.ts",
    server: { deps: { external: [/\/dist\//] } },
    execArgv: ["--expose-gc"],
    testTimeout: 20_000,
  },
});
