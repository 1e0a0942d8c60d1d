/** Where things are: the repository, its tools and its model. */

import { existsSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The templates of the apps. */
export const apps = fileURLToPath(new URL("../apps/", import.meta.url));

/** The published model that every app loads. */
export const models = join(root, "models");

/** Where the commands of the development dependencies are. */
export const commands = join(root, "node_modules/.bin");

/** The executables of a name on PATH, the repository's own first, each once. */
export function onPath(name) {
  const folders = [commands, ...(process.env.PATH ?? "").split(delimiter)];
  const found = folders.map((folder) => join(folder, name)).filter((path) => existsSync(path));
  return [...new Set(found.map((path) => realpathSync(path)))];
}
