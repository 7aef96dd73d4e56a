/**
 * What a relay earned and nobody claimed yet: the operator's commission, and what all who have shares in the bond own by one cumulative index.
 * It is kept by generations of some epochs each, so that what is unclaimed for long can be burned. Pure.
 */
import type { Dec } from "../../chain/dec.ts";
import { least, most, mulDivDown } from "./ratio.ts";

export interface Generation {
  readonly number: bigint;
  readonly commission: bigint;
  readonly pooled: bigint;
  /** What the index came to in it. */
  readonly indexEnd: bigint;
}

export interface Liquid {
  /** Oldest first. */
  readonly generations: readonly Generation[];
  readonly index: bigint;
  /** Where the oldest generation begins. */
  readonly indexFloor: bigint;
}

export const noLiquid: Liquid = { generations: [], index: 0n, indexFloor: 0n };

/** A window is cut into so many generations; one more is being filled, and one may be partly too old. */
const generationsPerWindow = 6n;

/** The index counts 10^-18 of the smallest coin for a whole share, and shares are in 10^-18. */
const indexOne = 10n ** 36n;

export const generationSpan = (window: bigint): bigint => (window + generationsPerWindow - 1n) / generationsPerWindow;

export interface Credit {
  readonly generation: bigint;
  readonly commission: bigint;
  /** For whoever has shares, in proportion. */
  readonly pooled: bigint;
  readonly shares: Dec;
}

/** Where nobody has a share, all is the operator's. The index is rounded down: what it loses is burned with its generation. */
export function credit(liquid: Liquid, { generation, commission, pooled, shares }: Credit): Liquid {
  if (commission === 0n && pooled === 0n) return liquid;
  const index = liquid.index + mulDivDown(pooled, indexOne, shares);
  const last = liquid.generations.at(-1);
  const isSame = last?.number === generation;
  const before = isSame ? last : { commission: 0n, pooled: 0n };
  const next: Generation = {
    number: generation,
    commission: before.commission + commission + (shares === 0n ? pooled : 0n),
    pooled: before.pooled + (shares === 0n ? 0n : pooled),
    indexEnd: index,
  };
  const older = isSame ? liquid.generations.slice(0, -1) : liquid.generations;
  return { ...liquid, generations: [...older, next], index };
}

/** Drops generations whose last epoch is further back than the window; what they held is to be burned. */
export function expire(
  liquid: Liquid,
  epoch: bigint,
  window: bigint,
): { readonly liquid: Liquid; readonly expired: bigint } {
  const span = generationSpan(window);
  const isOld = ({ number }: Generation): boolean => (number + 1n) * span + window <= epoch;
  const old = liquid.generations.filter(isOld);
  if (old.length === 0) return { liquid, expired: 0n };
  return {
    liquid: {
      generations: liquid.generations.slice(old.length),
      index: liquid.index,
      indexFloor: old.at(-1)!.indexEnd,
    },
    expired: old.reduce((sum, { commission, pooled }) => sum + commission + pooled, 0n),
  };
}

export interface Claimed {
  readonly liquid: Liquid;
  readonly amount: bigint;
}

/** What shares earned since the index stood at `start`, generation by generation, each rounded down. */
export function claimShares(liquid: Liquid, shares: Dec, start: bigint): Claimed {
  let amount = 0n;
  let begin = liquid.indexFloor;
  const generations = liquid.generations.map((generation) => {
    const from = most(begin, start);
    begin = generation.indexEnd;
    if (generation.indexEnd <= from) return generation;
    const part = least(generation.pooled, ((generation.indexEnd - from) * shares) / indexOne);
    amount += part;
    return { ...generation, pooled: generation.pooled - part };
  });
  return { liquid: { ...liquid, generations }, amount };
}

export function claimCommission(liquid: Liquid): Claimed {
  const amount = liquid.generations.reduce((sum, { commission }) => sum + commission, 0n);
  return { liquid: { ...liquid, generations: liquid.generations.map((of) => ({ ...of, commission: 0n })) }, amount };
}

/** Where nobody has a share any more. */
export const allCommission = (liquid: Liquid): Liquid => ({
  ...liquid,
  generations: liquid.generations.map((of) => ({ ...of, commission: of.commission + of.pooled, pooled: 0n })),
});

/** All that is owed by it. */
export const owed = ({ generations }: Liquid): bigint =>
  generations.reduce((sum, { commission, pooled }) => sum + commission + pooled, 0n);
