/** Cuts a line of a table into cells. Texts may hold blanks, so that only `separator` parts them; quotes as in CSV. */
export function cutTexts(line: string, separator: string): string[] {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    const [cell, end] = line[skipBlanks(line, at)] === '"' ? quoted(line, at) : [undefined, at];
    const next = line.indexOf(separator, end);
    const rest = line.slice(end, next < 0 ? line.length : next).trim();
    cells.push(cell === undefined ? rest : cell + rest);
    if (next < 0) return cells;
    at = next + separator.length;
  }
}

/** Cuts a line of numbers, which blanks part as well. Blanks beside a separator belong to it. */
export function cutNumbers(line: string): string[] {
  return line.replace(/^[^\S\t]+|[^\S\t]+$/g, "").split(/[^\S\t]*[,;\t][^\S\t]*|[^\S\t]+/);
}

/** What parts the cells of a table with texts: the first of tab, semicolon and comma that its first line has. */
export function separatorOf(line: string): string {
  return ["\t", ";", ","].find((separator) => line.includes(separator)) ?? ",";
}

function skipBlanks(line: string, at: number): number {
  let next = at;
  while (line[next] === " ") next += 1;
  return next;
}

/** The text between quotes, `""` standing for one, and where it ends; without a closing quote it goes to the line's end. */
function quoted(line: string, at: number): [text: string, end: number] {
  let text = "";
  let next = skipBlanks(line, at) + 1;
  while (next < line.length) {
    if (line[next] === '"') {
      if (line[next + 1] !== '"') return [text, next + 1];
      next += 1;
    }
    text += line[next];
    next += 1;
  }
  return [text, next];
}
