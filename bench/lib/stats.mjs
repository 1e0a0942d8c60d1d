/** Statistics of interleaved measurements: round i of one subject is compared with round i of the other. */

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The ratio of the medians, and the least and greatest of the ratios of each round.
 *
 * @param {number[]} ours one measurement a round
 * @param {number[]} theirs the other subject's, of the same rounds
 */
export function compare(ours, theirs) {
  const paired = ours.map((value, round) => value / theirs[round]);
  return {
    ours: median(ours),
    theirs: median(theirs),
    ratio: median(ours) / median(theirs),
    least: Math.min(...paired),
    greatest: Math.max(...paired),
    rounds: ours.length,
  };
}
