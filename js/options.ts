/** Checks the options of `loadModel`, so that a typo is an error and not a default. */

import type { EngineOptions } from "./binding.js";
import { PrediktError } from "./error.js";
import { kindOf } from "./feature-errors.js";
import type { LoadOptions } from "./types.js";

type Check = (value: unknown) => boolean;

const isFunction: Check = (value) => typeof value === "function";
const isText: Check = (value) => typeof value === "string" && value !== "";
const isBoolean: Check = (value) => typeof value === "boolean";
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) > 0;
const isObject: Check = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isLabel: Check = (value) => typeof value === "string" || Number.isFinite(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length > 0 && value.every(check);
const distinct =
  (check: Check): Check =>
  (value) =>
    check(value) && new Set(value as unknown[]).size === (value as unknown[]).length;
const oneOf =
  (...words: string[]): Check =>
  (value) =>
    words.includes(value as string);
const hasMethods =
  (...names: string[]): Check =>
  (value) =>
    isObject(value) && names.every((name) => isFunction((value as Record<string, unknown>)[name]));

/** Each option: its check and, for the message, what it takes. */
const OPTIONS: Readonly<Record<keyof LoadOptions, readonly [Check, string]>> = {
  integrity: [isText, 'a string such as "sha256-…"'],
  onProgress: [isFunction, "a function"],
  signal: [hasMethods("addEventListener"), "an AbortSignal"],
  fetch: [isFunction, "a function"],
  cache: [
    (value) => isBoolean(value) || isText(value) || hasMethods("match", "put", "delete")(value),
    "true, the name of a cache or a Cache",
  ],
  limits: [isObject, "an object of limits"],
  engine: [oneOf("auto", "compact", "tract"), '"auto", "compact" or "tract"'],
  thread: [oneOf("inline", "worker"), '"inline" or "worker"'],
  planCache: [isCount, "a whole number above 0"],
  classes: [distinct(listOf(isLabel)), "an array of numbers or strings, each once"],
  features: [distinct(listOf(isText)), "an array of names, each once"],
  manifest: [(value) => isText(value) || isObject(value), "a URL or a manifest"],
  selfTest: [isBoolean, "true or false"],
  version: [isText, "an alias or a version"],
};

const LIMITS = [
  "maxBytes",
  "maxNodes",
  "maxSubgraphDepth",
  "maxRank",
  "maxElements",
  "maxTensorBytes",
];

/** @throws PrediktError `OPTIONS_INVALID`, naming the option */
export function checkOptions(options: unknown): LoadOptions {
  if (options === undefined) return {};
  if (!isObject(options)) throw invalid("options", "an object", options);
  for (const [name, value] of Object.entries(options as object)) {
    if (!Object.hasOwn(OPTIONS, name)) {
      throw unknownName(name, Object.keys(OPTIONS));
    }
    const [check, expected] = OPTIONS[name as keyof LoadOptions];
    if (value !== undefined && !check(value)) throw invalid(name, expected, value);
  }
  const { limits } = options as LoadOptions;
  for (const [name, value] of Object.entries(limits ?? {})) {
    if (!LIMITS.includes(name)) throw unknownName(`limits.${name}`, LIMITS);
    if (value !== undefined && !isCount(value)) {
      throw invalid(`limits.${name}`, "a whole number above 0", value);
    }
  }
  return options as LoadOptions;
}

/** The options that the engine itself reads. */
export function engineOptions(options: LoadOptions): EngineOptions {
  const { limits, engine, planCache, classes, features } = options;
  return {
    ...(limits && {
      limits: Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined)),
    }),
    ...(engine && { engine }),
    ...(planCache && { planCache }),
    ...(classes && { classes: [...classes] }),
    ...(features && { features: [...features] }),
  };
}

function unknownName(name: string, known: string[]): PrediktError {
  return new PrediktError(
    "OPTIONS_INVALID",
    `There is no option ${JSON.stringify(name)}: there are ${known.join(", ")}.`,
    { option: name, expected: known.join(", ") },
  );
}

function invalid(option: string, expected: string, value: unknown): PrediktError {
  const got =
    typeof value === "string" || typeof value === "number"
      ? (JSON.stringify(value) ?? String(value))
      : kindOf(value);
  return new PrediktError("OPTIONS_INVALID", `${option} must be ${expected}, not ${got}.`, {
    option,
    expected,
    got,
  });
}
