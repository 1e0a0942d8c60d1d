import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Plugin, transformWithOxc } from "vite";

/** Not fetched ahead: engines (a browser needs one of them, see `sw.ts`), and files the page doesn't read. */
const NOT_AHEAD = /\.(wasm|map)$|(^|\/)samples\.json$|^_headers$/;

/**
 * Emits the service worker as `/sw.js`, with the list of files to keep and a version that changes whenever
 * one of them does.
 */
export function serviceWorker(source: string): Plugin {
  let publicDir = "";
  return {
    name: "predikt:service-worker",
    apply: "build",
    enforce: "post",
    configResolved(config) {
      publicDir = config.publicDir;
    },
    generateBundle: {
      order: "post",
      async handler(_options, bundle) {
        const contents = new Map<string, string | Uint8Array>();
        for (const output of Object.values(bundle)) {
          contents.set(output.fileName, output.type === "chunk" ? output.code : output.source);
        }
        for (const name of await readdir(publicDir)) {
          contents.set(name, await readFile(join(publicDir, name)));
        }
        const ahead = [...contents.keys()].filter((name) => !NOT_AHEAD.test(name)).sort();
        const hash = createHash("sha256");
        for (const name of ahead) hash.update(`${name}\0`).update(contents.get(name) ?? "");
        const files = ahead.map((name) => (name === "index.html" ? "/" : `/${name}`));

        const { code } = await transformWithOxc(await readFile(source, "utf8"), source);
        this.emitFile({
          type: "asset",
          fileName: "sw.js",
          source: code
            .replace("__VERSION__", JSON.stringify(hash.digest("hex").slice(0, 12)))
            .replace("__FILES__", JSON.stringify(files)),
        });
      },
    },
  };
}
