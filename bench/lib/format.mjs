/** Numbers and tables as text. */

/** A duration with three digits and its unit. @param {number} ms */
export function duration(ms) {
  if (ms < 0.001) return `${digits(ms * 1e6)} ns`;
  if (ms < 1) return `${digits(ms * 1000)} µs`;
  return ms < 10_000 ? `${digits(ms)} ms` : `${digits(ms / 1000)} s`;
}

/** @param {number} perSecond */
export function rate(perSecond) {
  return `${Math.round(perSecond).toLocaleString("en")}/s`;
}

/** @param {number} count */
export function bytes(count) {
  return count.toLocaleString("en");
}

/** @param {number} count of bytes */
export function kilobytes(count) {
  return `${bytes(Math.round(count / 1000))} KB`;
}

/** Two digits after the point, or as many as show two that count. @param {number} value */
export function ratio(value) {
  return `${value < 0.1 ? value.toPrecision(2) : value.toFixed(2)}×`;
}

/** @param {number} value */
function digits(value) {
  return value < 100 ? value.toPrecision(3) : value.toFixed(0);
}

/**
 * A table in Markdown whose columns line up in a terminal too; all but the first are right-aligned.
 *
 * @param {string[]} head
 * @param {string[][]} rows
 */
export function table(head, rows) {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column].length)),
  );
  const line = (row) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(" | ")} |`;
  const rule = widths.map((width, i) =>
    i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}
