/** The modules that the package ships, and which of them a model is tried on. */

import type { Variant } from "./probe.js";
import type { EngineName } from "./types.js";

/** `compact` holds predikt's own engine only, `full` all engines. */
export type Artefact = "compact" | "full";

/** One file of WebAssembly: the full artefact comes in a build for each kind of SIMD. */
export type Build = "compact" | Variant;

/** The small one first. */
export const ARTEFACTS: readonly Artefact[] = ["compact", "full"];

/** The file of an artefact that a runtime loads. */
export function buildOf(artefact: Artefact, variant: Variant): Build {
  return artefact === "compact" ? "compact" : variant;
}

/**
 * The artefacts that can have a model's engine, in the order in which they are tried.
 *
 * @param engine what the caller asks for
 * @param hint what the model's manifest says it needs
 * @param here those that there are in this runtime, one at least
 */
export function candidates(
  engine: EngineName,
  hint: EngineName | undefined,
  here: readonly Artefact[],
): readonly Artefact[] {
  if (engine === "tract") return ["full"];
  if (engine === "compact") return here.includes("compact") ? ["compact"] : ["full"];
  return hint === "tract" && here.includes("full") ? ["full"] : here;
}
