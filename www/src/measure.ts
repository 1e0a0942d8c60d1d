import type { Prediction } from "predikt";
import type { Row } from "./layout.ts";
import type { AnyModel } from "./open.ts";

/** A prediction and how long one such call takes. */
export interface Timed {
  prediction: Prediction;
  /** Mean duration of a call in milliseconds. */
  milliseconds: number;
  /** How many calls the mean is over. */
  calls: number;
}

/** Calls are repeated for this many milliseconds: browsers round their clock to 0.1 ms, sometimes to 1 ms. */
const WINDOW = 8;
/** A first call slower than this many milliseconds is taken as it is, so that nobody waits twice. */
const SLOW = 200;

/**
 * Predicts, then repeats the same call until the clock can tell how long one takes. The first call is not
 * counted (it may prepare the model for a new number of rows) unless it is slow.
 */
export async function timedPredict(model: AnyModel, rows: Row[]): Promise<Timed> {
  const started = performance.now();
  const prediction = await model.predict(rows);
  const first = performance.now() - started;
  if (first > SLOW) return { prediction, milliseconds: first, calls: 1 };

  let calls = 0;
  let elapsed = 0;
  const again = performance.now();
  do {
    const answer = model.predict(rows);
    if (answer instanceof Promise) await answer;
    calls += 1;
    elapsed = performance.now() - again;
  } while (elapsed < WINDOW);
  return { prediction, milliseconds: elapsed / calls, calls };
}
