/** The engines of this realm (page, thread or isolate): one instance of each artefact at most. */

import { Engine, type Engines, type Glue } from "./engine.js";
import * as compact from "./predikt_compact.js";

let engines: Engines | undefined;

/** The realm's engines. `full` gives the full one's glue; of several entries in one realm the first one's counts. */
export function realm(full: Glue): Engines {
  engines ??= { compact: new Engine(compact), full: new Engine(full) };
  return engines;
}
