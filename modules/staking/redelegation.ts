/** Tokens that move from one validator to another; for the unbonding time they answer for what the first one did. Owns entries and queue. */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import type { Context, ReadContext, Timestamp } from "../../chain/context.ts";
import type { Dec } from "../../chain/dec.ts";
import { addDuration } from "../../chain/time.ts";
import { delegateStaked, unbond } from "./delegate.ts";
import { isMature, type Redelegation, type RedelegationEntry } from "./delegation.ts";
import {
  badRedelegationDestination,
  badRedelegationSource,
  maxRedelegationEntries,
  selfRedelegation,
  tinyRedelegationAmount,
  transitiveRedelegation,
} from "./errors.ts";
import { getParams, getValidator } from "./keeper.ts";
import * as state from "./state.ts";
import { deleteUnbondingId, indexRedelegation, nextUnbondingId } from "./unbondingid.ts";
import { bonded, epoch, unbonded } from "./validator.ts";

/** Delegator, source, destination. */
export type Route = readonly [delegator: Uint8Array, source: Uint8Array, destination: Uint8Array];

export const getRedelegation = (ctx: ReadContext, route: Route): Redelegation | undefined =>
  state.redelegations.get(ctx, route);

/** Removed when no entry is left. Returns its route. */
export function setRedelegation(ctx: Context, redelegation: Redelegation): Route {
  const delegator = accountAddress.decode(redelegation.delegatorAddress);
  const source = validatorAddress.decode(redelegation.validatorSrcAddress);
  const destination = validatorAddress.decode(redelegation.validatorDstAddress);
  const route: Route = [delegator, source, destination];
  if (redelegation.entries.length === 0) {
    state.redelegations.delete(ctx, route);
    state.redelegationsBySource.delete(ctx, [source, delegator, destination]);
    state.redelegationsByDestination.delete(ctx, [destination, delegator, source]);
    return route;
  }
  const isNew = !state.redelegations.has(ctx, route);
  state.redelegations.set(ctx, route, redelegation);
  if (!isNew) return route;
  state.redelegationsBySource.add(ctx, [source, delegator, destination]);
  state.redelegationsByDestination.add(ctx, [destination, delegator, source]);
  return route;
}

/** All that left one validator for another, in order of delegator and destination. */
export function* redelegationsFrom(ctx: ReadContext, source: Uint8Array): Generator<Redelegation> {
  for (const [, delegator, destination] of state.redelegationsBySource.keys(ctx, { leading: [source] })) {
    const redelegation = getRedelegation(ctx, [delegator, source, destination]);
    if (redelegation === undefined) throw new Error("a redelegation is indexed but is not stored");
    yield redelegation;
  }
}

/** Of one delegator, at most `limit`. */
export function* delegatorRedelegations(
  ctx: ReadContext,
  delegator: Uint8Array,
  limit: number,
): Generator<Redelegation> {
  let left = limit;
  for (const [, redelegation] of state.redelegations.iterate(ctx, { leading: [delegator] })) {
    if (left-- === 0) return;
    yield redelegation;
  }
}

/** Tokens that came by a redelegation stay until it is complete, or a slash would have to follow them from one to the next. */
export function isReceivingRedelegation(ctx: ReadContext, delegator: Uint8Array, destination: Uint8Array): boolean {
  const keys = state.redelegationsByDestination.keys(ctx, { leading: [destination, delegator] });
  return keys.next().done !== true;
}

export function enqueueRedelegation(
  ctx: Context,
  route: Omit<Redelegation, "entries">,
  { completionTime, unbondingId }: RedelegationEntry,
): void {
  const { delegatorAddress, validatorSrcAddress, validatorDstAddress } = route;
  const triplet = { delegatorAddress, validatorSrcAddress, validatorDstAddress };
  state.redelegationQueue.set(ctx, [completionTime, unbondingId], triplet);
}

interface Begin {
  readonly height: bigint;
  readonly completionTime: Timestamp;
}

/** Of a source that is unbonding already, what it did counts until it is unbonded; of one that is unbonded, nothing does. */
function beginOf(ctx: ReadContext, source: Uint8Array): Begin | undefined {
  const validator = getValidator(ctx, source);
  if (validator === undefined || validator.status === unbonded) return undefined;
  if (validator.status === bonded) {
    return {
      height: ctx.block.height,
      completionTime: addDuration(ctx.block.time, getParams(ctx).unbondingTime!),
    };
  }
  return { height: validator.unbondingHeight, completionTime: validator.unbondingTime };
}

function addEntry(ctx: Context, route: Route, begin: Begin, amount: bigint, sharesDst: Dec): void {
  const [delegator, source, destination] = route;
  const unbondingId = nextUnbondingId(ctx);
  const redelegation = getRedelegation(ctx, route) ?? {
    delegatorAddress: accountAddress.encode(delegator),
    validatorSrcAddress: validatorAddress.encode(source),
    validatorDstAddress: validatorAddress.encode(destination),
    entries: [],
  };
  const entry = {
    creationHeight: begin.height,
    completionTime: begin.completionTime,
    initialBalance: amount,
    sharesDst,
    unbondingId,
    unbondingOnHoldRefCount: 0n,
  };
  setRedelegation(ctx, { ...redelegation, entries: [...redelegation.entries, entry] });
  indexRedelegation(ctx, unbondingId, route);
  enqueueRedelegation(ctx, redelegation, entry);
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

/** Returns when it is complete: at once (the zero time of Go) where the source is unbonded. */
export function beginRedelegation(ctx: Context, route: Route, shares: Dec): Timestamp {
  const [delegator, source, destination] = route;
  if (sameBytes(source, destination)) throw selfRedelegation();
  const to = getValidator(ctx, destination);
  if (to === undefined) throw badRedelegationDestination();
  const from = getValidator(ctx, source);
  if (from === undefined) throw badRedelegationSource();
  if (isReceivingRedelegation(ctx, delegator, source)) throw transitiveRedelegation();
  const entries = getRedelegation(ctx, route)?.entries ?? [];
  if (entries.length >= getParams(ctx).maxEntries) throw maxRedelegationEntries();
  const amount = unbond(ctx, delegator, source, shares, "message");
  if (amount === 0n) throw tinyRedelegationAmount();
  const sharesDst = delegateStaked(ctx, delegator, amount, from.status, to);
  const begin = beginOf(ctx, source);
  if (begin === undefined) return zeroTime;
  addEntry(ctx, route, begin, amount, sharesDst);
  return begin.completionTime;
}

/** Go's time.Time{}: the year 1. */
const zeroTime: Timestamp = { seconds: -62_135_596_800n, nanos: epoch.nanos };

/** Forgets every entry of the route that is mature and returns what they were; undefined when there is none. */
export function completeRedelegation(ctx: Context, route: Route): bigint | undefined {
  const redelegation = getRedelegation(ctx, route);
  if (redelegation === undefined) return undefined;
  let completed = 0n;
  const left: RedelegationEntry[] = [];
  for (const entry of redelegation.entries) {
    if (!isMature(entry, ctx.block.time)) {
      left.push(entry);
      continue;
    }
    deleteUnbondingId(ctx, entry.unbondingId);
    state.redelegationQueue.delete(ctx, [entry.completionTime, entry.unbondingId]);
    completed += entry.initialBalance;
  }
  if (left.length === redelegation.entries.length) return undefined;
  setRedelegation(ctx, { ...redelegation, entries: left });
  return completed;
}
