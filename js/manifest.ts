/** Manifests and model.json: JSON from elsewhere, checked field by field before anything relies on it. */

import { messageOf, PrediktError } from "./error.js";
import { kindOf } from "./feature-errors.js";
import { parseIntegrity } from "./integrity.js";
import type { Manifest } from "./types.js";

type Json = Readonly<Record<string, unknown>>;

/** A published model's model.json. */
export interface Published {
  name: string;
  aliases: Readonly<Record<string, string>>;
  versions: readonly string[];
}

/** Reads JSON text. @throws PrediktError `MANIFEST_INVALID` */
export function parseJson(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    const html = /^\s*<(!doctype|html)/i.test(text);
    throw new PrediktError(
      "MANIFEST_INVALID",
      html
        ? `${url} is an HTML page, not JSON: servers send one for a missing file. Check the address.`
        : `${url} is no JSON: ${messageOf(thrown)}.`,
      { url, ...(html ? { got: "html" } : {}) },
      { cause: thrown },
    );
  }
}

/**
 * A manifest whose shape is right. Fields that it has beyond the known ones are left alone.
 *
 * @throws PrediktError `MANIFEST_INVALID` with `details.field`
 */
export function checkManifest(value: unknown): Manifest {
  const manifest = object(value, "manifest");
  text(manifest.name, "name");
  text(manifest.version, "version");
  const model = object(manifest.model, "model");
  relativePath(model.path, "model.path");
  text(model.integrity, "model.integrity");
  try {
    parseIntegrity(model.integrity as string);
  } catch {
    throw invalid("model.integrity", "sha256-, sha384- or sha512- and a digest", model.integrity);
  }
  optional(model.bytes, "model.bytes", count);
  optional(manifest.features, "features", (features, field) => list(features, field, checkFeature));
  optional(manifest.classes, "classes", (classes, field) => {
    list(classes, field, label);
    distinct(classes, field);
  });
  optional(manifest.classNames, "classNames", (names, field) => list(names, field, text));
  optional(manifest.golden, "golden", checkGolden);
  return value as Manifest;
}

/** A model.json whose shape is right. @throws PrediktError `MANIFEST_INVALID` with `details.field` */
export function checkPublished(value: unknown): Published {
  const published = object(value, "model.json");
  text(published.name, "name");
  list(published.versions, "versions", segment);
  const versions = published.versions as string[];
  const aliases = object(published.aliases, "aliases");
  for (const [alias, version] of Object.entries(aliases)) {
    if (!versions.includes(version as string)) {
      throw invalid(`aliases.${alias}`, `one of the versions ${versions.join(", ")}`, version);
    }
  }
  return value as Published;
}

/** The version that a version or alias names; a version comes first. @throws PrediktError `MODEL_NOT_FOUND`, listing what there is */
export function chooseVersion(published: Published, wanted: string): string {
  const { aliases, versions, name } = published;
  if (versions.includes(wanted)) return wanted;
  if (Object.hasOwn(aliases, wanted)) return aliases[wanted] as string;
  const known = Object.keys(aliases);
  throw new PrediktError(
    "MODEL_NOT_FOUND",
    `${name} has no version or alias ${JSON.stringify(wanted)}: it has the versions ${versions.join(", ") || "(none)"} and the aliases ${known.join(", ") || "(none)"}.`,
    { name, version: wanted, versions: [...versions], aliases: known },
  );
}

function checkFeature(value: unknown, field: string): void {
  const { name, type, nullable, values } = object(value, field);
  text(name, `${field}.name`);
  optional(type, `${field}.type`, (type, place) => {
    if (type !== "number" && type !== "string") throw invalid(place, '"number" or "string"', type);
  });
  optional(nullable, `${field}.nullable`, (nullable, place) => {
    if (typeof nullable !== "boolean") throw invalid(place, "true or false", nullable);
  });
  optional(values, `${field}.values`, (values, place) => list(values, place, label));
}

function checkGolden(value: unknown, field: string): void {
  const golden = object(value, field);
  tolerance(golden.rtol, `${field}.rtol`);
  tolerance(golden.atol, `${field}.atol`);
  const rows = tableOf(golden.features, `${field}.features`, featureValue);
  list(golden.prediction, `${field}.prediction`, () => {});
  sameLength(golden.prediction, rows, `${field}.prediction`);
  optional(golden.probabilities, `${field}.probabilities`, (table, place) => {
    tableOf(table, place, number);
    sameLength(table, rows, place);
  });
}

type Check = (value: unknown, field: string) => void;

/** Checks rows of values, and counts them. */
function tableOf(value: unknown, field: string, check: Check): number {
  list(value, field, (row, place) => list(row, place, check));
  return (value as unknown[]).length;
}

function distinct(value: unknown, field: string): void {
  const entries = value as unknown[];
  const again = entries.findIndex((entry, index) => entries.indexOf(entry) < index);
  if (again >= 0) throw invalid(`${field}[${again}]`, "given once", entries[again]);
}

function sameLength(value: unknown, rows: number, field: string): void {
  const { length } = value as unknown[];
  if (length !== rows) throw invalid(field, `an array of ${rows} rows`, value, String(length));
}

function object(value: unknown, field: string): Json {
  if (kindOf(value) !== "object") throw invalid(field, "an object", value);
  return value as Json;
}

function text(value: unknown, field: string): void {
  if (typeof value !== "string" || value === "") throw invalid(field, "a string", value);
}

function number(value: unknown, field: string): void {
  if (typeof value !== "number") throw invalid(field, "a number", value);
}

/** A value of a row: null where it is missing. */
function featureValue(value: unknown, field: string): void {
  if (value === null || typeof value === "string" || typeof value === "number") return;
  throw invalid(field, "a number, a string or null", value);
}

function tolerance(value: unknown, field: string): void {
  if (typeof value !== "number" || !(value >= 0)) throw invalid(field, "0 or more", value);
}

function count(value: unknown, field: string): void {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw invalid(field, "a whole number", value);
  }
}

function label(value: unknown, field: string): void {
  if (typeof value !== "string" && !Number.isFinite(value)) {
    throw invalid(field, "a number or a string", value);
  }
}

/** A folder's name: what stands between two slashes. */
function segment(value: unknown, field: string): void {
  if (typeof value !== "string" || !/^[A-Za-z0-9_][A-Za-z0-9._+-]*$/.test(value)) {
    throw invalid(field, "a version such as 1 or 1.2.0", value);
  }
}

/** Below the manifest: a manifest vouches for its own files, not for others. */
function relativePath(value: unknown, field: string): void {
  const fits =
    typeof value === "string" &&
    value.split("/").every((part) => part !== "" && part !== "." && part !== "..") &&
    !/[:\\?#%\p{Cc}]/u.test(value) &&
    // URLs drop spaces around them: " .." is "..".
    value === value.trim();
  if (!fits) throw invalid(field, "a relative path below the manifest", value);
}

function list(value: unknown, field: string, check: Check): void {
  if (!Array.isArray(value)) throw invalid(field, "an array", value);
  value.forEach((entry, index) => {
    check(entry, `${field}[${index}]`);
  });
}

function optional(value: unknown, field: string, check: Check): void {
  if (value !== undefined) check(value, field);
}

function invalid(field: string, expected: string, value: unknown, got?: string): PrediktError {
  const found =
    got ?? (typeof value === "string" || typeof value === "number" ? String(value) : kindOf(value));
  return new PrediktError(
    "MANIFEST_INVALID",
    `The manifest's ${field} must be ${expected}, not ${found}.`,
    { field, expected, got: found },
  );
}
