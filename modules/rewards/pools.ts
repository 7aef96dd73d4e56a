/**
 * How an epoch's emission is shared out (economics, Emission): pools, net emission, what a pool pays. Owns the arithmetic; minting is
 * finalize.ts. Every amount is rounded down and what is left over is not minted. Pure.
 */
import { type Dec, decOne } from "../../chain/dec.ts";
import { clamp, least, most, mulDivDown } from "./ratio.ts";

/** Sums of burns and schedules go over so many epochs, and means are divided by it, from the first one on. */
export const meanEpochs = 7;

export interface PoolRule {
  readonly validatorsShare: Dec;
  readonly oraclesShare: Dec;
  readonly availabilityShareMax: Dec;
  readonly availabilityShareMin: Dec;
}

export interface Amounts {
  readonly validators: bigint;
  readonly oracles: bigint;
  readonly availability: bigint;
  readonly usage: bigint;
}

export const noAmounts: Amounts = { validators: 0n, oracles: 0n, availability: 0n, usage: 0n };

export const sumOf = ({ validators, oracles, availability, usage }: Amounts): bigint =>
  validators + oracles + availability + usage;

/** U = min(1, burned / scheduled) of the last epochs, rounded down; burns count less their re-mint. */
export const utilization = (burned: bigint, scheduled: bigint): Dec =>
  least(decOne, mulDivDown(burned, decOne, scheduled));

/** clamp(max · (1 − U), min, max), rounded down. */
export const availabilityShare = (utilized: Dec, rule: PoolRule): Dec =>
  clamp(
    mulDivDown(rule.availabilityShareMax, decOne - utilized, decOne),
    rule.availabilityShareMin,
    rule.availabilityShareMax,
  );

/** What there is to pay at most: usage has what the three others leave of the whole. */
export function poolsOf(total: bigint, utilized: Dec, rule: PoolRule): Amounts {
  const share = availabilityShare(utilized, rule);
  const part = (of: Dec): bigint => mulDivDown(total, of, decOne);
  const usage = decOne - rule.validatorsShare - rule.oraclesShare - share;
  return {
    validators: part(rule.validatorsShare),
    oracles: part(rule.oraclesShare),
    availability: part(share),
    usage: part(usage),
  };
}

/** min(mean of burned, 1% of the first epoch's emission). */
export const netEmission = (burned: bigint, firstEmission: bigint, shareMax: Dec): bigint =>
  least(burned / BigInt(meanEpochs), mulDivDown(firstEmission, shareMax, decOne));

/** At most what was there is paid: a pool is divided by K_ref where weights are less. */
export const divisorOf = (referenceBps: bigint, totalWeight: bigint): bigint => most(referenceBps, totalWeight);

/** What weights together, and what one of them, is paid. */
export const availabilityPay = (pool: bigint, weight: bigint, divisor: bigint): bigint =>
  mulDivDown(pool, weight, divisor);

/** θ of what an auction burned for good, if anything was settled to share it by. */
export const usagePaid = (pool: bigint, burnedForGood: bigint, settledValue: bigint, burnShare: Dec): bigint =>
  settledValue === 0n ? 0n : least(pool, mulDivDown(most(burnedForGood, 0n), burnShare, decOne));
