const HEIGHT = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 });

/** A height as dollars, with the figures that tell neighbours on an axis apart: `$0.05`, `$1.25K`. */
export function usdAxis(height: number): string {
  return `$${HEIGHT.format(height)}`;
}
