/** Distribution's events, named as cosmos-sdk x/distribution/types/events.go names them: indexers and wallets read them. */
import { type ChainEvent, event } from "../../chain/events.ts";

export const rewarded = (amount: string, validator: string): ChainEvent => event("rewards", { amount, validator });
export const commissioned = (amount: string, validator: string): ChainEvent =>
  event("commission", { amount, validator });
export const proposerRewarded = (amount: string, validator: string): ChainEvent =>
  event("proposer_reward", { amount, validator });
export const withdrawAddressSet = (withdraw_address: string): ChainEvent =>
  event("set_withdraw_address", { withdraw_address });
export const rewardsWithdrawn = (amount: string, validator: string, delegator: string): ChainEvent =>
  event("withdraw_rewards", { amount, validator, delegator });
export const commissionWithdrawn = (amount: string): ChainEvent => event("withdraw_commission", { amount });
export const redirected = (original: string, resolved: string, validator: string, delegator?: string): ChainEvent =>
  event("withdraw_addr_redirected", {
    original_withdraw_address: original,
    withdraw_address: resolved,
    validator,
    ...(delegator === undefined ? {} : { delegator }),
  });
