/**
 * Who follows what happens in staking: plain calls, one line each, in the order of cosmos-sdk's simapp (distribution before slashing).
 * The only place from which staking calls modules that import it; nothing here is used before all modules are loaded.
 *
 * `cause` says what a follower may do: a user's "message" it may refuse; what happens of itself in a "block" it must let happen.
 */
import type { Context } from "../../chain/context.ts";
import type { Dec } from "../../chain/dec.ts";

export type Cause = "message" | "block";

/** `validator` is the operator's address. The record is stored; nothing is delegated yet. */
export function afterValidatorCreated(_ctx: Context, _validator: Uint8Array): void {}

/** Before its commission changes or it is slashed. */
export function beforeValidatorModified(_ctx: Context, _validator: Uint8Array): void {}

/** The record is gone. */
export function afterValidatorRemoved(
  _ctx: Context,
  _consensusAddress: Uint8Array,
  _validator: Uint8Array,
  _cause: Cause,
): void {}

export function afterValidatorBonded(_ctx: Context, _consensusAddress: Uint8Array, _validator: Uint8Array): void {}

export function afterValidatorBeginUnbonding(
  _ctx: Context,
  _consensusAddress: Uint8Array,
  _validator: Uint8Array,
): void {}

/** Neither the delegation nor its tokens are with the validator yet. */
export function beforeDelegationCreated(_ctx: Context, _delegator: Uint8Array, _validator: Uint8Array): void {}

/** The delegation has its old shares, the validator its old tokens. */
export function beforeDelegationSharesModified(
  _ctx: Context,
  _delegator: Uint8Array,
  _validator: Uint8Array,
  _cause: Cause,
): void {}

/** The record is still stored. */
export function beforeDelegationRemoved(_ctx: Context, _delegator: Uint8Array, _validator: Uint8Array): void {}

/** Both records have their new numbers, but of an unbonding: there the validator's tokens are taken afterwards. */
export function afterDelegationModified(_ctx: Context, _delegator: Uint8Array, _validator: Uint8Array): void {}

/** `fraction` of its tokens is about to be burned. */
export function beforeValidatorSlashed(_ctx: Context, _validator: Uint8Array, _fraction: Dec): void {}
