/** Numbers of a devnet for people: millionths, rates, prices, bars. Pure. */
import type { Dec } from "../../chain/dec.ts";
import { grouped } from "../table.ts";

const millionths = 6;

/** Millionths with so many digits behind the point, rounded down. */
export function decimals(amount: bigint, digits: number): string {
  const isNegative = amount < 0n;
  const text = `${isNegative ? -amount : amount}`.padStart(millionths + 1, "0");
  const whole = grouped(text.slice(0, -millionths));
  const fraction = text.slice(-millionths).slice(0, digits);
  return `${isNegative ? "-" : ""}${whole}${digits === 0 ? "" : `.${fraction}`}`;
}

/** 12.3, of bits a second. */
export const mbps = (bps: bigint | number): string => (Number(bps) / 1e6).toFixed(1);

const decimalPlaces = 18;

/** A price of the chain, cut off. */
export function priceText(price: Dec, digits: number): string {
  const text = `${price}`.padStart(decimalPlaces + 1, "0");
  return `${grouped(text.slice(0, -decimalPlaces))}.${text.slice(-decimalPlaces).slice(0, digits)}`;
}

/** A share in 10^-18, as .16; 1.00 where it is whole. */
export const shareText = (share: Dec): string => priceText(share, 2).replace(/^0\./, ".");

const units = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

export function bytesText(bytes: bigint | number): string {
  let value = Number(bytes);
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

export interface BarLook {
  readonly full: string;
  readonly empty: string;
}

/** Eighths would be finer; not every terminal has them. */
export const barOfBlocks: BarLook = { full: "█", empty: "░" };

/** `part` of `whole`, at most whole. */
export function bar(part: number, whole: number, width: number, { full, empty }: BarLook = barOfBlocks): string {
  const share = whole <= 0 ? 0 : Math.min(1, Math.max(0, part / whole));
  const cells = Math.round(share * width);
  return full.repeat(cells) + empty.repeat(width - cells);
}
