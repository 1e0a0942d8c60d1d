/** The contract between this package and the WebAssembly module's generated glue. */

import type { EngineName, Limits, Signature, Tensor, TensorType } from "./types.js";

/** How the engine should load a model. Plain data: it also travels to a thread. */
export interface EngineOptions {
  limits?: Partial<Limits>;
  engine?: EngineName;
  planCache?: number;
  classes?: readonly (number | string)[];
  features?: readonly string[];
}

/** Where one input's values lie. */
export interface InputLayout {
  name: string;
  type: TensorType;
  /** Element type of the buffer that receives the values; texts are written where `reserve_texts` makes room. */
  buffer: "f32" | "f64" | "str";
  /** Values a row; null when the model leaves it free. */
  width: number | null;
}

/** A flat row is all inputs' values, one input after the other. */
export interface Layout {
  width: number | null;
  /** Whether a record may leave columns out, which are 0 then, and hold others, which are passed over. */
  sparse: boolean;
  inputs: InputLayout[];
}

/** A model inside one instance of the module. Dies with that instance. */
export interface ModelHandle {
  free(): void;
  signature(): Signature;
  layout(): Layout | undefined;
  reserve(rows: number, width: number): void;
  input_ptr(input: number): number;
  /** Room for the texts of all inputs, one behind the other, and for where each of them ends. */
  reserve_texts(count: number, bytes: number): void;
  /** Whether it went well; if not, `failure` gives the error. */
  predict(rows: number): boolean;
  failure(): unknown;
  /**
   * Address of seven words: the address of the predictions, columns, what they are, the address of the probabilities,
   * classes, the address of the texts' ends, and that of the texts.
   */
  result_ptr(): number;
  /** The texts of the last answer, rows × columns. */
  prediction_strings(): string[];
  run(feeds: Record<string, Tensor>): Record<string, Tensor>;
}

/** The instance's own exports, as far as this package looks at them. */
export interface Instance {
  readonly memory: WebAssembly.Memory;
}

/** The glue's exports. */
export interface Binding {
  default(input: { module_or_path: WebAssembly.Module }): Promise<Instance>;
  /** Instantiates, or returns the present instance. */
  initSync(input: { module: WebAssembly.Module }): Instance;
  /** Replaces the instance; handles of the old one throw from then on. */
  __wbg_reset_state(): void;
  /** Together with `__wbg_finalize_init`: lets an instance be replaced without blocking the thread. */
  __wbg_get_imports?: (() => WebAssembly.Imports) | undefined;
  __wbg_finalize_init?:
    | ((instance: WebAssembly.Instance, module: WebAssembly.Module) => Instance)
    | undefined;
  WasmModel: { load(bytes: Uint8Array, options?: EngineOptions): ModelHandle };
}
