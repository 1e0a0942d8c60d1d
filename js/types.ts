/** The public types of the package. */

/** Element types of tensors, by onnxruntime-web's names. */
export type TensorType =
  | "float32"
  | "float64"
  | "float16"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "bool"
  | "string";

/** What holds a tensor's elements: `int64` a `BigInt64Array`, `float16` its bits in a `Uint16Array`, `bool` bytes of 0 and 1. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | string[];

/** A tensor: its elements in row-major order. */
export interface Tensor {
  type: TensorType;
  dims: number[];
  data: TensorData;
}

/**
 * A tensor passed to `run`: anything with these three properties, such as a `Tensor` of onnxruntime-web that lies on the
 * CPU. `data` may also be a plain array of the elements' values.
 */
export interface Feed {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: ArrayBufferView | readonly (number | bigint | boolean | string)[];
}

/** An input or output: a free dimension is its name, or null when it has none; the shape is null when not even its rank is declared. */
export interface TensorInfo {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly (number | string | null)[] | null;
}

/** A classifier's class: as its trainer knew it. */
export type Label = number | string;

/** What goes into a model and what comes out. */
export interface Signature {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** The classes of a classifier, in the order of its probabilities. */
  readonly classes?: readonly Label[];
  /** The columns' names, in the order of a row. */
  readonly features?: readonly string[];
}

/** Any array of numbers with a fixed element type; not the 64-bit integer ones. */
export type NumericArray = ArrayBufferView & ArrayLike<number>;

/**
 * One value of a row: a number, text in a column of texts, or `null` for a missing value, which a column of floats has as NaN
 * and one of texts as the empty text. In a column of whole numbers or truth values, `true` is 1 and `false` 0.
 */
export type FeatureValue = number | string | boolean | null;

/** One row of features, in the model's order. */
export type FeatureRow = readonly FeatureValue[] | NumericArray;

/** One row of features by column name. An input of several values, beside others, also takes an array under its own name. */
export type FeatureRecord = Readonly<Record<string, FeatureValue | FeatureRow>>;

/** What `predict` takes: a row, rows, a typed array of whole rows, a record or records. */
export type Features =
  | FeatureRow
  | readonly FeatureRow[]
  | FeatureRecord
  | readonly FeatureRecord[];

/** What `predict` returns. */
export interface Prediction {
  /** One entry a row: the class, the number or the text, or an array of them where the output has more columns. */
  prediction: Label[] | number[][] | string[][];
  /** Rows × classes, in the order of `classes`. */
  probabilities?: number[][];
  /** The classes; one frozen array shared by all predictions of a model. */
  classes?: readonly Label[];
}

/** An array of floats that `predict` fills, or a view of the engine's memory. */
export type NumberArray = Float32Array | Float64Array;

/** Options of `Model.predict`. */
export interface PredictOptions {
  /**
   * Gives the answer as typed arrays, row after row, instead of plain ones: a classifier's predictions as positions among
   * `classes`. Numbers are written into the arrays passed here, which may be longer than needed; what has none comes as a view
   * of the engine's memory (`"views"`: all of it), which is to be read before any model is called again. An array alone is
   * for the predictions.
   */
  into?:
    | "views"
    | NumberArray
    | {
        readonly prediction?: NumberArray | undefined;
        readonly probabilities?: NumberArray | undefined;
      }
    | undefined;
}

/** What `predict` returns for the option `into`. */
export interface NumericPrediction {
  /** Rows × columns: a classifier's are positions among `classes`. */
  prediction: NumberArray;
  /** Rows × classes, in the order of `classes`. */
  probabilities?: NumberArray;
  /** The classes; one frozen array shared by all predictions of a model. */
  classes?: readonly Label[];
}

/** Bounds on a model's file, checked before any of it is compiled. */
export interface Limits {
  /** Bytes of the file, counted as they arrive. Default 256 MiB. */
  maxBytes: number;
  /** Nodes of the graph, subgraphs included. */
  maxNodes: number;
  /** Nesting of subgraphs. */
  maxSubgraphDepth: number;
  /** Dimensions of a tensor. */
  maxRank: number;
  /** Elements of a tensor. */
  maxElements: number;
  /** Bytes of all the tensors stored in the file. */
  maxTensorBytes: number;
}

