/** Vesting accounts as messages of cosmos.vesting.v1beta1: one for each kind of schedule. Pure. */
import { coinsFromProto, coinsToProto } from "../../chain/coins.ts";
import { BaseAccount } from "../../proto/gen/cosmos/auth/v1beta1/auth.ts";
import {
  BaseVestingAccount,
  ContinuousVestingAccount,
  DelayedVestingAccount,
  PeriodicVestingAccount,
  PermanentLockedAccount,
} from "../../proto/gen/cosmos/vesting/v1beta1/vesting.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import type { Account } from "./account.ts";
import type { Schedule, VestingPart } from "./vesting.ts";

export const vestingAccountUrls = {
  continuous: `/${ContinuousVestingAccount.$type}`,
  delayed: `/${DelayedVestingAccount.$type}`,
  periodic: `/${PeriodicVestingAccount.$type}`,
  permanent: `/${PermanentLockedAccount.$type}`,
} as const;

export function vestingToAny(base: BaseAccount, part: VestingPart): Any {
  const { schedule, originalVesting, delegatedFree, delegatedVesting, endTime } = part;
  const baseVestingAccount: BaseVestingAccount = {
    baseAccount: base,
    originalVesting: coinsToProto(originalVesting),
    delegatedFree: coinsToProto(delegatedFree),
    delegatedVesting: coinsToProto(delegatedVesting),
    endTime,
  };
  return { typeUrl: vestingAccountUrls[schedule.kind], value: encode(baseVestingAccount, schedule) };
}

function encode(baseVestingAccount: BaseVestingAccount, schedule: Schedule): Uint8Array {
  switch (schedule.kind) {
    case "continuous":
      return ContinuousVestingAccount.encode({ baseVestingAccount, startTime: schedule.startTime }).finish();
    case "delayed":
      return DelayedVestingAccount.encode({ baseVestingAccount }).finish();
    case "permanent":
      return PermanentLockedAccount.encode({ baseVestingAccount }).finish();
    case "periodic": {
      const vestingPeriods = schedule.periods.map(({ lengthSeconds, amount }) => ({
        length: lengthSeconds,
        amount: coinsToProto(amount),
      }));
      return PeriodicVestingAccount.encode({
        baseVestingAccount,
        startTime: schedule.startTime,
        vestingPeriods,
      }).finish();
    }
  }
}

/** Undefined for another kind of account. */
export function vestingFromAny(typeUrl: string, value: Uint8Array): Account | undefined {
  switch (typeUrl) {
    case vestingAccountUrls.continuous: {
      const { baseVestingAccount, startTime } = ContinuousVestingAccount.decode(value);
      return accountOf(baseVestingAccount, { kind: "continuous", startTime });
    }
    case vestingAccountUrls.delayed:
      return accountOf(DelayedVestingAccount.decode(value).baseVestingAccount, { kind: "delayed" });
    case vestingAccountUrls.permanent:
      return accountOf(PermanentLockedAccount.decode(value).baseVestingAccount, { kind: "permanent" });
    case vestingAccountUrls.periodic: {
      const { baseVestingAccount, startTime, vestingPeriods } = PeriodicVestingAccount.decode(value);
      const periods = vestingPeriods.map(({ length, amount }) => ({
        lengthSeconds: length,
        amount: coinsFromProto(amount),
      }));
      return accountOf(baseVestingAccount, { kind: "periodic", startTime, periods });
    }
    default:
      return undefined;
  }
}

function accountOf(part: BaseVestingAccount | undefined, schedule: Schedule): Account {
  const given = part ?? BaseVestingAccount.fromPartial({});
  const vesting: VestingPart = {
    schedule,
    originalVesting: coinsFromProto(given.originalVesting),
    delegatedFree: coinsFromProto(given.delegatedFree),
    delegatedVesting: coinsFromProto(given.delegatedVesting),
    endTime: given.endTime,
  };
  return { base: given.baseAccount ?? BaseAccount.fromPartial({}), vesting };
}
