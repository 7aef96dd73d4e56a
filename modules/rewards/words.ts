/** Numbers of the settlement for people: shares, bandwidth, WEIR. Rounded down, and nothing is computed from them. Pure. */
import { type Dec, decOne } from "../../chain/dec.ts";

/** 4 digits behind the point, without zeros at the end. */
export function scaledText(value: bigint, one: bigint, digits = 4): string {
  const scale = 10n ** BigInt(digits);
  const count = (value * scale) / one;
  const fraction = `${count % scale}`.padStart(digits, "0").replace(/0+$/, "");
  return fraction === "" ? `${count / scale}` : `${count / scale}.${fraction}`;
}

export const shareText = (share: Dec): string => scaledText(share, decOne);
export const percentText = (share: Dec): string => `${scaledText(share * 100n, decOne, 2)}%`;
export const mbpsText = (bps: bigint): string => `${scaledText(bps, 1_000_000n, 3)} Mbps`;
export const weirText = (amount: bigint): string => `${scaledText(amount, 1_000_000n, 6)} WEIR`;
