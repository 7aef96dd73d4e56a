/** What a shop gives with each code: how much it pays in fees, and for how long. Owns the defaults and their flags. */
import type { Timestamp } from "../chain/context.ts";
import { type FlagSpec, UsageError } from "./arguments.ts";

/** A tenth of a WEIR: hundreds of transactions where a gas costs a fortieth of a uweir. */
export const feesDefault = "100000uweir";
export const grantDaysDefault = 365;
const grantDaysMax = 3_650;
const dayMillis = 86_400_000;

export const feesFlag: FlagSpec = {
  name: "fee-limit",
  value: "COINS",
  help: "what is paid in fees for a code, at most",
  default: feesDefault,
};

export function expirationIn(days: number, nowMillis: number): Timestamp {
  if (!Number.isInteger(days) || days < 1 || days > grantDaysMax) {
    throw new UsageError(`--days ${days}: expected 1 to ${grantDaysMax}`);
  }
  return { seconds: BigInt(Math.floor((nowMillis + days * dayMillis) / 1_000)), nanos: 0 };
}
