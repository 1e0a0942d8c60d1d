const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 });
const tenths = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** A number of bytes, in the unit that keeps it short: `812 bytes`, `12.4 kB`, `3.1 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${whole.format(bytes)} bytes`;
  if (bytes < 1e6) return `${tenths.format(bytes / 1e3)} kB`;
  return `${tenths.format(bytes / 1e6)} MB`;
}

/** A probability as a percentage. Anything short of certainty never reads as 0 % or 100 %. */
export function formatPercent(probability: number): string {
  const percent = probability * 100;
  if (percent > 0 && percent < 0.1) return "< 0.1 %";
  if (percent > 99.9 && percent < 100) return "> 99.9 %";
  return `${percent.toFixed(1)} %`;
}

/** A duration given in milliseconds, to two or three digits, in µs, ms or s. */
export function formatDuration(milliseconds: number): string {
  const [value, unit] =
    milliseconds < 1
      ? [milliseconds * 1000, "µs"]
      : milliseconds < 1000
        ? [milliseconds, "ms"]
        : [milliseconds / 1000, "s"];
  return `${value < 10 ? value.toFixed(1) : whole.format(value)} ${unit}`;
}

/** A count with thousands separators. */
export function formatCount(count: number): string {
  return whole.format(count);
}

/** A model's number to six significant digits; NaN and infinities by their names. */
export function formatNumber(value: number): string {
  if (Number.isFinite(value)) {
    const size = Math.abs(value);
    return size !== 0 && (size >= 1e9 || size < 1e-4)
      ? value.toExponential(4)
      : short.format(value);
  }
  return String(value);
}

/** The shape of a tensor: `N × 4`, where a free dimension without a name is `any`. */
export function formatShape(shape: readonly (number | string | null)[] | null | undefined): string {
  if (!shape) return "not declared";
  if (shape.length === 0) return "one value";
  return shape
    .map((dimension) => (dimension === null || dimension === "" ? "any" : dimension))
    .join(" × ");
}
