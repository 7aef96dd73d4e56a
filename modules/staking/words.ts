/** Numbers of staking as a person reads them. */
import { type Dec, formatDec } from "../../chain/dec.ts";

/** A tenth is "10%". */
export const percent = (fraction: Dec): string => `${trimmed(formatDec(fraction * 100n))}%`;

/** Without zeros at the end. */
export const trimmed = (decimal: string): string => decimal.replace(/\.?0+$/, "");
