import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, normalize, sep } from "node:path";
import type { Plugin } from "vite";

/** What of a model's folder is published: its description and its versions, not the script that trains it. */
const PUBLISHED = /^(index\.json|[^/]+\/model\.json|[^/]+\/[^/]+\/[^/]+\.(onnx|json))$/;

/** Serves the published models of `folder` under `/models/`, and copies them into the build. */
export function publishedModels(folder: string): Plugin {
  return {
    name: "predikt:models",
    configureServer(server) {
      server.middlewares.use("/models", async (request, response, next) => {
        const path = decodeURIComponent(new URL(request.url ?? "/", "http://page").pathname).slice(
          1,
        );
        const file = join(folder, normalize(path));
        const found = PUBLISHED.test(path) && file.startsWith(folder + sep) && (await isFile(file));
        if (!found) return next();
        const type = path.endsWith(".json") ? "application/json" : "application/octet-stream";
        response.setHeader("content-type", type);
        createReadStream(file).pipe(response);
      });
    },
    async generateBundle() {
      for (const path of await filesIn(folder)) {
        if (!PUBLISHED.test(path)) continue;
        const source = await readFile(join(folder, path));
        this.emitFile({ type: "asset", fileName: `models/${path}`, source });
      }
    },
  };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

/** Every file under a folder, as paths relative to it with forward slashes. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .map((path) => path.replaceAll(sep, "/"))
    .sort();
}
