import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestHarness } from "wrangler";
import { assembleAssets } from "./assemble.js";

/** wrangler.jsonc as it is deployed, with the test's assets in the place of the page's build. */
async function testConfig(): Promise<string> {
  const directory = await assembleAssets("wrangler");
  const text = await readFile(new URL("../../wrangler.jsonc", import.meta.url), "utf8");
  const changed = text
    .replace('"./www/dist"', JSON.stringify(directory))
    .replace(
      '"server/worker.ts"',
      JSON.stringify(fileURLToPath(new URL("../worker.ts", import.meta.url))),
    );
  expect(changed.includes("./www/dist") || changed.includes('"server/')).toBe(false);
  const path = `${directory.replace(/\/$/, "")}.jsonc`;
  await writeFile(path, changed);
  return path;
}

let server: ReturnType<typeof createTestHarness>;

beforeAll(async () => {
  server = createTestHarness({ workers: [{ configPath: await testConfig() }] });
  await server.listen();
});

afterAll(async () => {
  await server?.close();
});

/** Whether the Worker made an answer: asset hosting does not mark its own. */
function isFromWorker(response: { headers: { get(name: string): string | null } }): boolean {
  return response.headers.get("x-content-type-options") === "nosniff";
}

describe("wrangler.jsonc", () => {
  it.each(["/models", "/models/iris", "/models/iris/versions/1", "/models/iris/model.json"])(
    "gives %s to the API",
    async (path) => {
      const response = await server.fetch(path);
      expect(response.status).toBe(200);
      expect(isFromWorker(response)).toBe(true);
      await response.arrayBuffer();
    },
  );

  it.each(["/", "/models/iris/1/model.onnx", "/models/iris/1/manifest.json"])(
    "leaves %s to asset hosting",
    async (path) => {
      const response = await server.fetch(path);
      expect(response.status).toBe(200);
      expect(isFromWorker(response)).toBe(false);
      await response.arrayBuffer();
    },
  );

  it("bundles the engine, and predicts", async () => {
    const response = await server.fetch("/predict", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"features": [5.1, 3.5, 1.4, 0.2]}',
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ prediction: [0], model: "iris", version: "1" });
  });

  it("answers what is nowhere with JSON", async () => {
    for (const path of ["/nowhere", "/models/iris/1/nothing.onnx", "/models/nobody"]) {
      const response = await server.fetch(path);
      expect(response.status).toBe(404);
      expect(await response.json()).toHaveProperty("error.code");
    }
  });
});
