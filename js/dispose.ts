/** `Symbol.dispose`, also where the runtime does not have it yet. */
export const disposeSymbol: typeof Symbol.dispose =
  Symbol.dispose ?? /* @__PURE__ */ (Symbol.for("Symbol.dispose") as typeof Symbol.dispose);
