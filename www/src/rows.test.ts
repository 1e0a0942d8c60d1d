import { describe, expect, test } from "vitest";
import type { Column } from "./layout.ts";
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

describe("rows of texts and numbers", () => {
  const columns: Column[] = [
    { name: "town", type: "text", whole: false, nullable: true },
    { name: "age", type: "number", whole: false, nullable: true },
    { name: "children", type: "number", whole: true, nullable: false },
  ];
  const rows = [
    ["Rome", 30, 2],
    ["Den Haag, NL", null, 0],
    [null, 41.5, 1],
  ];
  test.each([
    ["CSV", 'Rome,30,2\n"Den Haag, NL",,0\n,41.5,1\n'],
    ["CSV with blanks", ' Rome, 30 , 2\n "Den Haag, NL" , , 0\n , 41.5, 1'],
    ["semicolons", "Rome;30;2\nDen Haag, NL;;0\n;41.5;1"],
    ["tabs", "Rome\t30\t2\nDen Haag, NL\t\t0\n\t41.5\t1"],
    ["a header", 'town,age,children\nRome,30,2\n"Den Haag, NL",,0\n,41.5,1'],
    ["a header in another order", 'age,children,town\n30,2,Rome\n,0,"Den Haag, NL"\n41.5,1,'],
    ["JSON rows", JSON.stringify(rows)],
    [
      "JSON records",
      JSON.stringify(rows.map(([town, age, children]) => ({ children, age, town }))),
    ],
  ])("%s", (_, text) => {
    expect(parseRows(text, 3, columns)).toEqual({ rows });
  });

  test("quotes within quotes, and what is no CSV", () => {
    expect(parseRows('"say ""hi""",1,2', 3, columns)).toEqual({ rows: [['say "hi"', 1, 2]] });
    expect(parseRows('5" pipe,1,2', 3, columns)).toEqual({ rows: [['5" pipe', 1, 2]] });
  });

  test("one record of JSON", () => {
    const text = '{"town": "Rome", "age": null, "children": 2}';
    expect(parseRows(text, 3, columns)).toEqual({ rows: [["Rome", null, 2]] });
  });

  test.each([
    ["Rome,thirty,2", /Line 1: “thirty” is not a number for age/],
    ["Rome,30,", /Line 1: a value is missing for children/],
    ["age,children,town\nold,1,Rome", /Line 2: “old” is not a number for age/],
    ["Rome,30", /Row 1 has 2 values; the model takes 3 a row/],
    ["Rome,30,2,4", /Row 1 has 4 values/],
    ['[["Rome", "30", 2]]', /Row 1 holds something for age that is not a number or null/],
    ["[[5, 30, 2]]", /Row 1 holds something for town that is not text or null/],
    ['[["Rome", 30, null]]', /Row 1 holds something for children that is not a number\./],
    ['[{"town": "Rome", "age": 30}]', /Row 1 has no “children”/],
    [
      '{"town": "Rome", "age": 30, "children": 1, "x": 1}',
      /has “x”, which the model does not know/,
    ],
    ["[5, 6]", /Row 1 holds something for town/],
    [" \n ", /at least one row of values/],
  ])("%j is refused in words", (text, problem) => {
    expect(parseRows(text, 3, columns)).toEqual({ problem: expect.stringMatching(problem) });
  });

  test("a lone text is a line, whatever stands in it", () => {
    const text: Column = { name: "text", type: "text", whole: false, nullable: true };
    expect(parseRows('Well, well; "so"\n[sic]', 1, [text])).toEqual({
      rows: [['Well, well; "so"'], ["[sic]"]],
    });
    expect(parseRows("[sic] he said", 1, [text])).toEqual({ rows: [["[sic] he said"]] });
    expect(parseRows('["one", "two"]', 2, [text])).toEqual({ rows: [["one", "two"]] });
    expect(parseRows('[["one"], ["two"]]', 1, [text])).toEqual({ rows: [["one"], ["two"]] });
  });

  test("numbers may be missing in tables", () => {
    expect(parseRows("1,,3\n4\t\t6\n7, 8, 9,", 3)).toEqual({
      rows: [
        [1, null, 3],
        [4, null, 6],
        [7, 8, 9],
      ],
    });
  });

  test("records need columns with names", () => {
    expect(parseRows('{"a": 1}', null)).toEqual({ problem: expect.stringMatching(/have none/) });
  });
});
