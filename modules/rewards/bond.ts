/** What bond a claim takes (economics, Bond and slashing), but for the least bond, which is attestation's. Pure. */
import { type Dec, decOne } from "../../chain/dec.ts";
import { most, mulDivDown, mulDivUp } from "./ratio.ts";
import { stepTowards } from "./scarcity.ts";

export interface BondRule {
  readonly bondEpochs: bigint;
  readonly referenceBps: bigint;
  readonly stepMax: Dec;
}

/** 30 · P / max(K_ref, K) of the smallest coin per bps, rounded down. P is an epoch's pool, K what the last settled epoch measured. */
export const bondRateTarget = (pool: bigint, measuredBps: bigint, { bondEpochs, referenceBps }: BondRule): Dec =>
  mulDivDown(bondEpochs * pool, decOne, most(referenceBps, measuredBps));

/** The first rate is the target, each later one moves towards it. */
export const nextBondRate = (before: Dec, target: Dec, { stepMax }: BondRule): Dec =>
  before === 0n ? target : stepTowards(before, target, stepMax);

/** Rounded up. */
export const bondForClaim = (rate: Dec, claimBps: bigint): bigint => mulDivUp(rate, claimBps, decOne);
