/** What the fields of a registration may hold, as far as the message alone tells: lengths, ranges, shapes. Pure. */
import { type Dec, decOne, formatDec } from "../../chain/dec.ts";
import { utf8Length } from "../../chain/utf8.ts";
import type { Commission } from "../../proto/gen/weir/attestation/v1/state.ts";
import { commissionProblem, invalidField } from "./errors.ts";
import { isVersion } from "./software.ts";
import { hasControls } from "./texts.ts";

export const monikerBytesMax = 64;
export const claimBpsMin = 1_000_000n;
/** Ten terabit: so that sums of all claims of an operator fit 64 bits. */
export const claimBpsMax = 10_000_000_000_000n;
const rttMicrosMin = 1n;
const rttMicrosMax = 10_000_000n;
/** A thousand million dollars for a GiB. */
export const priceFloorMax = 1_000_000_000_000_000n;

const requireRange = (name: string, value: bigint, least: bigint, most: bigint): void => {
  if (value < least || value > most) throw invalidField(`${name} is ${value}; expected ${least} to ${most}`);
};

export function requireMoniker(moniker: string): void {
  const length = utf8Length(moniker);
  if (length === 0 || length > monikerBytesMax || hasControls(moniker)) {
    throw invalidField(`moniker has ${length} bytes; expected 1 to ${monikerBytesMax} of printable text`);
  }
}

export const requireClaim = (claimedBps: bigint): void =>
  requireRange("claimed_bps", claimedBps, claimBpsMin, claimBpsMax);

export const requireDeclared = (declaredBps: bigint): void =>
  requireRange("declared_bps", declaredBps, claimBpsMin, claimBpsMax);

export const requireRtt = (rttMicros: bigint): void =>
  requireRange("rtt_micros", rttMicros, rttMicrosMin, rttMicrosMax);

export const requirePriceFloor = (priceFloor: bigint): void =>
  requireRange("price_floor", priceFloor, 0n, priceFloorMax);

/** Nothing is reported by nothing. */
export function requireVersion(version: string): void {
  if (version !== "" && !isVersion(version)) {
    throw invalidField(`"${version.slice(0, 32)}" is no version; expected one such as 1.4.0`);
  }
}

export interface CommissionRates {
  readonly rate: Dec;
  readonly rateMax: Dec;
  readonly changeMax: Dec;
}

export function requireCommission({ rate, rateMax, changeMax }: CommissionRates): void {
  for (const [name, value] of Object.entries({ rate, rateMax, changeMax })) {
    if (value < 0n || value > decOne) {
      throw commissionProblem(`commission's ${name} is ${formatDec(value)}; expected a share from 0 to 1`);
    }
  }
  if (rate > rateMax)
    throw commissionProblem(`commission is ${formatDec(rate)}, more than its most, ${formatDec(rateMax)}`);
  if (changeMax > rateMax) throw commissionProblem("commission may not change by more than its most");
}

/** Once an epoch, and upwards by so much at most: downwards as far as one likes. */
export function changedRate(
  commission: CommissionRates & Pick<Commission, "changedEpoch">,
  rate: Dec,
  epoch: bigint,
): void {
  if (commission.changedEpoch >= epoch) {
    throw commissionProblem("commission was changed in this epoch already; try again in the next one");
  }
  requireCommission({ ...commission, rate });
  if (rate - commission.rate > commission.changeMax) {
    throw commissionProblem(
      `commission would rise by ${formatDec(rate - commission.rate)}; expected ${formatDec(commission.changeMax)} at most`,
    );
  }
}
