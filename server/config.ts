/** What the platform hands to the Worker: bindings and variables, as wrangler.jsonc declares them. */
export interface Env {
  /** Static assets (`www/dist`): the page, and the published models when there is no bucket. */
  ASSETS?: Fetcher;
  /** Bucket with the published models. When it is bound, models are read from it and not from the assets. */
  MODELS?: R2Bucket;
  DEFAULT_MODEL?: string;
  MAX_BODY_BYTES?: string;
  MAX_BATCH?: string;
  MAX_TEXT_LENGTH?: string;
  MAX_MODELS?: string;
  MAX_MODEL_BYTES?: string;
  ALIAS_TTL_SECONDS?: string;
  CORS_ORIGINS?: string;
  SELF_TEST?: string;
}

/** The variables of {@link Env}, parsed and checked. */
export interface Config {
  /** Name of the model that `POST /predict` uses. */
  readonly defaultModel: string;
  /** Largest request body, in bytes. */
  readonly maxBodyBytes: number;
  /** Most rows in one request. */
  readonly maxBatch: number;
  /** Most characters of one text among the features, in units of UTF-16. */
  readonly maxTextLength: number;
  /** Most models kept compiled in one isolate. */
  readonly maxModels: number;
  /** Largest model file, in bytes. */
  readonly maxModelBytes: number;
  /** How long a model's aliases are trusted before they are read again, in milliseconds. */
  readonly aliasTtlMs: number;
  /** Origins that may call the API from a browser: every one, or those listed (none when empty). */
  readonly corsOrigins: "*" | readonly string[];
  /** Whether a model must reproduce its golden samples before it serves. */
  readonly selfTest: boolean;
}

/** A variable has a value that the server can't work with. The message names the variable. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** A model's name or version in a URL: no slash, no leading dot, 64 characters at most. */
const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,63}$/;

/** Whether `text` can be the name of a model or of a version; anything else is never looked up. */
export function isSegment(text: string): boolean {
  return SEGMENT.test(text);
}

/**
 * Reads and checks the variables. Absent or empty ones take their defaults, except that an empty
 * `CORS_ORIGINS` means "no origin".
 *
 * @throws ConfigError naming the first variable that is wrong.
 */
export function readConfig(env: Env): Config {
  const defaultModel = env.DEFAULT_MODEL || "iris";
  if (!isSegment(defaultModel)) {
    throw new ConfigError(`DEFAULT_MODEL must be the name of a model, not "${defaultModel}".`);
  }
  return {
    defaultModel,
    maxBodyBytes: positive("MAX_BODY_BYTES", env.MAX_BODY_BYTES, 1024 * 1024),
    maxBatch: positive("MAX_BATCH", env.MAX_BATCH, 256),
    maxTextLength: positive("MAX_TEXT_LENGTH", env.MAX_TEXT_LENGTH, 64 * 1024),
    maxModels: positive("MAX_MODELS", env.MAX_MODELS, 8),
    maxModelBytes: positive("MAX_MODEL_BYTES", env.MAX_MODEL_BYTES, 64 * 1024 * 1024),
    aliasTtlMs: positive("ALIAS_TTL_SECONDS", env.ALIAS_TTL_SECONDS, 30) * 1000,
    corsOrigins: origins(env.CORS_ORIGINS ?? "*"),
    selfTest: boolean("SELF_TEST", env.SELF_TEST, true),
  };
}

function positive(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined || text === "") return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
    throw new ConfigError(`${name} must be a whole number of at least 1, not "${text}".`);
  }
  return value;
}

function boolean(name: string, text: string | undefined, fallback: boolean): boolean {
  if (text === undefined || text === "") return fallback;
  if (text === "true") return true;
  if (text === "false") return false;
  throw new ConfigError(`${name} must be "true" or "false", not "${text}".`);
}

function origins(text: string): "*" | readonly string[] {
  const list = text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  if (list.includes("*")) return "*";
  for (const entry of list) {
    if (!URL.canParse(entry) || new URL(entry).origin !== entry) {
      throw new ConfigError(
        `CORS_ORIGINS must be "*", empty, or a list of origins such as "https://example.com", not "${entry}".`,
      );
    }
  }
  return list;
}
