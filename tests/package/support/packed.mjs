/** The package as npm would publish it, and fresh apps that install it. */

import { mkdtempSync, rmSync } from "node:fs";
import { cp, mkdir, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apps, models, root } from "./paths.mjs";
import { run } from "./run.mjs";

/** Away from the repository, so that nothing of its node_modules is found by accident. */
const folder = mkdtempSync(join(tmpdir(), "predikt-package-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

let packing;

/**
 * Packs the repository, once for all tests of a process.
 *
 * @returns {Promise<{ path: string, size: number, unpackedSize: number, files: { path: string, size: number }[] }>}
 */
export function packed() {
  packing ??= pack();
  return packing;
}

async function pack() {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const [{ filename, size, unpackedSize, files }] = JSON.parse(
    await run("npm", args, { cwd: root, timeout: 120_000 }),
  );
  return { path: join(folder, filename), size, unpackedSize, files };
}

/** An empty folder that goes when the process ends. */
export async function freshFolder(name) {
  const path = join(await realpath(folder), name);
  await mkdir(path);
  return path;
}

/**
 * A fresh copy of an app's template with the packed package installed.
 *
 * @param {string} template its folder in apps/
 * @param {{ models?: string, name?: string }} options where in the app the published models iris and digits are put; the app's
 *   own name
 * @returns {Promise<string>} its folder
 */
export async function freshApp(template, options = {}) {
  const { path: tarball } = await packed();
  const app = await freshFolder(options.name ?? template);
  await cp(join(apps, template), app, { recursive: true });
  if (options.models !== undefined) {
    for (const name of ["iris", "digits"]) {
      await cp(join(models, name), join(app, options.models, name), { recursive: true });
    }
  }
  // Offline: the package has no dependencies, so nothing else may be needed.
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball], { cwd: app });
  return app;
}
