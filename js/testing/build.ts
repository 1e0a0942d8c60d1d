/** Emits js/ to dist/ before the tests, so that those of the whole package run what would be published. */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export default function setup(): void {
  if (!["compact", "full"].every((name) => existsSync(`${root}/dist/predikt_${name}.js`))) {
    throw new Error("dist/ has no engine: run `make build` or `make test` first.");
  }
  const tsc = `${root}/node_modules/typescript/bin/tsc`;
  execFileSync(process.execPath, [tsc, "-p", "js/tsconfig.json"], { cwd: root, stdio: "inherit" });
}
