/** The one engine of this realm (page, thread or isolate). */

import { Engine } from "./engine.js";
import * as glue from "./predikt_full.js";

export const engine: Engine = /* @__PURE__ */ new Engine(glue);
