/** A published model that this site carries, as its `model.json` describes it. */
export interface Sample {
  name: string;
  title: string;
  description: string;
  /** Address of `model.json`: what to give `loadModel`. */
  url: URL;
}

/** The models in `/models/index.json`, in its order. Throws when the list or a description can't be fetched. */
export async function listSamples(signal?: AbortSignal): Promise<Sample[]> {
  const base = new URL("/models/", location.href);
  const { models } = (await fetchJson(new URL("index.json", base), signal)) as { models: string[] };
  return Promise.all(models.map((name) => readSample(base, name, signal)));
}

async function readSample(base: URL, name: string, signal?: AbortSignal): Promise<Sample> {
  const url = new URL(`${name}/model.json`, base);
  const published = (await fetchJson(url, signal)) as { title?: string; description?: string };
  return {
    name,
    title: published.title ?? name,
    description: published.description ?? "",
    url,
  };
}

async function fetchJson(url: URL, signal?: AbortSignal): Promise<unknown> {
  const response = await fetch(url, signal ? { signal } : {});
  if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}`);
  return response.json();
}
