import { TimedCache } from "./cache.js";
import { isSegment } from "./config.js";
import { ApiError, ServerFault } from "./errors.js";
import type { KeepAlive } from "./shared.js";
import type { Store } from "./store.js";

/** `models/{name}/model.json`: the one file of a published model that changes. */
export interface ModelCard {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  /** Alias to version. `champion` is the one that serves when a request names no version. */
  readonly aliases: Readonly<Record<string, string>>;
  readonly versions: readonly string[];
}

/** One input or output: name, element type, and shape with free dimensions as their name or null, or null when undeclared. */
export interface Port {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string | null)[] | null;
}

/** What goes into a model and what comes out. */
export interface Signature {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** A column of a row, as a manifest describes it; only the name is certain. */
export interface ManifestFeature {
  readonly name: string;
  readonly [fact: string]: unknown;
}

/** The parts of `manifest.json` that the API passes on; the loader checks the rest. */
export interface ModelManifest {
  readonly name: string;
  readonly version: string;
  readonly signature: Signature;
  readonly features?: readonly ManifestFeature[];
  readonly classes?: readonly (number | string)[];
  readonly [fact: string]: unknown;
}

/** A version of a model that exists. */
export interface Resolved {
  readonly card: ModelCard;
  readonly version: string;
}

const MAX_CACHED = 256;

/** What is published: the documents beside the models, cached for a short while. */
export class Catalogue {
  private readonly indexes: TimedCache<readonly string[]>;
  private readonly cards: TimedCache<ModelCard | null>;
  private readonly manifests: TimedCache<ModelManifest>;

  constructor(
    private readonly store: Store,
    options: { readonly ttlMs: number; readonly keepAlive: KeepAlive; readonly now?: () => number },
  ) {
    this.indexes = new TimedCache({ ...options, max: 1 });
    this.cards = new TimedCache({ ...options, max: MAX_CACHED });
    this.manifests = new TimedCache({ ...options, max: MAX_CACHED });
  }

  /** Names of all published models, from `models/index.json`. */
  async names(): Promise<readonly string[]> {
    return this.indexes.get("", async () => {
      const path = "models/index.json";
      const index = await this.readDocument(path);
      if (index === null) throw new ServerFault(`${path} is missing from the store.`);
      if (!isRecord(index) || !isStrings(index.models)) {
        throw new ServerFault(`${path} must be {"models": [names]}.`);
      }
      return index.models;
    });
  }

  /**
   * The card of one model.
   *
   * @throws ApiError 404 `MODEL_NOT_FOUND`
   */
  async card(name: string): Promise<ModelCard> {
    const card = isSegment(name) ? await this.cards.get(name, () => this.readCard(name)) : null;
    if (card !== null) return card;
    throw new ApiError(
      404,
      "MODEL_NOT_FOUND",
      `No model "${name}" is published here: GET /models lists those that are.`,
      { model: name },
    );
  }

  /**
   * Finds the version that an alias, a version or nothing (meaning `champion`) stands for.
   *
   * @throws ApiError 404 `MODEL_NOT_FOUND` or `VERSION_NOT_FOUND`
   */
  async resolve(name: string, wanted = "champion"): Promise<Resolved> {
    const card = await this.card(name);
    const version = versionOf(card, wanted);
    if (version !== undefined) return { card, version };
    throw new ApiError(
      404,
      "VERSION_NOT_FOUND",
      `Model "${name}" has no version or alias "${wanted}".`,
      { model: name, version: wanted, versions: card.versions, aliases: card.aliases },
    );
  }

  /** The version that {@link resolve} would find, if its card is at hand. */
  known(name: string, wanted = "champion"): string | undefined {
    const card = this.cards.peek(name);
    return card ? versionOf(card, wanted) : undefined;
  }

  /** The manifest of a version that {@link resolve} found. */
  async manifest({ card, version }: Resolved): Promise<ModelManifest> {
    const path = `models/${card.name}/${version}/manifest.json`;
    return this.manifests.get(path, async () => {
      const manifest = await this.readDocument(path);
      if (manifest === null) throw new ServerFault(`${path} is missing from the store.`);
      if (!isManifest(manifest)) throw new ServerFault(`${path} is not a manifest.`);
      return manifest;
    });
  }

  private async readCard(name: string): Promise<ModelCard | null> {
    const path = `models/${name}/model.json`;
    const card = await this.readDocument(path);
    if (card === null) return null;
    if (!isCard(card) || card.name !== name) {
      throw new ServerFault(`${path} needs "name" (its folder), "aliases" and "versions".`);
    }
    return card;
  }

  private async readDocument(path: string): Promise<unknown> {
    const response = await this.store.fetch(path);
    if (response.status === 404) {
      await response.body?.cancel();
      return null;
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw new ServerFault(`The store answered ${response.status} for ${path}.`);
    }
    try {
      return await response.json();
    } catch (cause) {
      throw new ServerFault(`${path} could not be read as JSON.`, {}, { cause });
    }
  }
}

function versionOf({ aliases, versions }: ModelCard, wanted: string): string | undefined {
  if (versions.includes(wanted)) return wanted;
  const version = Object.hasOwn(aliases, wanted) ? aliases[wanted] : undefined;
  return version !== undefined && versions.includes(version) ? version : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}

function isCard(value: unknown): value is ModelCard {
  return (
    isRecord(value) &&
    typeof value.name === "string" &&
    isRecord(value.aliases) &&
    isStrings(Object.values(value.aliases)) &&
    isStrings(value.versions) &&
    value.versions.every(isSegment)
  );
}

function isManifest(value: unknown): value is ModelManifest {
  return (
    isRecord(value) &&
    typeof value.name === "string" &&
    typeof value.version === "string" &&
    isRecord(value.signature) &&
    Array.isArray(value.signature.inputs) &&
    Array.isArray(value.signature.outputs)
  );
}
