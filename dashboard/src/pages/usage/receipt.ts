import type { Schema } from "@/api/transport";
import { writeUsd } from "@/kit/money";

/**
 * A receipt's charge, computed again from its lines, in whole numbers: the sum of count times unit price, times the
 * seller's multiplier, rounded up to a nano-USD. It trusts nothing that the server summed.
 */

export type Bill = Schema<"ReceiptBill">;
type BillLine = Bill["lines"][number];

/** Exact decimal strings of USD; `total` is what they round up to. */
export interface Recomputed {
  amounts: string[];
  sum: string;
  exact: string;
  rounding: string;
  total: string;
  /** Whether each figure is the receipt's own. */
  agrees: boolean;
}

const PLACES = 19; // 9 of a price, 6 of a million tokens, 4 of a multiplier: in these every step is whole
const ONE = 10n ** BigInt(PLACES);
const MULTIPLIER_PLACES = 4;
const NANO = 10n ** BigInt(PLACES - 9);

export function recompute(bill: Bill): Recomputed {
  const amounts = bill.lines.map(amountOf);
  const sum = amounts.reduce((total, amount) => total + amount, 0n);
  const exact = (sum * decimal(bill.multiplier, MULTIPLIER_PLACES)) / 10n ** BigInt(MULTIPLIER_PLACES);
  const total = ((exact + NANO - 1n) / NANO) * NANO;
  return {
    amounts: amounts.map(write),
    sum: write(sum),
    exact: write(exact),
    rounding: write(total - exact),
    total: write(total),
    agrees:
      bill.lines.every((line, index) => decimal(line.amount_usd) === amounts[index]) &&
      decimal(bill.exact_usd) === exact &&
      decimal(bill.rounding_usd) === total - exact &&
      decimal(bill.total_usd) === total,
  };
}

function amountOf(line: BillLine): bigint {
  return (BigInt(line.count) * decimal(line.unit_price_usd)) / BigInt(line.per);
}

/** A decimal string as a whole number of its last place. */
function decimal(text: string, places: number = PLACES): bigint {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  const fraction = match?.[2] ?? "";
  if (match === null || fraction.length > places) throw new RangeError(`no decimal: ${JSON.stringify(text)}`);
  return BigInt((match[1] ?? "") + fraction.padEnd(places, "0"));
}

function write(amount: bigint): string {
  const fraction = (amount % ONE).toString().padStart(PLACES, "0").replace(/0+$/, "");
  return writeUsd(amount / ONE, fraction.padEnd(2, "0"));
}
