/** What distribution does when something happens in staking (cosmos-sdk x/distribution/keeper/hooks.go): called from staking/hooks.ts. */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Dec } from "../../chain/dec.ts";
import { subtractDecCoins } from "../../chain/deccoinsets.ts";
import { type Cause, requireValidator } from "../staking/index.ts";
import { beginDelegation, settleDelegation } from "./delegations.ts";
import {
  beginValidator,
  endPeriod,
  forgetValidator,
  getAccumulatedCommission,
  getOutstandingRewards,
  recordSlash,
} from "./periods.ts";
import {
  addToCommunityPool,
  chosenDestination,
  type Destination,
  payOut,
  possibleDestination,
  tellRedirection,
} from "./pool.ts";

/** A user's "message" fails where coins cannot go where they should; what happens of itself in a "block" finds another way. */
const destinationOf = (ctx: ReadContext, owner: Uint8Array, cause: Cause): Destination =>
  cause === "message" ? chosenDestination(ctx, owner) : possibleDestination(ctx, owner);

export const afterValidatorCreated = (ctx: Context, operator: Uint8Array): void => beginValidator(ctx, operator);

/** Pays the commission out; what nobody can claim any more, a last remainder, goes to the community pool. */
export function afterValidatorRemoved(ctx: Context, operator: Uint8Array, cause: Cause): void {
  const commission = getAccumulatedCommission(ctx, operator);
  const left = subtractDecCoins(getOutstandingRewards(ctx, operator), commission);
  if (commission.length > 0) {
    const destination = destinationOf(ctx, operator, cause);
    payOut(ctx, commission, destination);
    tellRedirection(ctx, destination, validatorAddress.encode(operator));
  }
  addToCommunityPool(ctx, left);
  forgetValidator(ctx, operator);
}

export function beforeDelegationCreated(ctx: Context, operator: Uint8Array): void {
  endPeriod(ctx, operator, requireValidator(ctx, operator));
}

/** Rewards are withdrawn by the old stake. */
export function beforeDelegationSharesModified(
  ctx: Context,
  delegator: Uint8Array,
  operator: Uint8Array,
  cause: Cause,
): void {
  const destination = destinationOf(ctx, delegator, cause);
  settleDelegation(ctx, delegator, operator, destination);
  tellRedirection(ctx, destination, validatorAddress.encode(operator), accountAddress.encode(delegator));
}

export const afterDelegationModified = (ctx: Context, delegator: Uint8Array, operator: Uint8Array): void =>
  beginDelegation(ctx, delegator, operator);

export const beforeValidatorSlashed = (ctx: Context, operator: Uint8Array, fraction: Dec): void =>
  recordSlash(ctx, operator, fraction);
