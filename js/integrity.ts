/** Subresource integrity (W3C SRI) for models. */

import { PrediktError } from "./error.js";

/** Bytes of each digest, the weakest first. */
const DIGEST_BYTES = { sha256: 32, sha384: 48, sha512: 64 } as const;

type Algorithm = keyof typeof DIGEST_BYTES;

const ALGORITHMS = Object.keys(DIGEST_BYTES) as Algorithm[];

const HASH = /^(sha256|sha384|sha512)-([A-Za-z0-9+/_-]+={0,2})(\?.*)?$/;

/** The hashes that count: those of the strongest kind named. */
export interface Integrity {
  algorithm: Algorithm;
  /** In base64. */
  digests: string[];
}

/**
 * Reads integrity metadata: hashes separated by spaces. Kinds that are not known are skipped, as browsers do, but one must be
 * left.
 *
 * @throws PrediktError `OPTIONS_INVALID`
 */
export function parseIntegrity(text: string): Integrity {
  const found = new Map<Algorithm, string[]>();
  for (const token of text.split(/[\t\n\f\r ]+/)) {
    const match = HASH.exec(token);
    if (match === null) {
      if (/^sha(256|384|512)-/.test(token)) throw malformed(token);
      continue;
    }
    const algorithm = match[1] as Algorithm;
    const digest = toStandardBase64(match[2] as string);
    if (decodedLength(digest) !== DIGEST_BYTES[algorithm]) throw malformed(token);
    found.set(algorithm, [...(found.get(algorithm) ?? []), digest]);
  }
  const algorithm = ALGORITHMS.findLast((candidate) => found.has(candidate));
  if (algorithm === undefined) throw malformed(text);
  return { algorithm, digests: found.get(algorithm) as string[] };
}

/**
 * @throws PrediktError `INTEGRITY_MISMATCH` when no hash is the bytes' own, `OPTIONS_INVALID` where hashes can't be computed
 */
export async function checkIntegrity(
  bytes: Uint8Array<ArrayBuffer>,
  integrity: Integrity,
  subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle,
): Promise<void> {
  if (subtle === undefined) {
    throw new PrediktError(
      "OPTIONS_INVALID",
      "The model's integrity can't be checked: crypto.subtle exists in secure contexts only. Serve the page over https, or from localhost.",
      { option: "integrity", missing: "crypto.subtle" },
    );
  }
  const { algorithm, digests } = integrity;
  const digest = await subtle.digest(algorithm.replace("sha", "SHA-"), bytes);
  const got = btoa(String.fromCharCode(...new Uint8Array(digest)));
  if (digests.includes(got)) return;
  throw new PrediktError(
    "INTEGRITY_MISMATCH",
    `The model's ${algorithm} is not the one expected: the file was changed or is another one.`,
    {
      expected: digests.map((expected) => `${algorithm}-${expected}`).join(" "),
      got: `${algorithm}-${got}`,
    },
  );
}

function malformed(text: string): PrediktError {
  return new PrediktError(
    "OPTIONS_INVALID",
    `${JSON.stringify(text)} is no integrity: write sha256-, sha384- or sha512- and the digest in base64.`,
    { option: "integrity", got: text },
  );
}

function toStandardBase64(text: string): string {
  const bare = text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  return bare.padEnd(Math.ceil(bare.length / 4) * 4, "=");
}

function decodedLength(base64: string): number {
  return Math.floor((base64.replace(/=+$/, "").length * 3) / 4);
}
