/** What is aimed at, by the id of a result: a bound of its own, or a part of a peer's figure. Printed; asserted nowhere. */

const KB = 1000;
const ORT = "onnxruntime-web";

const TARGETS = {
  "size.compact": { most: 200 * KB, text: "≤ 200 KB" },
  "size.full": { most: 2200 * KB, text: "≤ 2,200 KB" },
  "navigation.throttled": { peer: ORT, most: 1 / 8, text: "≤ 1/8 ×" },
  "logistic.1": { most: 0.001, text: "≤ 1 µs" },
  "logistic.1000": { most: 0.03, text: "≤ 0.03 ms" },
  "forest-20.1": { most: 0.0012, text: "≤ 1.2 µs" },
  "forest-20.1000": { most: 0.07, text: "≤ 0.07 ms" },
  "forest-100.1": { peer: "m2cgen", most: 1, text: "≤ 1 × m2cgen" },
  "forest-500.1000": { peer: ORT, most: 0.25, text: "≤ 0.25 ×" },
  "lightgbm.1": { peer: ORT, most: 0.1, text: "≤ 0.1 ×" },
  "lightgbm.1000": { peer: ORT, most: 0.25, text: "≤ 0.25 ×" },
  "svc.1": { peer: ORT, most: 0.5, text: "≤ 0.5 ×" },
  "svc.1000": { peer: ORT, most: 0.5, text: "≤ 0.5 ×" },
  "knn.1": { peer: ORT, most: 0.5, text: "≤ 0.5 ×" },
  "knn.100": { peer: ORT, most: 0.5, text: "≤ 0.5 ×" },
  "knn-cdist.1": { peer: ORT, most: 0.5, text: "≤ 0.5 ×" },
  "knn-cdist.100": { peer: ORT, most: 0.5, text: "≤ 0.5 ×" },
  "tfidf.1": { peer: ORT, most: 0.5, text: "≤ 0.5 ×" },
  "tfidf.100": { peer: ORT, most: 0.5, text: "≤ 0.5 ×" },
  "columns.1": { peer: ORT, most: 0.1, text: "≤ 0.1 ×" },
  memory: { peer: ORT, most: 0.2, text: "≤ 0.2 ×" },
  "requests.flask": { peer: "Flask", least: 5, text: "≥ 5 ×" },
  "requests.constant": { peer: "constant", least: 0.8, text: "≥ 0.8 ×" },
};

/**
 * A result with its target, and whether it is met; undefined where it wasn't measured or the peer doesn't run.
 *
 * @template {{ id: string, ours?: number, peers?: Record<string, { ratio: number }> }} R
 * @param {R} result
 * @returns {R & { target?: string, met?: boolean }}
 */
export function judged(result) {
  const target = TARGETS[result.id];
  if (!target) return result;
  const value = target.peer ? result.peers?.[target.peer]?.ratio : result.ours;
  if (value === undefined) return { ...result, target: target.text };
  const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = target;
  return { ...result, target: target.text, met: value >= least && value <= most };
}
