/** Staking's events, named as cosmos-sdk x/staking/types/events.go names them: explorers and wallets read them. */
import type { Timestamp } from "../../chain/context.ts";
import { type ChainEvent, event } from "../../chain/events.ts";
import { formatRfc3339 } from "../../chain/rfc3339.ts";
import type { DVPair, DVVTriplet } from "../../proto/gen/cosmos/staking/v1beta1/staking.ts";

/** Go's time.RFC3339: whole seconds. */
const seconds = ({ seconds }: Timestamp): string => formatRfc3339({ seconds, nanos: 0 });

export const validatorCreated = (validator: string, amount: string): ChainEvent =>
  event("create_validator", { validator, amount });

export const validatorEdited = (commissionRate: string, minSelfDelegation: string): ChainEvent =>
  event("edit_validator", { commission_rate: commissionRate, min_self_delegation: minSelfDelegation });

export const delegated = (
  { validatorAddress, delegatorAddress }: DVPair,
  amount: string,
  newShares: string,
): ChainEvent =>
  event("delegate", { validator: validatorAddress, delegator: delegatorAddress, amount, new_shares: newShares });

export const undelegated = (
  { validatorAddress, delegatorAddress }: DVPair,
  amount: string,
  completionTime: Timestamp,
): ChainEvent =>
  event("unbond", {
    validator: validatorAddress,
    delegator: delegatorAddress,
    amount,
    completion_time: seconds(completionTime),
  });

export const redelegated = (
  source: string,
  destination: string,
  amount: string,
  completionTime: Timestamp,
): ChainEvent =>
  event("redelegate", {
    source_validator: source,
    destination_validator: destination,
    amount,
    completion_time: seconds(completionTime),
  });

export const unbondingCancelled = (
  { validatorAddress, delegatorAddress }: DVPair,
  amount: string,
  creationHeight: bigint,
): ChainEvent =>
  event("cancel_unbonding_delegation", {
    amount,
    validator: validatorAddress,
    delegator: delegatorAddress,
    creation_height: `${creationHeight}`,
  });

export const unbondingCompleted = (amount: string, { validatorAddress, delegatorAddress }: DVPair): ChainEvent =>
  event("complete_unbonding", { amount, validator: validatorAddress, delegator: delegatorAddress });

export const redelegationCompleted = (amount: string, triplet: DVVTriplet): ChainEvent =>
  event("complete_redelegation", {
    amount,
    delegator: triplet.delegatorAddress,
    source_validator: triplet.validatorSrcAddress,
    destination_validator: triplet.validatorDstAddress,
  });
