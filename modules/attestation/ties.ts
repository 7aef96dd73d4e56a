/**
 * Which operators of oracles delegate to a relay, and in which epochs: their oracles do not measure it. Owns no delegation; an oracle's operator
 * alone can tie itself, so that nobody can keep another's oracle away.
 */
import { accountAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Tie } from "../../proto/gen/weir/attestation/v1/state.ts";
import { epochsRead } from "./epochvalues.ts";
import { epochNow, nextEpoch } from "./records.ts";
import * as state from "./state.ts";
import { isRelay } from "./subject.ts";

const tiesOf = (ctx: ReadContext, relay: bigint, operator: Uint8Array): readonly Tie[] =>
  state.ties.get(ctx, [relay, operator])?.ties ?? [];

const isOpen = ({ untilEpoch }: Tie): boolean => untilEpoch === 0n;

/** What no epoch reads any more, or none ever did, is forgotten. */
function setTies(ctx: Context, relay: bigint, operator: Uint8Array, ties: readonly Tie[]): void {
  const oldest = epochNow(ctx) - epochsRead;
  const kept = ties.filter((tie) => isOpen(tie) || (tie.untilEpoch > oldest && tie.untilEpoch > tie.fromEpoch));
  if (kept.length === 0) state.ties.delete(ctx, [relay, operator]);
  else state.ties.set(ctx, [relay, operator], { ties: kept });
}

const hasOracles = (ctx: ReadContext, operator: Uint8Array): boolean => {
  const { done } = state.oraclesByOperator.keys(ctx, { leading: [operator] }).next();
  return done !== true;
};

/** Of an account that begins to delegate; where it has no oracles nothing is kept. */
export function openTie(ctx: Context, relay: bigint, delegator: Uint8Array): void {
  if (!hasOracles(ctx, delegator)) return;
  const ties = tiesOf(ctx, relay, delegator);
  if (ties.some(isOpen)) return;
  setTies(ctx, relay, delegator, [...ties, { fromEpoch: nextEpoch(ctx), untilEpoch: 0n }]);
}

/** Of one that does not any more, from the next open on. */
export function closeTie(ctx: Context, relay: bigint, delegator: Uint8Array): void {
  const ties = tiesOf(ctx, relay, delegator);
  if (!ties.some(isOpen)) return;
  const untilEpoch = nextEpoch(ctx);
  setTies(
    ctx,
    relay,
    delegator,
    ties.map((tie) => (isOpen(tie) ? { ...tie, untilEpoch } : tie)),
  );
}

/** Of an operator that has registered its first oracle: as many as it delegates to, which it pays gas for. */
export function tieDelegations(ctx: Context, operator: Uint8Array): void {
  for (const [, subject] of [...state.delegationsByDelegator.keys(ctx, { leading: [operator] })]) {
    if (isRelay(subject)) openTie(ctx, subject.id, operator);
  }
}

/** Operators of oracles that delegated to the relay when the epoch opened. */
export function tiedOperators(ctx: ReadContext, epoch: bigint, relay: bigint): ReadonlySet<string> {
  const tied = new Set<string>();
  for (const [[, operator], { ties }] of state.ties.iterate(ctx, { leading: [relay] })) {
    const isTied = ties.some(
      ({ fromEpoch, untilEpoch }) => fromEpoch <= epoch && (untilEpoch === 0n || epoch < untilEpoch),
    );
    if (isTied) tied.add(accountAddress.encode(operator));
  }
  return tied;
}

/** Of a relay whose record goes. */
export function forgetTies(ctx: Context, relay: bigint): void {
  for (const key of [...state.ties.keys(ctx, { leading: [relay] })]) state.ties.delete(ctx, key);
}
