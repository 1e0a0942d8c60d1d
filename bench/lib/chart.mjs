/** The latencies as an SVG: a line for each row of the table, a mark for each subject, on a logarithmic scale. */

import { duration } from "./format.mjs";

const WIDTH = 900;
const LEFT = 340;
const RIGHT = 30;
const TOP = 64;
const LINE = 26;
const SUBJECTS = [
  { name: "predikt", kind: "ours" },
  { name: "onnxruntime-web", kind: "ort" },
  { name: "m2cgen's JavaScript", kind: "code" },
];

const STYLE = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #24292f }
  .small { font-size: 11px; fill: #57606a }
  .grid { stroke: #d0d7de; stroke-width: 1 }
  .between { stroke: #8c959f; stroke-width: 2 }
  .ours { fill: #0a7d52; stroke: #0a7d52 }
  .ort { fill: #bc4c00; stroke: #bc4c00 }
  .code { fill: none; stroke: #6639ba; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .small { fill: #9198a1 }
    .grid { stroke: #3d444d }
    .between { stroke: #656c76 }
    .ours { fill: #3fcf8e; stroke: #3fcf8e }
    .ort { fill: #ff9a4d; stroke: #ff9a4d }
    .code { stroke: #c297ff }
  }`;

/** @param {{ date: string, processor: string, latency?: any[], networks?: any[] }} report */
export function chart({ date, processor, latency = [], networks = [] }) {
  const rows = [...latency, ...networks]
    .filter(({ error }) => error === undefined)
    .map(({ title, ours, peers }) => ({
      title,
      times: [ours, peers["onnxruntime-web"].theirs, peers.m2cgen?.theirs],
    }));
  const height = TOP + rows.length * LINE + 34;
  const all = rows.flatMap(({ times }) => times.filter((time) => time !== undefined));
  const from = Math.floor(Math.log10(Math.min(...all, 1)));
  const to = Math.ceil(Math.log10(Math.max(...all, 1)));
  const x = (ms) => {
    const part = (Math.log10(ms) - from) / Math.max(1, to - from);
    return Math.round((LEFT + part * (WIDTH - LEFT - RIGHT)) * 10) / 10;
  };
  const bottom = TOP + rows.length * LINE;
  const grid = Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i)).map(
    (ms) => `<line class="grid" x1="${x(ms)}" y1="${TOP - 8}" x2="${x(ms)}" y2="${bottom}"/>
<text class="small" x="${x(ms)}" y="${bottom + 16}" text-anchor="middle">${tick(ms)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Time a call, predikt beside onnxruntime-web and m2cgen">
<style>${STYLE}
</style>
<text x="0" y="18">Time a call, less is better; logarithmic</text>
<text class="small" x="0" y="36">${date.slice(0, 10)}, ${escaped(processor)}, headless Chromium, one thread</text>
${legend()}
${grid.join("\n")}
${rows.map((row, i) => line(row, TOP + i * LINE + LINE / 2 - 4, x)).join("\n")}
</svg>
`;
}

function legend() {
  let left = LEFT;
  return SUBJECTS.map(({ name, kind }) => {
    const at = left;
    left += 40 + name.length * 7.2;
    return `${mark(kind, at + 6, 14)}<text x="${at + 18}" y="18">${name}</text>`;
  }).join("\n");
}

function line({ title, times }, y, x) {
  const known = times.filter((time) => time !== undefined);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  // predikt's mark comes last, so that it lies on top.
  const marks = SUBJECTS.map(({ name, kind }, i) =>
    times[i] === undefined ? "" : mark(kind, x(times[i]), y, `${name}: ${duration(times[i])}`),
  ).reverse();
  return `<text x="${LEFT - 16}" y="${y + 4}" text-anchor="end">${escaped(title)}</text>
<line class="between" x1="${x(least)}" y1="${y}" x2="${x(most)}" y2="${y}"/>
${marks.join("")}`;
}

function mark(kind, x, y, title = "") {
  const shape =
    kind === "ort"
      ? `<rect class="ort" x="${x - 5}" y="${y - 5}" width="10" height="10">`
      : `<circle class="${kind}" cx="${x}" cy="${y}" r="${kind === "ours" ? 6 : 5}">`;
  const end = kind === "ort" ? "</rect>" : "</circle>";
  return `${shape}${title && `<title>${title}</title>`}${end}`;
}

/** A power of ten. @param {number} ms */
function tick(ms) {
  if (ms >= 1000) return `${Math.round(ms / 1000)} s`;
  if (ms >= 1) return `${Math.round(ms)} ms`;
  return ms >= 0.001 ? `${Math.round(ms * 1e3)} µs` : `${Math.round(ms * 1e6)} ns`;
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);
}
