import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { chooseVariant, hasRelaxedSimd, hasSimd } from "./probe.js";
import { failureOf } from "./testing/loader.js";

/** The probes' modules, caught on their way to WebAssembly.validate. */
function modules(): { simd: Uint8Array; relaxed: Uint8Array } {
  const caught: Uint8Array[] = [];
  const validate = (bytes: Uint8Array) => caught.push(bytes) > 0;
  hasSimd(validate);
  hasRelaxedSimd(validate);
  return { simd: caught[0] as Uint8Array, relaxed: caught[1] as Uint8Array };
}

const major = Number(process.versions.node.split(".")[0]);
const newer = fileURLToPath(new URL("../node_modules/.bin/node", import.meta.url));

describe("the probe", () => {
  it("finds SIMD in every Node, relaxed SIMD from 22 on", () => {
    expect(hasSimd()).toBe(true);
    expect(hasRelaxedSimd()).toBe(major >= 22);
    expect(chooseVariant()).toBe(major >= 22 ? "relaxed" : "simd");
  });

  it.runIf(existsSync(newer))("finds both in the Node of the tooling", () => {
    const { simd, relaxed } = modules();
    const script = `console.log([[${simd}], [${relaxed}]].map((m) => WebAssembly.validate(new Uint8Array(m))).join())`;
    expect(execFileSync(newer, ["-e", script], { encoding: "utf8" }).trim()).toBe("true,true");
  });

  it("says which runtimes do when there is no SIMD", async () => {
    const error = await failureOf(() => chooseVariant(() => false));
    expect(error).toMatchObject({ code: "ENGINE_UNSUPPORTED", details: { feature: "simd128" } });
    expect((error as Error).message).toMatch(/Chrome.*Firefox.*Safari/);
    expect(chooseVariant((bytes) => bytes.length === modules().simd.length)).toBe("simd");
  });
});
