import type { ContentfulStatusCode } from "hono/utils/http-status";

/** Flat facts about an error: what was expected, what came, and where. */
export type Details = Record<string, unknown>;

/** An answer that is an error: status, stable code, a sentence that says what to do, and facts. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly status: ContentfulStatusCode,
    readonly code: string,
    message: string,
    readonly details: Details = {},
    options: { readonly headers?: Record<string, string>; readonly cause?: unknown } = {},
  ) {
    super(message, options);
    this.headers = options.headers ?? {};
  }
}

/** Something on the server's side failed. The cause is for the log; the client learns only `code` INTERNAL. */
export class ServerFault extends Error {
  override readonly name = "ServerFault";

  constructor(
    message: string,
    readonly details: Details = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** An error of the package: any `Error` with a stable `code` and `details`. */
interface CodedError extends Error {
  readonly code: string;
  readonly details: Details;
}

/** Whether `error` carries a code and details as the package's `PrediktError` does. */
export function isCoded(error: unknown): error is CodedError {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    "details" in error &&
    typeof error.details === "object" &&
    error.details !== null
  );
}

/** What the package says of a request's features: the client's to mend. */
const CLIENT_CODES = new Set([
  "INPUT_SHAPE",
  "INPUT_TYPE",
  "INPUT_MISSING",
  "INPUT_UNKNOWN",
  "INPUT_NOT_FINITE",
  "LIMIT_EXCEEDED",
]);

/**
 * Turns what `predict` threw into an answer. What the features caused is a 400. A trap is a 500 with its own code
 * and without `Retry-After`: the model is rebuilt for the next request, but the same features would most likely trap again.
 * Everything else is left as it is: a fault of the server.
 */
export function fromPredict(error: unknown, model: string, version: string): unknown {
  if (!isCoded(error)) return error;
  if (CLIENT_CODES.has(error.code)) {
    return new ApiError(400, error.code, error.message, { ...error.details, model, version });
  }
  if (error.code === "ENGINE_TRAP") {
    const sentence =
      "The engine stopped on these features. The model has been restored: other requests are not affected.";
    return new ApiError(500, error.code, sentence, { model, version }, { cause: error });
  }
  return error;
}

/** The body of every error answer. */
export interface ErrorBody {
  error: { code: string; message: string; details: Details };
}

/** Renders an {@link ApiError}. */
export function respond({ status, code, message, details, headers }: ApiError): Response {
  const body: ErrorBody = { error: { code, message, details } };
  return Response.json(body, { status, headers });
}

/** What the log says of a request. */
export interface Asked {
  readonly method: string;
  readonly path: string;
}

/**
 * The last resort: client errors are rendered, everything else is logged in full and answered with
 * 500 `INTERNAL`, which names nothing but the model concerned.
 */
export function handleError(error: unknown, asked: Asked, log: (entry: object) => void): Response {
  if (error instanceof ApiError) {
    if (error.status >= 500) log(logEntry(error, asked));
    return respond(error);
  }
  log(logEntry(error, asked));
  const details = error instanceof ServerFault ? error.details : {};
  const sentence = "The server could not answer this request. Its log says why.";
  return respond(new ApiError(500, "INTERNAL", sentence, details));
}

function logEntry(error: unknown, { method, path }: Asked): object {
  const chain: string[] = [];
  for (let cause = error; cause !== undefined && chain.length < 5; ) {
    if (!(cause instanceof Error)) {
      chain.push(String(cause));
      break;
    }
    chain.push(isCoded(cause) ? `${cause.code}: ${cause.message}` : cause.message);
    cause = cause.cause;
  }
  return {
    level: "error",
    method,
    path,
    errors: chain,
    stack: error instanceof Error ? error.stack : undefined,
  };
}
