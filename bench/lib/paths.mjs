/** Where things are. */

import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const root = here("../../").replace(/\/$/, "");
export const bench = `${root}/bench`;
export const peers = `${bench}/.peers`;
export const dist = `${root}/dist`;
