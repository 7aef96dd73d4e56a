/**
 * A bond: tokens that many own by shares, and the least of them in each epoch, so that what is bonded for a moment counts for nothing.
 * Pure arithmetic; who bonds and what a slash takes is bonds.ts and slash.ts.
 */
import { type Dec, decFromInt, decFromProto, decMulInt, decOne, decQuoInt, decToProto } from "../../chain/dec.ts";
import { parseIntText } from "../../chain/int.ts";
import type * as proto from "../../proto/gen/weir/attestation/v1/state.ts";
import { epochsRead } from "./epochvalues.ts";

export interface Shared {
  readonly tokens: bigint;
  readonly shares: Dec;
}

/** The tokens in an epoch in which they changed. */
export interface BondSpan {
  readonly epoch: bigint;
  readonly first: bigint;
  readonly least: bigint;
  readonly last: bigint;
}

export interface BondPool extends Shared {
  /** In ascending order; epochs in which nothing changed have none. */
  readonly spans: readonly BondSpan[];
}

export const emptyPool: BondPool = { tokens: 0n, shares: 0n, spans: [] };

// ----------------------------------------------------------------------------------------------------------------- shares

/** Of a pool that was slashed to nothing no share can be had: it would own what others lost. */
export const isInsolvent = ({ tokens, shares }: Shared): boolean => tokens === 0n && shares > 0n;

/** Rounded down: the remainder is the pool's. */
export const sharesFor = ({ tokens, shares }: Shared, amount: bigint): Dec =>
  shares === 0n ? decFromInt(amount) : decQuoInt(decMulInt(shares, amount), tokens);

/** Rounded down. */
export const worth = ({ tokens, shares }: Shared, held: Dec): bigint => (shares === 0n ? 0n : (held * tokens) / shares);

/** What shares are paid when they go: the last ones take all that is left. */
export const payout = (pool: Shared, held: Dec): bigint => (held === pool.shares ? pool.tokens : worth(pool, held));

/** Rounded up, so that what is paid is never worth more than the shares that go. */
export function sharesToTake({ tokens, shares }: Shared, amount: bigint): Dec {
  const scaled = shares * amount;
  return tokens === 0n ? 0n : (scaled + tokens - 1n) / tokens;
}

/** A share of tokens, rounded down. */
export const fractionOf = (tokens: bigint, fraction: Dec): bigint => (tokens * fraction) / decOne;

// ------------------------------------------------------------------------------------------------------------- over epochs

/** The pool with other tokens from now on; spans that no epoch reads any more are left out. */
export function withTokens(pool: BondPool, tokens: bigint, epoch: bigint): BondPool {
  const before = pool.spans.at(-1);
  const isSame = before?.epoch === epoch;
  const first = isSame ? before.first : pool.tokens;
  const least = isSame && before.least < tokens ? before.least : first < tokens ? first : tokens;
  const span = { epoch, first, least, last: tokens };
  const spans = isSame ? [...pool.spans.slice(0, -1), span] : [...pool.spans, span];
  const needed = spans.findLastIndex((one) => one.epoch < epoch - epochsRead);
  return { ...pool, tokens, spans: needed <= 0 ? spans : spans.slice(needed) };
}

function steadyIn({ spans, tokens }: BondPool, epoch: bigint): bigint {
  const before = spans.findLast((span) => span.epoch < epoch);
  if (before !== undefined) return before.last;
  return spans[0]?.first ?? tokens;
}

const spanOf = ({ spans }: BondPool, epoch: bigint): BondSpan | undefined => spans.find((span) => span.epoch === epoch);

/** When the epoch opened. */
export const tokensAtOpen = (pool: BondPool, epoch: bigint): bigint =>
  spanOf(pool, epoch)?.first ?? steadyIn(pool, epoch);

/** The least there was in the epoch; of one that is open, until now. */
export const leastTokensIn = (pool: BondPool, epoch: bigint): bigint =>
  spanOf(pool, epoch)?.least ?? steadyIn(pool, epoch);

// ------------------------------------------------------------------------------------------------------------------- protobuf

export const poolFromProto = ({ tokens, shares, spans }: proto.BondPool): BondPool => ({
  tokens: parseIntText(tokens),
  shares: decFromProto(shares),
  spans: spans.map(({ epoch, first, least, last }) => ({
    epoch,
    first: parseIntText(first),
    least: parseIntText(least),
    last: parseIntText(last),
  })),
});

export const poolToProto = ({ tokens, shares, spans }: BondPool): proto.BondPool => ({
  tokens: `${tokens}`,
  shares: decToProto(shares),
  spans: spans.map(({ epoch, first, least, last }) => ({
    epoch,
    first: `${first}`,
    least: `${least}`,
    last: `${last}`,
  })),
});

export const sharedFromProto = ({ tokens, shares }: proto.UnbondingPool): Shared => ({
  tokens: parseIntText(tokens),
  shares: decFromProto(shares),
});

export const sharedToProto = ({ tokens, shares }: Shared): proto.UnbondingPool => ({
  tokens: `${tokens}`,
  shares: decToProto(shares),
});
