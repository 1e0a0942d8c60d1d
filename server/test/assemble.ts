import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** A path relative to this file, as the file system has it. */
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Puts together what the page's build would leave for the Worker: a page, the models as published, and the fixtures.
 *
 * @param name of the folder, so that suites that run at the same time don't share one
 * @returns its path
 */
export async function assembleAssets(name: string): Promise<string> {
  const directory = here(`../../.wrangler/test-${name}/`);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await writeFile(`${directory}index.html`, "<!doctype html><title>page</title>\n");
  await cp(here("../../models"), `${directory}models`, {
    recursive: true,
    filter: (path) => !/\.(py|txt|md)$|__pycache__/.test(path),
  });
  await cp(here("../../tests/fixtures"), `${directory}fixtures`, { recursive: true });
  return directory;
}
