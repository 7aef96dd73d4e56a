/** Numbers of what is unbonding: delegations, redelegations, validators. Owns the counter and where each number is to be found. */
import type { Context } from "../../chain/context.ts";
import { encodeKey } from "../../chain/keycodec.ts";
import * as state from "./state.ts";

/** The SDK's numbers of kinds. */
export const unbondingTypes = { delegation: 1n, redelegation: 2n, validator: 3n } as const;

/** The first is 1. */
export function nextUnbondingId(ctx: Context): bigint {
  const id = (state.lastUnbondingId.get(ctx) ?? 0n) + 1n;
  state.lastUnbondingId.set(ctx, id);
  return id;
}

function index(ctx: Context, id: bigint, type: bigint, recordKey: Uint8Array): void {
  state.unbondingIndex.set(ctx, id, recordKey);
  state.unbondingTypes.set(ctx, id, type);
}

/** Unlike the SDK, which leaves the kind behind for ever, both are deleted. */
export function deleteUnbondingId(ctx: Context, id: bigint): void {
  state.unbondingIndex.delete(ctx, id);
  state.unbondingTypes.delete(ctx, id);
}

export function indexUnbonding(ctx: Context, id: bigint, delegator: Uint8Array, operator: Uint8Array): void {
  const { prefix, keyCodec } = state.unbondingDelegations;
  index(ctx, id, unbondingTypes.delegation, encodeKey(prefix, keyCodec, [delegator, operator]));
}

export function indexRedelegation(
  ctx: Context,
  id: bigint,
  [delegator, source, destination]: readonly [Uint8Array, Uint8Array, Uint8Array],
): void {
  const { prefix, keyCodec } = state.redelegations;
  index(ctx, id, unbondingTypes.redelegation, encodeKey(prefix, keyCodec, [delegator, source, destination]));
}

export function indexValidator(ctx: Context, id: bigint, operator: Uint8Array): void {
  const { prefix, keyCodec } = state.validators;
  index(ctx, id, unbondingTypes.validator, encodeKey(prefix, keyCodec, operator));
}
