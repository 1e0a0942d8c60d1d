import { h } from "../dom.ts";
import type { ImageLayout } from "../layout.ts";
import type { Editor } from "./editor.ts";

/** How far the brush reaches around its centre, in cells: full within the first, nothing past the second. */
const BRUSH = { full: 0.45, none: 1.15 };

/**
 * A grid of pixels to paint on. Pointer: drag. Keys: arrows move, Space inks or clears a pixel, 0 to 9
 * set its strength, Backspace clears it, Home and End go to the ends of a line.
 */
export function paintEditor({ width, height, max }: ImageLayout): Editor {
  const pixels = new Array<number>(width * height).fill(0);
  let focused = 0;
  let erasing = false;

  const cells = pixels.map((_, index) =>
    h("div", { role: "gridcell", class: "pixel", tabindex: index === 0 ? 0 : -1 }),
  );
  const grid = h(
    "div",
    {
      class: "pixels",
      role: "grid",
      "aria-label": `Drawing, ${width} by ${height} pixels`,
      "aria-describedby": "paint-help",
    },
    ...Array.from({ length: height }, (_, y) =>
      h("div", { role: "row", class: "pixel-row" }, ...cells.slice(y * width, (y + 1) * width)),
    ),
  );
  grid.style.setProperty("--columns", String(width));

  const eraser = h(
    "button",
    { type: "button", class: "button quiet", "aria-pressed": "false" },
    "Eraser",
  );
  const clear = h("button", { type: "button", class: "button quiet" }, "Clear");
  const element = h(
    "div",
    { class: "paint" },
    grid,
    h("div", { class: "paint-tools" }, eraser, clear),
    h(
      "p",
      { id: "paint-help", class: "hint" },
      "Draw with mouse, pen or finger. Keys: arrows move, Space inks or clears, 0 to 9 set the strength.",
    ),
  );

  function set(index: number, value: number): void {
    const next = Math.round(Math.min(max, Math.max(0, value)));
    pixels[index] = next;
    const cell = cells[index];
    if (!cell) return;
    cell.style.setProperty("--ink", String(next / max));
    const [row, column] = [Math.floor(index / width) + 1, (index % width) + 1];
    cell.setAttribute("aria-label", `row ${row}, column ${column}: ${next} of ${max}`);
  }

  function changed(): void {
    element.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function focus(index: number): void {
    cells[focused]?.setAttribute("tabindex", "-1");
    focused = index;
    cells[focused]?.setAttribute("tabindex", "0");
    cells[focused]?.focus();
  }

  function stroke(event: PointerEvent): void {
    const box = grid.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width - 0.5;
    const y = ((event.clientY - box.top) / box.height) * height - 0.5;
    for (const index of pixels.keys()) {
      const distance = Math.hypot((index % width) - x, Math.floor(index / width) - y);
      const cover = Math.min(1, Math.max(0, (BRUSH.none - distance) / (BRUSH.none - BRUSH.full)));
      const old = pixels[index] ?? 0;
      if (cover > 0)
        set(index, erasing ? Math.min(old, max * (1 - cover)) : Math.max(old, max * cover));
    }
    changed();
  }

  grid.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    grid.setPointerCapture(event.pointerId);
    stroke(event);
  });
  grid.addEventListener("pointermove", (event) => {
    if (grid.hasPointerCapture(event.pointerId)) stroke(event);
  });
  grid.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const to = moved(event.key, focused, width, height);
    const value = strength(event.key, pixels[focused] ?? 0, max);
    if (to === undefined && value === undefined) return;
    event.preventDefault();
    if (to !== undefined) focus(to);
    if (value !== undefined) {
      set(focused, value);
      changed();
    }
  });
  eraser.addEventListener("click", () => {
    erasing = !erasing;
    eraser.setAttribute("aria-pressed", String(erasing));
  });
  clear.addEventListener("click", () => {
    for (const index of pixels.keys()) set(index, 0);
    changed();
  });

  for (const index of pixels.keys()) set(index, 0);
  return {
    element,
    read: () => ({ rows: [[...pixels]] }),
    fill(row) {
      for (const index of pixels.keys()) set(index, Number(row[index] ?? 0));
    },
  };
}

/** Where a key takes the focus, or `undefined` when it is not a key that moves. Edges stop. */
function moved(key: string, from: number, width: number, height: number): number | undefined {
  const [x, y] = [from % width, Math.floor(from / width)];
  switch (key) {
    case "ArrowLeft":
      return y * width + Math.max(0, x - 1);
    case "ArrowRight":
      return y * width + Math.min(width - 1, x + 1);
    case "ArrowUp":
      return Math.max(0, y - 1) * width + x;
    case "ArrowDown":
      return Math.min(height - 1, y + 1) * width + x;
    case "Home":
      return y * width;
    case "End":
      return (y + 1) * width - 1;
    default:
      return undefined;
  }
}

/** The strength a key gives a pixel, or `undefined` when it is not a key that inks. */
function strength(key: string, now: number, max: number): number | undefined {
  if (key === " ") return now > 0 ? 0 : max;
  if (key === "Backspace" || key === "Delete") return 0;
  return /^[0-9]$/.test(key) ? (Number(key) / 9) * max : undefined;
}
