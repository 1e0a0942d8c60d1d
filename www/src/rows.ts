/** Rows read from text, or what is wrong with the text, in words. */
export type ParsedRows = { rows: number[][] } | { problem: string };

/**
 * Reads rows of numbers from what people paste: JSON (a row or an array of rows), CSV with or without a
 * line of column names, or numbers parted by commas, semicolons, tabs or spaces, one row a line.
 *
 * @param text the text
 * @param width values a row must have, or `null` when any width will do
 */
export function parseRows(text: string, width: number | null): ParsedRows {
  const trimmed = text.trim();
  if (trimmed === "") return { problem: "Paste or type at least one row of numbers." };
  const read = trimmed.startsWith("[") ? readJson(trimmed) : readLines(trimmed);
  if ("problem" in read) return read;
  return checkWidths(read.rows, width);
}

function readJson(text: string): ParsedRows {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: "This starts like JSON but is not complete: check the brackets and commas." };
  }
  const many = Array.isArray(value) && value.every((entry) => Array.isArray(entry));
  const rows: unknown[] = many ? (value as unknown[]) : [value];
  for (const [index, row] of rows.entries()) {
    if (!Array.isArray(row) || !row.every((entry) => typeof entry === "number")) {
      return { problem: `Row ${index + 1} holds something that is not a number.` };
    }
  }
  return { rows: rows as number[][] };
}

function readLines(text: string): ParsedRows {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const rows: number[][] = [];
  for (const [index, line] of lines.entries()) {
    const cells = line.split(/\s*[,;\t]\s*|\s+/).filter((cell) => cell !== "");
    const row = cells.map(readNumber);
    const bad = row.indexOf(undefined);
    if (bad < 0) rows.push(row as number[]);
    else if (index > 0 || lines.length === 1 || row.some((value) => value !== undefined)) {
      return { problem: `Line ${index + 1}: “${cells[bad]}” is not a number.` };
    }
  }
  if (rows.length === 0) return { problem: "There are no numbers here." };
  return { rows };
}

function readNumber(cell: string): number | undefined {
  if (/^nan$/i.test(cell)) return Number.NaN;
  const value = Number(cell);
  return Number.isFinite(value) ? value : undefined;
}

function checkWidths(rows: number[][], width: number | null): ParsedRows {
  const expected = width ?? rows[0]?.length ?? 0;
  for (const [index, row] of rows.entries()) {
    if (row.length !== expected) {
      return {
        problem: `Row ${index + 1} has ${row.length} ${row.length === 1 ? "value" : "values"}; the model takes ${expected} a row.`,
      };
    }
  }
  return { rows };
}
