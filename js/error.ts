/** The one error type of the package: a stable code, a sentence, and the facts behind it. */

/** Every code that a `PrediktError` may carry. Codes never change their meaning. */
export type ErrorCode =
  | "MODEL_INVALID"
  | "MODEL_TOO_LARGE"
  | "MODEL_NOT_FOUND"
  | "INTEGRITY_MISMATCH"
  | "OP_UNSUPPORTED"
  | "INPUT_SHAPE"
  | "INPUT_TYPE"
  | "INPUT_NOT_FINITE"
  | "INPUT_MISSING"
  | "INPUT_UNKNOWN"
  | "LIMIT_EXCEEDED"
  | "ABORTED"
  | "DISPOSED"
  | "ENGINE_TRAP"
  | "ENGINE_FAILED"
  | "ENGINE_UNSUPPORTED"
  | "SELF_TEST_FAILED"
  | "MANIFEST_INVALID"
  | "FETCH_FAILED"
  | "OPTIONS_INVALID";

/** Facts about an error: a flat object such as `{ expected: 4, got: 3, row: 0 }`. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** An error's plain form, as it is logged, sent over HTTP or passed between threads. */
export interface ErrorJson {
  code: ErrorCode;
  message: string;
  details: ErrorDetails;
}

/**
 * What every function of this package throws or rejects with.
 *
 * @example
 * try {
 *   model.predict([5.1, 3.5]);
 * } catch (error) {
 *   if (error instanceof PrediktError && error.code === "INPUT_SHAPE") console.log(error.details);
 * }
 */
export class PrediktError extends Error {
  override readonly name = "PrediktError";
  /** Stable and machine-readable. */
  readonly code: ErrorCode;
  /** The facts behind the message. */
  readonly details: ErrorDetails;

  constructor(
    code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.code = code;
    this.details = details;
  }

  /** `{ code, message, details }`, so that `JSON.stringify(error)` says what happened. */
  toJSON(): ErrorJson {
    return { code: this.code, message: this.message, details: this.details };
  }
}

/** A caught value's message, whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
