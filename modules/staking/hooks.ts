/**
 * Who follows what happens in staking: plain calls, one line each, in the order of cosmos-sdk's simapp (distribution before slashing).
 * The only place from which staking calls modules that import it; nothing here is used before all modules are loaded.
 *
 * `cause` says what a follower may do: a user's "message" it may refuse; what happens of itself in a "block" it must let happen.
 */
import type { Context } from "../../chain/context.ts";
import type { Dec } from "../../chain/dec.ts";
import * as beacon from "../beacon/index.ts";
import * as distribution from "../distribution/index.ts";
import * as gov from "../gov/index.ts";
import * as slashing from "../slashing/index.ts";

export type Cause = "message" | "block";

/** `validator` is the operator's address. The record is stored; nothing is delegated yet. */
export function afterValidatorCreated(ctx: Context, validator: Uint8Array): void {
  distribution.afterValidatorCreated(ctx, validator);
  slashing.afterValidatorCreated(ctx, validator);
}

/** Before its commission changes or it is slashed. */
export function beforeValidatorModified(_ctx: Context, _validator: Uint8Array): void {}

/** The record is gone. */
export function afterValidatorRemoved(
  ctx: Context,
  consensusAddress: Uint8Array,
  validator: Uint8Array,
  cause: Cause,
): void {
  distribution.afterValidatorRemoved(ctx, validator, cause);
  slashing.afterValidatorRemoved(ctx, consensusAddress);
  beacon.afterValidatorRemoved(ctx, validator);
}

export function afterValidatorBonded(ctx: Context, consensusAddress: Uint8Array, _validator: Uint8Array): void {
  slashing.afterValidatorBonded(ctx, consensusAddress);
}

export function afterValidatorBeginUnbonding(
  _ctx: Context,
  _consensusAddress: Uint8Array,
  _validator: Uint8Array,
): void {}

/** Neither the delegation nor its tokens are with the validator yet. */
export function beforeDelegationCreated(ctx: Context, delegator: Uint8Array, validator: Uint8Array): void {
  gov.beforeDelegationsChange(ctx, delegator);
  distribution.beforeDelegationCreated(ctx, validator);
}

/** The delegation has its old shares, the validator its old tokens. */
export function beforeDelegationSharesModified(
  ctx: Context,
  delegator: Uint8Array,
  validator: Uint8Array,
  cause: Cause,
): void {
  gov.beforeDelegationsChange(ctx, delegator);
  distribution.beforeDelegationSharesModified(ctx, delegator, validator, cause);
}

/** The record is still stored. */
export function beforeDelegationRemoved(_ctx: Context, _delegator: Uint8Array, _validator: Uint8Array): void {}

/** Both records have their new numbers, but of an unbonding: there the validator's tokens are taken afterwards. */
export function afterDelegationModified(ctx: Context, delegator: Uint8Array, validator: Uint8Array): void {
  distribution.afterDelegationModified(ctx, delegator, validator);
}

/** `fraction` of its tokens is about to be burned. */
export function beforeValidatorSlashed(ctx: Context, validator: Uint8Array, fraction: Dec): void {
  distribution.beforeValidatorSlashed(ctx, validator, fraction);
}
