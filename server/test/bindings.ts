import { env } from "cloudflare:workers";

/** Reads a file of the assets that vitest.config.ts put together. */
export async function asset(path: string): Promise<Response> {
  const response = await env.ASSETS.fetch(`https://assets.invalid/${path}`);
  if (!response.ok) throw new Error(`No test asset ${path}: ${response.status}`);
  return response;
}

/** A file of the assets, as JSON. */
export async function assetJson<T>(path: string): Promise<T> {
  return (await asset(path)).json<T>();
}

/** Publishes the sample models in the simulated bucket, as `models/` holds them. */
export async function copyModelsToBucket(): Promise<void> {
  const { models } = await assetJson<{ models: string[] }>("models/index.json");
  await copy("models/index.json");
  for (const name of models) {
    const card = await assetJson<{ versions: string[] }>(`models/${name}/model.json`);
    await copy(`models/${name}/model.json`);
    for (const version of card.versions) {
      for (const file of ["manifest.json", "model.onnx"]) {
        await copy(`models/${name}/${version}/${file}`);
      }
    }
  }
}

async function copy(path: string): Promise<void> {
  await env.MODELS.put(path, await (await asset(path)).arrayBuffer());
}

/** Publishes bytes in the bucket as version 1 of a model; `changes` go over the manifest. */
export async function publish(
  name: string,
  bytes: ArrayBuffer,
  signature: object,
  changes: object = {},
): Promise<void> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const integrity = `sha256-${btoa(String.fromCharCode(...digest))}`;
  const manifest = {
    name,
    version: "1",
    title: name,
    description: name,
    created: "2026-01-01",
    model: { path: "model.onnx", bytes: bytes.byteLength, integrity },
    signature,
    ...changes,
  };
  const card = { name, aliases: { champion: "1" }, versions: ["1"] };
  await env.MODELS.put(`models/${name}/1/model.onnx`, bytes);
  await env.MODELS.put(`models/${name}/1/manifest.json`, JSON.stringify(manifest));
  await env.MODELS.put(`models/${name}/model.json`, JSON.stringify(card));
}
