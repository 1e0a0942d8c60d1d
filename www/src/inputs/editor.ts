import type { Row } from "../layout.ts";

/** Rows to predict, or what is missing, in words. */
export type Entered = { rows: Row[] } | { problem: string };

/** One way to enter rows. It dispatches `change` on its element whenever what it holds may have changed. */
export interface Editor {
  readonly element: HTMLElement;
  /** What is entered now. */
  read(): Entered;
  /** Shows this row instead. */
  fill(row: Row): void;
}
