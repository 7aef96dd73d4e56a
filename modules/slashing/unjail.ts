/** Whether a jailed validator may come back, in the order and words of cosmos-sdk x/slashing/keeper/unjail.go. */
import type { Context } from "../../chain/context.ts";
import { decTruncateInt } from "../../chain/dec.ts";
import { compareTimes } from "../../chain/time.ts";
import {
  consensusAddressOf,
  requireDelegation,
  requireValidator,
  tokensFromShares,
  unjail as unjailInStaking,
} from "../staking/index.ts";
import { notJailed, selfDelegationTooLow, stillJailed } from "./errors.ts";
import { getSigningInfo } from "./keeper.ts";

/** `operator` is the validator's account. One without signing info was never bonded: nothing keeps it in jail but its own stake. */
export function unjail(ctx: Context, operator: Uint8Array): void {
  const validator = requireValidator(ctx, operator);
  const { shares } = requireDelegation(ctx, operator, operator);
  const tokens = decTruncateInt(tokensFromShares(validator, shares));
  if (tokens < validator.minSelfDelegation) throw selfDelegationTooLow(tokens, validator.minSelfDelegation);
  if (!validator.jailed) throw notJailed();
  const address = consensusAddressOf(validator);
  const info = getSigningInfo(ctx, address);
  if (info?.tombstoned === true) throw stillJailed();
  if (info !== undefined && compareTimes(ctx.block.time, info.jailedUntil) < 0) throw stillJailed();
  unjailInStaking(ctx, address);
}