/** Which engine runs a model; `auto` chooses by its operators. */
export type EngineName = "auto" | "compact" | "tract";

/** How far a download is. */
export interface Progress {
  /** Bytes read so far. */
  loaded: number;
  /** Bytes there are, when that is known. */
  total?: number;
}

/** The part of a `Cache` that the loader uses. */
export interface CacheLike {
  match(request: string): Promise<Response | undefined>;
  put(request: string, response: Response): Promise<void>;
  delete(request: string): Promise<boolean>;
}

/** Where a model comes from. A string is a URL, or a path where there are files. */
export type ModelSource =
  | string
  | URL
  | Request
  | Response
  | Blob
  | ArrayBuffer
  | SharedArrayBuffer
  | ArrayBufferView
  | ReadableStream<Uint8Array>;

/** Options of `loadModel`. */
export interface LoadOptions {
  /** Subresource integrity: `sha256-…`, `sha384-…` or `sha512-…` in base64, or several; of those the strongest kind counts. */
  integrity?: string | undefined;
  /** Called as the model's bytes arrive. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Aborts the load at any moment before it is done. */
  signal?: AbortSignal | undefined;
  /** Used instead of the global `fetch`, for instance a binding's or one that adds headers. */
  fetch?: ((input: string | Request, init?: RequestInit) => Promise<Response>) | undefined;
  /**
   * Keeps the model in the Cache API: `true` in the cache named "predikt", a name in that one, or a `Cache`. A kept model is
   * not asked for again, so use it with URLs that name a version, or with `integrity`. Without a Cache API nothing is kept.
   */
  cache?: boolean | string | CacheLike | undefined;
  /** Bounds on the file. */
  limits?: Partial<Limits> | undefined;
  /** Default `auto`. */
  engine?: EngineName | undefined;
  /** `worker` runs the model in a thread of its own: every method returns a promise. Default `inline`. */
  thread?: "inline" | "worker" | undefined;
  /** Plans kept for different input shapes. Default 8. */
  planCache?: number | undefined;
  /** The classes of the labels, where the file does not carry them. */
  classes?: readonly Label[] | undefined;
  /** The columns' names, where neither the file nor a manifest has them. */
  features?: readonly string[] | undefined;
  /** The model's manifest, or where it is: its hash is checked, its features and classes are used. */
  manifest?: URL | string | Manifest | undefined;
  /** Replays the manifest's golden samples before the model is handed over. */
  selfTest?: boolean | undefined;
  /** Which version of a published model: an alias or a version. Default `champion`. */
  version?: string | undefined;
}

/** Samples with the trainer's own outputs. */
export interface Golden {
  /** Relative tolerance. */
  readonly rtol: number;
  /** Absolute tolerance. */
  readonly atol: number;
  /** Rows × columns, null where a value is missing. */
  readonly features: readonly (readonly (number | string | null)[])[];
  readonly prediction: readonly (Label | readonly number[] | readonly string[])[];
  /** Rows × classes. */
  readonly probabilities?: readonly (readonly number[])[];
}

/** A column, as its training data had it. */
export interface ManifestFeature {
  readonly name: string;
  readonly title?: string;
  /** Default `number`. */
  readonly type?: "number" | "string";
  /** Whether values may be missing, because the model has learnt what to do then. */
  readonly nullable?: boolean;
  /** The values that the training data had, where they are few. */
  readonly values?: readonly Label[];
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
  readonly step?: number;
}

/** The card that a published version carries. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly title?: string;
  readonly description?: string;
  readonly created?: string;
  readonly license?: string;
  readonly trainer?: Readonly<Record<string, string>>;
  readonly model: {
    /** Relative to the manifest. */
    readonly path: string;
    readonly bytes?: number;
    readonly integrity: string;
  };
  readonly engine?: EngineName;
  readonly signature?: Signature;
  readonly features?: readonly ManifestFeature[];
  readonly classes?: readonly Label[];
  readonly classNames?: readonly string[];
  /** How to draw a row that is a picture. */
  readonly image?: { readonly width: number; readonly height: number; readonly max: number };
  readonly metrics?: Readonly<Record<string, number>>;
  readonly rows?: Readonly<Record<string, number>>;
  readonly golden?: Golden;
}
