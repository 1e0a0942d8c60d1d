/** A loaded model: signature, predict, run, selfTest, dispose. */

import type { EngineOptions, ModelHandle } from "./binding.js";
import { disposeSymbol } from "./dispose.js";
import type { Engine } from "./engine.js";
import { PrediktError } from "./error.js";
import { FeatureWriter } from "./features.js";
import { deepFreeze } from "./freeze.js";
import { compareGolden, goldenRows } from "./golden.js";
import { readInto, readResult } from "./result.js";
import { plainFeeds } from "./tensors.js";
import type {
  Features,
  Feed,
  Golden,
  Label,
  Manifest,
  NumericPrediction,
  Prediction,
  PredictOptions,
  Signature,
  Tensor,
} from "./types.js";

/** @internal What a model is made of. */
export interface ModelParts {
  engine: Engine;
  /** Kept for as long as the model lives: it is loaded from them again after a trap. */
  bytes: Uint8Array;
  options: EngineOptions;
  manifest?: Manifest | undefined;
}

/** A handle and the instance that it belongs to, for freeing without touching the model. */
interface Lease {
  engine: Engine;
  handle: ModelHandle;
  generation: number;
}

/** No engine has this generation: a model without a usable handle notices at its next call. */
const NO_HANDLE = -1;

const abandoned =
  typeof FinalizationRegistry === "undefined"
    ? undefined
    : /* @__PURE__ */ new FinalizationRegistry<Lease>((lease) => release(lease));

/** A handle of a replaced instance died with it: only one of the present instance is freed. */
function release({ engine, handle, generation }: Lease): void {
  if (generation !== engine.generation) return;
  try {
    handle.free();
  } catch (thrown) {
    engine.failure(thrown);
  }
}

/**
 * A model that runs in this thread.
 *
 * @example
 * const model = await loadModel("/models/iris/1/model.onnx");
 * model.predict([5.1, 3.5, 1.4, 0.2]).prediction; // [0]
 * model.dispose();
 */
export class Model {
  /** Inputs, outputs, and a classifier's classes; frozen. */
  readonly signature: Signature;
  /** The manifest it was loaded with. */
  readonly manifest: Manifest | undefined;
  /** The manifest's name of the model. */
  readonly name: string | undefined;
  /** The manifest's version of the model. */
  readonly version: string | undefined;

  readonly #engine: Engine;
  readonly #options: EngineOptions;
  readonly #classes: readonly Label[] | undefined;
  #bytes: Uint8Array | undefined;
  #generation = NO_HANDLE;
  #handle: ModelHandle;
  #writer: FeatureWriter | undefined;
  #header = 0;

  /** @internal Users call `loadModel`. */
  static load(parts: ModelParts): Model {
    return new Model(parts);
  }

  private constructor(parts: ModelParts) {
    this.#engine = parts.engine;
    this.#bytes = parts.bytes;
    this.#options = parts.options;
    this.manifest = parts.manifest;
    this.name = parts.manifest?.name;
    this.version = parts.manifest?.version;
    this.#handle = this.#engine.load(parts.bytes, parts.options);
    this.signature = this.#ask(() => tidy(this.#handle.signature()));
    this.#classes = this.signature.classes;
    this.#attach();
  }

