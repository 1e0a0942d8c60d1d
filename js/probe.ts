/** What this runtime's WebAssembly can do, asked with modules of a few bytes each. */

import { PrediktError } from "./error.js";

/** Builds of the engine: `simd` needs simd128, `relaxed` also relaxed SIMD (fused multiply-add). */
export type Variant = "simd" | "relaxed";

const PREAMBLE = [
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b], // types: one, () → v128
  ...[0x03, 0x02, 0x01, 0x00], // functions: one, of type 0
];

/** `i8x16.popcnt(i8x16.splat(i32.const 0))` */
const SIMD = new Uint8Array([
  ...PREAMBLE,
  ...[0x0a, 0x0a, 0x01, 0x08, 0x00], // code: one body of 8 bytes without locals
  ...[0x41, 0x00, 0xfd, 0x0f], // i32.const 0, i8x16.splat
  ...[0xfd, 0x62, 0x0b], // i8x16.popcnt, end
]);

/** `i8x16.relaxed_swizzle(i8x16.splat(i32.const 1), i8x16.splat(i32.const 2))` */
const RELAXED_SIMD = new Uint8Array([
  ...PREAMBLE,
  ...[0x0a, 0x0f, 0x01, 0x0d, 0x00], // code: one body of 13 bytes without locals
  ...[0x41, 0x01, 0xfd, 0x0f], // i32.const 1, i8x16.splat
  ...[0x41, 0x02, 0xfd, 0x0f], // i32.const 2, i8x16.splat
  ...[0xfd, 0x80, 0x02, 0x0b], // i8x16.relaxed_swizzle, end
]);

type Validate = (bytes: Uint8Array<ArrayBuffer>) => boolean;

function validate(bytes: Uint8Array<ArrayBuffer>): boolean {
  return typeof WebAssembly === "object" && WebAssembly.validate(bytes);
}

/** Whether simd128 runs here. */
export function hasSimd(check: Validate = validate): boolean {
  return check(SIMD);
}

/** Whether relaxed SIMD runs here. */
export function hasRelaxedSimd(check: Validate = validate): boolean {
  return check(RELAXED_SIMD);
}

/**
 * The fastest build that runs here.
 *
 * @throws PrediktError `ENGINE_UNSUPPORTED` where there is no WebAssembly or no SIMD.
 */
export function chooseVariant(check: Validate = validate): Variant {
  if (hasRelaxedSimd(check)) return "relaxed";
  if (hasSimd(check)) return "simd";
  throw new PrediktError(
    "ENGINE_UNSUPPORTED",
    "This runtime has no WebAssembly SIMD, which predikt needs: use Chrome or Edge 91, Firefox 89, Safari 16.4, Node 20 or a later version of them.",
    { feature: "simd128" },
  );
}
