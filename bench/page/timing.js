/**
 * Interleaved timing. The page's clock ticks every 100 µs, so that a call is timed in batches: as many calls as take
 * `batchMs` together; 50 ms make the clock's error less than half a percent.
 */

/**
 * Times subjects in turn, a batch each, round after round.
 *
 * @param {Record<string, (calls: number) => Promise<number> | number>} subjects each makes so many calls and returns
 *   how many milliseconds they took, its own preparations and cleaning up excepted
 * @param {{ rounds: number, batchMs: number, warmUpMs: number, most?: number }} options most: the most calls in a batch
 * @returns {Promise<Record<string, { calls: number, ms: number[] }>>} milliseconds a call, one for every round
 */
export async function interleave(subjects, { rounds, batchMs, warmUpMs, most = 1e7 }) {
  const results = {};
  for (const [name, batch] of Object.entries(subjects)) {
    results[name] = { calls: await calibrate(batch, most, batchMs, warmUpMs), ms: [] };
  }
  for (let round = 0; round < rounds; round++) {
    for (const [name, batch] of Object.entries(subjects)) {
      const { calls, ms } = results[name];
      ms.push((await batch(calls)) / calls);
      await pause();
    }
  }
  return results;
}

/** Runs until the compilers had their time, and finds how many calls make a batch. */
async function calibrate(batch, most, batchMs, warmUpMs) {
  const start = performance.now();
  let calls = 1;
  for (;;) {
    const took = await batch(calls);
    if (took < batchMs && calls < most) {
      const wanted = took > 1 ? Math.ceil((calls * batchMs * 1.1) / took) : calls * 4;
      calls = Math.min(most, Math.max(calls + 1, wanted));
    } else if (performance.now() - start > warmUpMs) {
      return calls;
    }
  }
}

/** Lets the page do what is waiting, outside of what is timed. */
function pause() {
  return new Promise((resolve) => setTimeout(resolve));
}

/** Where the sum of what calls returned goes, so that what they compute is needed. */
globalThis.needed = 0;

/** A batch of calls that return at once. @param {(call: number) => number} call */
export function synchronous(call) {
  return (calls) => {
    let sum = 0;
    const start = performance.now();
    for (let i = 0; i < calls; i++) sum += call(i);
    const took = performance.now() - start;
    globalThis.needed += sum;
    return took;
  };
}

/** A batch of calls, each awaited before the next. @param {(call: number) => Promise<number>} call */
export function asynchronous(call) {
  return async (calls) => {
    let sum = 0;
    const start = performance.now();
    for (let i = 0; i < calls; i++) sum += await call(i);
    const took = performance.now() - start;
    globalThis.needed += sum;
    return took;
  };
}

/**
 * A batch of awaited calls whose results are released after the clock stopped.
 *
 * @template T
 * @param {() => Promise<T>} make
 * @param {(made: T) => unknown} release
 */
export function making(make, release) {
  return async (calls) => {
    const made = [];
    const start = performance.now();
    for (let i = 0; i < calls; i++) made.push(await make());
    const took = performance.now() - start;
    for (const one of made) await release(one);
    return took;
  };
}
