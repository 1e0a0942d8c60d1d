/** Keeps the current request's context alive until `promise` settles, even when its client has gone. */
export type KeepAlive = (promise: Promise<unknown>) => void;

/** How long a request waits for work that another request started, in milliseconds. */
export const PATIENCE_MS = 20_000;

/** Work that another request started did not end in time. */
export class Stalled extends Error {
  override readonly name = "Stalled";
}

/**
 * Starts work whose result several requests of one isolate will await. The runtime drops a request's I/O when the
 * request ends early, and a promise that depends on it then never settles: hence `keepAlive`.
 */
export function start<T>(work: () => Promise<T>, keepAlive: KeepAlive): Promise<T> {
  const promise = Promise.resolve().then(work);
  keepAlive(promise.catch(() => undefined));
  return promise;
}

/**
 * Awaits what another request may have started, but not for ever: a request that was killed (for its processor time,
 * say) leaves a promise that never settles.
 *
 * @throws Stalled after `patienceMs`
 */
export async function patiently<T>(promise: Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  let stop = (): void => undefined;
  const timeout = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Stalled("Shared work did not end.")), patienceMs);
    stop = () => clearTimeout(timer);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    stop();
  }
}
