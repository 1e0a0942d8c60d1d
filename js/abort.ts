/** AbortSignal → `PrediktError` `ABORTED`. */

import { messageOf, PrediktError } from "./error.js";

/** What is aborted unless something else is said. */
const LOADING = "Loading";

/** The error of work that its caller gave up; `details.reason` is the signal's reason in words. */
export function aborted(signal: AbortSignal, work = LOADING): PrediktError {
  const reason = messageOf(signal.reason);
  return new PrediktError(
    "ABORTED",
    `${work} was aborted: ${reason}.`,
    { reason },
    { cause: signal.reason },
  );
}

/** @throws PrediktError `ABORTED` when the signal has fired */
export function throwIfAborted(signal: AbortSignal | undefined, work = LOADING): void {
  if (signal?.aborted) throw aborted(signal, work);
}

/** The promise, or `ABORTED` as soon as the signal fires. The work itself goes on. */
export function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  work = LOADING,
): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(aborted(signal, work));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
