import type { Field, Value } from "../layout.ts";

/** The control of one column. It lets `input` events bubble whenever its value changes. */
export interface FieldView {
  readonly field: Field;
  readonly element: HTMLElement;
  /** The value, null where it is missing and may be, undefined where it has to be entered. */
  read(): Value | undefined;
  /** Shows this value instead. */
  set(value: Value): void;
}

/** What stands under a field that is left empty. */
export const MISSING = "Left out: taken as missing";

/** Ids of a column's controls. */
export interface Ids {
  control: string;
  note: string;
}

/** The ids of the controls of the column at `index`. */
export function idsOf(index: number): Ids {
  return { control: `field-${index}`, note: `field-${index}-note` };
}