  /**
   * Predicts one or many rows.
   *
   * @param features one row (array or typed array), many (array of rows, or one typed array of whole rows), a record by
   *   column name, or an array of records. Columns of texts take strings. `null` stands for a missing value (as NaN does among
   *   numbers); a model that would hide it is refused one (`INPUT_NOT_FINITE`).
   * @param options `into`: typed arrays instead of plain ones, without a number being boxed
   * @returns one prediction a row; probabilities are rows × classes
   * @throws PrediktError `INPUT_SHAPE`, `INPUT_TYPE`, `INPUT_NOT_FINITE`, `INPUT_MISSING`, `INPUT_UNKNOWN`,
   *   `LIMIT_EXCEEDED`, `DISPOSED`, `ENGINE_TRAP`, `ENGINE_FAILED`, `OPTIONS_INVALID`
   */
  predict(
    features: Features,
    options: PredictOptions & { into: NonNullable<PredictOptions["into"]> },
  ): NumericPrediction;
  predict(features: Features, options?: { into?: undefined }): Prediction;
  predict(features: Features, options?: PredictOptions): Prediction | NumericPrediction;
  predict(features: Features, options?: PredictOptions): Prediction | NumericPrediction {
    if (this.#generation !== this.#engine.generation) this.#revive();
    const writer = this.#writer;
    if (writer === undefined) throw this.#notForPredict();
    const rows = writer.write(features);
    try {
      if (!this.#handle.predict(rows)) throw this.#handle.failure();
    } catch (thrown) {
      throw this.#engine.failure(thrown);
    }
    const into = options?.into;
    return into === undefined
      ? readResult(this.#engine, this.#handle, this.#header, rows, this.#classes)
      : readInto(this.#engine, this.#header, rows, this.#classes, into);
  }

  /**
   * Runs the model on named tensors.
   *
   * @param feeds a tensor for every input: anything with `type`, `dims` and `data`, such as onnxruntime-web's `Tensor`
   * @returns a tensor for every output
   * @throws PrediktError `INPUT_MISSING`, `INPUT_UNKNOWN`, `INPUT_TYPE`, `INPUT_SHAPE`, `INPUT_NOT_FINITE`,
   *   `LIMIT_EXCEEDED`, `DISPOSED`, `ENGINE_TRAP`, `ENGINE_FAILED`
   */
  run(feeds: Readonly<Record<string, Feed>>): Record<string, Tensor> {
    if (this.#generation !== this.#engine.generation) this.#revive();
    const plain = plainFeeds(feeds, this.signature);
    return this.#ask(() => this.#handle.run(plain));
  }

  /**
   * Replays samples and compares with the trainer's own outputs.
   *
   * @param golden default: the manifest's
   * @throws PrediktError `SELF_TEST_FAILED` when a prediction deviates, `OPTIONS_INVALID` when there are no samples
   */
  selfTest(golden: Golden | undefined = this.manifest?.golden): void {
    if (this.#generation !== this.#engine.generation) this.#revive();
    if (golden === undefined) throw noGolden();
    compareGolden(golden, this.predict(goldenRows(golden)));
  }

  /** Frees the model. Again is no error; using it afterwards is one (`DISPOSED`). */
  dispose(): void {
    if (this.#bytes === undefined) return;
    this.#bytes = undefined;
    abandoned?.unregister(this);
    const lease = { engine: this.#engine, handle: this.#handle, generation: this.#generation };
    this.#generation = NO_HANDLE;
    release(lease);
  }

  /** `using model = await loadModel(…)` disposes it at the end of the block. */
  [disposeSymbol](): void {
    this.dispose();
  }

  /** Prepares for predicting with a new handle. */
  #attach(): void {
    const { generation } = this.#engine;
    const handle = this.#handle;
    abandoned?.register(this, { engine: this.#engine, handle, generation }, this);
    const layout = this.#ask(() => handle.layout()) ?? undefined;
    this.#header = layout === undefined ? 0 : this.#ask(() => handle.result_ptr()) / 4;
    this.#writer =
      layout && new FeatureWriter(this.#engine, handle, layout, this.signature, this.#header);
    this.#generation = generation;
  }

  /** After the instance was replaced: the model is loaded into the new one. */
  #revive(): void {
    const bytes = this.#bytes;
    if (bytes === undefined) throw disposed();
    abandoned?.unregister(this);
    this.#generation = NO_HANDLE;
    this.#handle = this.#engine.load(bytes, this.#options);
    this.#attach();
  }

  #ask<T>(call: () => T): T {
    try {
      return call();
    } catch (thrown) {
      throw this.#engine.failure(thrown);
    }
  }

  /** The engine knows why a model has no rows. */
  #notForPredict(): PrediktError {
    try {
      this.#handle.reserve(1, 1);
    } catch (thrown) {
      return this.#engine.failure(thrown);
    }
    return new PrediktError(
      "INPUT_TYPE",
      "This model's inputs are no rows: use run with named tensors.",
      { inputs: this.signature.inputs.map((input) => input.name) },
    );
  }
}

/** The error for using a model after `dispose`. */
export function disposed(): PrediktError {
  return new PrediktError(
    "DISPOSED",
    "The model has been disposed: load it again with loadModel before using it.",
  );
}

/** The error for a self-test without samples. */
export function noGolden(): PrediktError {
  return new PrediktError(
    "OPTIONS_INVALID",
    "There are no golden samples to replay: load the model through a manifest that has them, or pass them to selfTest.",
    { option: "selfTest" },
  );
}

/** What is absent is left out, whatever the engine puts in its place. */
function tidy({ inputs, outputs, classes, features }: Signature): Signature {
  return deepFreeze({
    inputs,
    outputs,
    ...(classes && { classes }),
    ...(features && { features }),
  });
}
