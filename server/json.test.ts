import { describe, expect, it } from "vitest";
import { findFault } from "./json.js";

describe("findFault", () => {
  it.each([
    ["", 0, ""],
    ["{", 1, ""],
    ["[1,]", 3, "]"],
    ["[1 2]", 3, "2]"],
    ["[01]", 2, "1]"],
    ["[NaN]", 1, "NaN]"],
    ["[-Infinity]", 1, "-Infinity]"],
    ['{"a" 1}', 5, "1}"],
    ["{'a': 1}", 1, "'a':"],
    ['{"a": 1,}', 8, "}"],
    ['{"a": [1, 2}', 11, "}"],
    ['{"a": "b', 8, ""],
    ['["\\x"]', 2, '\\x"]'],
    ['["a\nb"]', 3, ""],
    ["[1] trailing", 4, "trailing"],
    ["nul", 0, "nul"],
  ])("%j stops being JSON at %i", (text, position, found) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(findFault(text)).toMatchObject({ position, found });
  });

  it("counts lines and columns from 1", () => {
    expect(findFault('{\n  "features": [1,\n  oops]\n}')).toMatchObject({ line: 3, column: 3 });
  });

  it("takes deep and long texts without recursion", () => {
    const deep = "[".repeat(500_000);
    expect(findFault(deep).position).toBe(deep.length);
    const long = `["${"a".repeat(1_000_000)}`;
    expect(findFault(long).position).toBe(long.length);
  });
});
