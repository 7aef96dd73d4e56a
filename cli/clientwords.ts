/** Money, speed and sessions as a buyer reads and types them. Owns their look; the chain counts in millionths of a dollar. */
import { type Dec, decOne, formatDec, parseDec } from "../chain/dec.ts";
import { UsageError } from "./arguments.ts";
import { grouped } from "./table.ts";

const unit = 1_000_000n;
const digitsOfUnit = 6;

/** "$1.25", "$0.000123". */
export function dollars(millionths: bigint): string {
  const whole = grouped(`${millionths / unit}`);
  const rest = `${millionths % unit}`.padStart(digitsOfUnit, "0").replace(/0+$/, "");
  return `$${whole}.${rest.padEnd(2, "0")}`;
}

/** A price of a GiB. */
export const perGib = (price: Dec): string => `${dollars((price + decOne - 1n) / decOne)} a GiB`;

const moneyMax = 1n << 100n;

/** "1.50", "$1.50": dollars, in millionths. */
export function typedDollars(text: string, label: string): bigint {
  const plain = text.replace(/^\$/, "");
  const wrong = () => new UsageError(`${label} ${text}: expected dollars, such as 2.50`);
  if (!/^\d{1,15}(\.\d{1,6})?$/.test(plain)) throw wrong();
  const value = (parseDec(plain) * unit) / decOne;
  if (value <= 0n || value > moneyMax) throw wrong();
  return value;
}

/** Dollars a GiB, as the chain counts a price. */
export const typedPrice = (text: string, label: string): Dec => typedDollars(text, label) * decOne;

const sizes = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** "12.3 MiB". */
export function size(bytes: number): string {
  let value = bytes;
  let index = 0;
  for (; value >= 1024 && index < sizes.length - 1; index++) value /= 1024;
  return `${index === 0 ? value : value.toFixed(1)} ${sizes[index]}`;
}

/** "93.4 Mbit/s", of bytes in milliseconds. */
export function speed(bytes: number, millis: number): string {
  const bits = millis <= 0 ? 0 : (bytes * 8_000) / millis;
  return bits >= 1e9
    ? `${(bits / 1e9).toFixed(2)} Gbit/s`
    : bits >= 1e6
      ? `${(bits / 1e6).toFixed(1)} Mbit/s`
      : `${(bits / 1e3).toFixed(0)} kbit/s`;
}

/** A measured bandwidth. */
export const bandwidth = (bps: bigint): string => (bps === 0n ? "not measured yet" : speed(Number(bps) / 8, 1_000));

/** Three places of a share. */
export const share = (value: Dec): string => formatDec(value).replace(/(\.\d{3})\d*$/, "$1");

/** "about 3 min", for a person who waits. */
export function about(millis: number): string {
  const seconds = Math.max(0, Math.round(millis / 1_000));
  if (seconds < 90) return `about ${seconds} s`;
  if (seconds < 5_400) return `about ${Math.round(seconds / 60)} min`;
  return seconds < 129_600 ? `about ${Math.round(seconds / 3_600)} h` : `about ${Math.round(seconds / 86_400)} days`;
}
