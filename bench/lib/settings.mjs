/** How long everything is measured. `--quick` is for trying the bench, not for its numbers. */

const full = {
  latency: { rounds: 15, batchMs: 50, warmUpMs: 1000 },
  loading: { rounds: 11, batchMs: 50, warmUpMs: 1000 },
  networks: { rounds: 7, batchMs: 50, warmUpMs: 1000 },
  navigations: 11,
  throttledNavigations: 7,
  memory: 3,
  requests: { rounds: 5, seconds: 3 },
};

const quick = {
  latency: { rounds: 3, batchMs: 10, warmUpMs: 100 },
  loading: { rounds: 3, batchMs: 10, warmUpMs: 50 },
  networks: { rounds: 2, batchMs: 10, warmUpMs: 50 },
  navigations: 2,
  throttledNavigations: 2,
  memory: 1,
  requests: { rounds: 2, seconds: 1 },
};

/** @param {boolean} short */
export const settingsOf = (short) => (short ? quick : full);
