/** Delegations and what is leaving them, as the chain holds them, with their protobuf. Pure. */
import type { Timestamp } from "../../chain/context.ts";
import { type Dec, decFromProto, decToProto } from "../../chain/dec.ts";
import { parseIntText } from "../../chain/int.ts";
import { compareTimes } from "../../chain/time.ts";
import type * as proto from "../../proto/gen/cosmos/staking/v1beta1/staking.ts";
import { epoch } from "./validator.ts";

export interface Delegation {
  readonly delegatorAddress: string;
  readonly validatorAddress: string;
  readonly shares: Dec;
}

export interface UnbondingEntry {
  /** When the tokens left the validator: what was done before that is none of theirs. */
  readonly creationHeight: bigint;
  readonly completionTime: Timestamp;
  readonly initialBalance: bigint;
  /** Less than at first when it was slashed. */
  readonly balance: bigint;
  readonly unbondingId: bigint;
  readonly unbondingOnHoldRefCount: bigint;
}

export interface UnbondingDelegation {
  readonly delegatorAddress: string;
  readonly validatorAddress: string;
  readonly entries: readonly UnbondingEntry[];
}

export interface RedelegationEntry {
  readonly creationHeight: bigint;
  readonly completionTime: Timestamp;
  readonly initialBalance: bigint;
  readonly sharesDst: Dec;
  readonly unbondingId: bigint;
  readonly unbondingOnHoldRefCount: bigint;
}

export interface Redelegation {
  readonly delegatorAddress: string;
  readonly validatorSrcAddress: string;
  readonly validatorDstAddress: string;
  readonly entries: readonly RedelegationEntry[];
}

type Maturing = Pick<UnbondingEntry, "completionTime" | "unbondingOnHoldRefCount">;

/** Its time has come and nobody holds it: it can be completed, and cannot be slashed any more. */
export const isMature = ({ completionTime, unbondingOnHoldRefCount }: Maturing, now: Timestamp): boolean =>
  unbondingOnHoldRefCount <= 0n && compareTimes(completionTime, now) <= 0;

// ------------------------------------------------------------------------------------------------------------------- protobuf

export const delegationFromProto = (delegation: proto.Delegation): Delegation => ({
  ...delegation,
  shares: decFromProto(delegation.shares),
});

export const delegationToProto = (delegation: Delegation): proto.Delegation => ({
  ...delegation,
  shares: decToProto(delegation.shares),
});

export const unbondingFromProto = (unbonding: proto.UnbondingDelegation): UnbondingDelegation => ({
  ...unbonding,
  entries: unbonding.entries.map((entry) => ({
    ...entry,
    completionTime: entry.completionTime ?? epoch,
    initialBalance: parseIntText(entry.initialBalance),
    balance: parseIntText(entry.balance),
  })),
});

export const unbondingToProto = (unbonding: UnbondingDelegation): proto.UnbondingDelegation => ({
  ...unbonding,
  entries: unbonding.entries.map((entry) => ({
    ...entry,
    initialBalance: `${entry.initialBalance}`,
    balance: `${entry.balance}`,
  })),
});

export const redelegationFromProto = (redelegation: proto.Redelegation): Redelegation => ({
  ...redelegation,
  entries: redelegation.entries.map((entry) => ({
    ...entry,
    completionTime: entry.completionTime ?? epoch,
    initialBalance: parseIntText(entry.initialBalance),
    sharesDst: decFromProto(entry.sharesDst),
  })),
});

export const redelegationToProto = (redelegation: Redelegation): proto.Redelegation => ({
  ...redelegation,
  entries: redelegation.entries.map((entry) => ({
    ...entry,
    initialBalance: `${entry.initialBalance}`,
    sharesDst: decToProto(entry.sharesDst),
  })),
});
