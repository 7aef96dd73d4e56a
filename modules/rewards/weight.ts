/**
 * What a relay weighs in an epoch (economics, Availability weight): x = min(claim′, measured) · σ · q · u · m · ρ · κ. Owns the factors and
 * their product; what measured them is attestation's, what follows from the sum of weights is curve.ts and families.ts. Pure.
 */
import { type Dec, decOne } from "../../chain/dec.ts";
import { least, mulDivDown } from "./ratio.ts";

/** In 10^-18 each. */
export interface Factors {
  readonly bondCover: Dec;
  readonly quality: Dec;
  readonly uptime: Dec;
  readonly scarcity: Dec;
  readonly reputation: Dec;
  readonly covert: Dec;
}

/** Rounded down once, at the end; what is cut off is nobody's. */
export function weightOf(bps: bigint, factors: Factors): bigint {
  const { bondCover, quality, uptime, scarcity, reputation, covert } = factors;
  return (bps * bondCover * quality * uptime * scarcity * reputation * covert) / decOne ** 6n;
}

/** min(1, bond / required), rounded down. */
export const bondCover = (bond: bigint, required: bigint): Dec =>
  required === 0n ? decOne : least(decOne, mulDivDown(bond, decOne, required));

const quarter = decOne / 4n;
/** Lost datagrams, and round trips against the claimed one, up to which the next better quality holds. */
const lossBounds: readonly Dec[] = [decOne / 200n, decOne / 100n, decOne / 50n, decOne / 20n];
const rttBounds: readonly Dec[] = [decOne, decOne + quarter, decOne + 2n * quarter, 2n * decOne];
const badLoss: Dec = decOne / 50n;
const badRttRatio: Dec = 2n * decOne;

/** 1, ¾, ½, ¼ or 0. */
function step(value: Dec, bounds: readonly Dec[]): Dec {
  const index = bounds.findIndex((bound) => value <= bound);
  return index === -1 ? 0n : decOne - BigInt(index) * quarter;
}

export interface Line {
  /** Lost datagrams, as a share. */
  readonly loss: Dec;
  /** Round trips to oracles of the same cell, of the claimed one; undefined where none measured it, which is neutral. */
  readonly rttRatio: Dec | undefined;
}

/** The worse of loss and delay. */
export const qualityOf = ({ loss, rttRatio }: Line): Dec =>
  least(step(loss, lossBounds), rttRatio === undefined ? decOne : step(rttRatio, rttBounds));

/** What two of three audited epochs are punished for. */
export const isBadQuality = ({ loss, rttRatio }: Line): boolean =>
  loss > badLoss || (rttRatio !== undefined && rttRatio > badRttRatio);
