import { expect, test } from "vitest";
import { formatBytes, formatDuration, formatNumber, formatPercent, formatShape } from "./format.ts";

test("bytes, in the unit that keeps them short", () => {
  expect([0, 999, 1000, 45_678, 3_210_000].map(formatBytes)).toEqual([
    "0 bytes",
    "999 bytes",
    "1 kB",
    "45.7 kB",
    "3.2 MB",
  ]);
});

test("percentages never round to certainty", () => {
  expect([0, 1e-9, 0.0228, 0.99999, 1].map(formatPercent)).toEqual([
    "0.0 %",
    "< 0.1 %",
    "2.3 %",
    "> 99.9 %",
    "100.0 %",
  ]);
});

test("durations, from microseconds to seconds", () => {
  expect([0.0042, 0.0421, 0.42, 4.2, 42, 4200].map(formatDuration)).toEqual([
    "4.2 µs",
    "42 µs",
    "420 µs",
    "4.2 ms",
    "42 ms",
    "4.2 s",
  ]);
});

test("numbers of models", () => {
  expect([151.346789, 1e-7, 2.5e12, 0, -4.575, Number.NaN].map(formatNumber)).toEqual([
    "151.347",
    "1.0000e-7",
    "2.5000e+12",
    "0",
    "-4.575",
    "NaN",
  ]);
});

test("shapes, with free dimensions by name", () => {
  expect(formatShape([null, 4])).toBe("any × 4");
  expect(formatShape(["N", 1, 8, 8])).toBe("N × 1 × 8 × 8");
  expect(formatShape([])).toBe("one value");
});
