/** Amounts of parameters in words with their units, as voters read them. Exact: two values that differ have different texts. Pure. */
import { type decOne, formatDec } from "./dec.ts";
import type { ParameterKind } from "./parameters.ts";

const nanosPerSecond = 1_000_000_000n;

const timeUnits: readonly (readonly [seconds: bigint, one: string, many: string])[] = [
  [86_400n, "day", "days"],
  [3_600n, "hour", "hours"],
  [60n, "minute", "minutes"],
  [1n, "second", "seconds"],
];

/** "2 days", "1 day 12 hours", "0.5 seconds". */
export function formatTimeSpan(nanos: bigint): string {
  if (nanos < 0n) return `-${formatTimeSpan(-nanos)}`;
  const parts: string[] = [];
  let seconds = nanos / nanosPerSecond;
  const rest = nanos % nanosPerSecond;
  for (const [size, one, many] of timeUnits) {
    const count = seconds / size;
    seconds %= size;
    if (count > 0n) parts.push(`${count} ${count === 1n ? one : many}`);
  }
  if (rest > 0n) parts.push(`${rest} ns`);
  return parts.length === 0 ? "0 seconds" : parts.join(" ");
}

const trimmed = (decimal: string): string => decimal.replace(/\.?0+$/, "");

/** Groups of three: 1,000,000. */
export const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");

function scaled(value: bigint, decimals: number): string {
  const size = 10n ** BigInt(decimals);
  const magnitude = value < 0n ? -value : value;
  const fraction = `${magnitude % size}`.padStart(decimals, "0").replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${grouped(`${magnitude / size}`)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** A millionth of a coin is shown in coins: "10,000 WEIR". */
const isMicro = (unit: string): boolean => /^u[a-z]{3,}$/.test(unit);

function withUnit(digits: string, unit: string): string {
  return unit === "" ? digits : `${digits} ${unit}`;
}

export function formatAmount(kind: ParameterKind, unit: string, value: bigint): string {
  if (kind === "duration") return formatTimeSpan(value);
  if (kind === "decimal") {
    if (unit === "share") return `${trimmed(formatDec((value * 100n) as typeof decOne))}%`;
    return withUnit(trimmed(formatDec(value)), unit);
  }
  if (isMicro(unit)) return `${scaled(value, 6)} ${unit.slice(1).toUpperCase()}`;
  return withUnit(grouped(`${value}`), unit);
}
