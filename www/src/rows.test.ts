import { describe, expect, test } from "vitest";
import { parseRows } from "./rows.ts";

describe("rows", () => {
  const two = [
    [1, 2.5],
    [-3, 4e2],
  ];
  test.each([
    ["commas", "1, 2.5\n-3,4e2"],
    ["spaces", "  1   2.5 \n\n-3 4e2\n"],
    ["tabs and Windows line ends", "1\t2.5\r\n-3\t4e2"],
    ["semicolons", "1;2.5\n-3;4e2"],
    ["a CSV with column names", "width,height\n1,2.5\n-3,400"],
    ["JSON", "[[1, 2.5], [-3, 400]]"],
  ])("%s", (_, text) => {
    expect(parseRows(text, 2)).toEqual({ rows: two });
  });

  test("one row of JSON, and NaN for a missing value", () => {
    expect(parseRows("[1, 2]", null)).toEqual({ rows: [[1, 2]] });
    expect(parseRows("1, NaN", 2)).toEqual({ rows: [[1, Number.NaN]] });
  });

  test.each([
    ["", 2, /at least one row/],
    ["1, 2\n3", 2, /Row 2 has 1 value; the model takes 2 a row/],
    ["1, 2, 3\n4, 5", null, /Row 2 has 2 values; the model takes 3 a row/],
    ["1, two", 2, /Line 1: “two” is not a number/],
    ["a, b\n1, 2\n3, x", 2, /Line 3: “x” is not a number/],
    ["1, Infinity", 2, /“Infinity” is not a number/],
    ["[1, 2", 2, /brackets/],
    ['[[1, "2"]]', 2, /Row 1 holds something that is not a number/],
    ["only, names\nmore, names", 2, /Line 2/],
    ["names", null, /not a number/],
  ] as const)("%j is refused in words", (text, width, problem) => {
    expect(parseRows(text, width)).toEqual({ problem: expect.stringMatching(problem) });
  });
});
