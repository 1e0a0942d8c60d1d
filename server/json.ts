/** Where a text stops being JSON: offset in UTF-16 units from 0, line and column from 1. */
export interface JsonFault {
  position: number;
  line: number;
  column: number;
  /** What stands there, at most 20 characters; empty at the end of the text. */
  found: string;
}

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Finds the first place at which `text` is not JSON, for messages: `JSON.parse` doesn't always tell.
 * Call it only with a text that `JSON.parse` refused. Takes time linear in the text and no recursion.
 */
export function findFault(text: string): JsonFault {
  const position = scan(text);
  const before = text.slice(0, position);
  const line = before.split("\n").length;
  return {
    position,
    line,
    column: position - before.lastIndexOf("\n"),
    found: /^\S{0,20}/.exec(text.slice(position, position + 20))?.[0] ?? "",
  };
}

function scan(text: string): number {
  const open: ("[" | "{")[] = [];
  let at = 0;

  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const takeString = (): boolean => {
    if (text[at] !== '"') return false;
    at += 1;
    while (at < text.length) {
      if (text[at] === '"') {
        at += 1;
        return true;
      }
      if (text[at] === "\\") {
        if (!take(ESCAPE)) return false;
      } else {
        if (text.charCodeAt(at) < 0x20) return false;
        at += 1;
      }
    }
    return false;
  };
  const takeKey = (): boolean => {
    if (!takeString()) return false;
    take(SPACE);
    if (text[at] !== ":") return false;
    at += 1;
    take(SPACE);
    return true;
  };

  take(SPACE);
  for (;;) {
    // A value starts here.
    const start = text[at];
    if (start === "[" || start === "{") {
      at += 1;
      take(SPACE);
      if (text[at] !== (start === "[" ? "]" : "}")) {
        open.push(start);
        if (start === "{" && !takeKey()) return at;
        continue;
      }
      at += 1;
    } else if (!takeString() && !take(SCALAR)) {
      return at;
    }
    // A value has ended here: close what closes, then expect a comma or the end.
    for (;;) {
      take(SPACE);
      const inside = open[open.length - 1];
      if (inside === undefined || text[at] !== (inside === "[" ? "]" : "}")) break;
      open.pop();
      at += 1;
    }
    const inside = open[open.length - 1];
    if (inside === undefined || text[at] !== ",") return at;
    at += 1;
    take(SPACE);
    if (inside === "{" && !takeKey()) return at;
  }
}
