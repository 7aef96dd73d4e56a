/**
 * Fees up to a limit in each period, and in all as a basic allowance has it. With the texts of cosmossdk.io/x/feegrant periodic_fee.go.
 * Pure.
 */
import {
  type Coins,
  coinsFromProto,
  coinsToProto,
  formatCoins,
  isValidCoins,
  type ProtoCoin,
  trySubtractCoins,
} from "../../chain/coins.ts";
import type { Context, Timestamp } from "../../chain/context.ts";
import { sdk } from "../../chain/errors.ts";
import { timeSecondsMin } from "../../chain/sortabletime.ts";
import { addDuration, compareTimes } from "../../chain/time.ts";
import { BasicAllowance, PeriodicAllowance } from "../../proto/gen/cosmos/feegrant/v1beta1/feegrant.ts";
import type { Duration } from "../../proto/gen/google/protobuf/duration.ts";
import type { Allowance, Left } from "./allowance.ts";
import { checkBasic, hasExpired } from "./basic.ts";
import { feeLimitExceeded, feeLimitExpired, invalidDuration } from "./errors.ts";

/** With Go's zero values where a part was left out. */
interface Periodic {
  readonly basic: BasicAllowance;
  readonly period: Duration;
  readonly periodSpendLimit: ProtoCoin[];
  readonly periodCanSpend: ProtoCoin[];
  readonly periodReset: Timestamp;
}

const zeroTime: Timestamp = { seconds: timeSecondsMin, nanos: 0 };

export function periodicAllowance(given: PeriodicAllowance): Allowance {
  const allowance: Periodic = {
    basic: given.basic ?? BasicAllowance.fromPartial({}),
    period: given.period ?? { seconds: 0n, nanos: 0 },
    periodSpendLimit: given.periodSpendLimit,
    periodCanSpend: given.periodCanSpend,
    periodReset: given.periodReset ?? zeroTime,
  };
  return {
    check: () => check(allowance),
    expiresAt: () => allowance.basic.expiration,
    accept: (ctx, fee) => accept(ctx, allowance, fee),
  };
}

function check({ basic, period, periodSpendLimit, periodCanSpend }: Periodic): void {
  checkBasic(basic);
  const limit = coinsFromProto(periodSpendLimit);
  if (!isValidCoins(limit)) throw sdk.invalidCoins(`spend amount is invalid: ${formatCoins(limit)}`);
  if (limit.length === 0) throw sdk.invalidCoins("spend limit must be positive");
  const canSpend = coinsFromProto(periodCanSpend);
  if (!isValidCoins(canSpend)) throw sdk.invalidCoins(`can spend amount is invalid: ${formatCoins(canSpend)}`);
  const known = new Set(basic.spendLimit.map(({ denom }) => denom));
  if (known.size > 0 && limit.some(({ denom }) => !known.has(denom))) {
    throw sdk.invalidCoins("period spend limit has different currency than basic spend limit");
  }
  if (period.seconds < 0n || period.nanos < 0) throw invalidDuration("negative clock step");
}

function accept(ctx: Context, given: Periodic, fee: Coins): Left {
  if (hasExpired(ctx, given.basic)) throw feeLimitExpired("absolute limit");
  const allowance = withPeriodOf(given, ctx.block.time);
  const canSpend = trySubtractCoins(coinsFromProto(allowance.periodCanSpend), fee);
  if (canSpend === undefined) throw feeLimitExceeded("period limit");
  const used = { ...allowance, periodCanSpend: coinsToProto(canSpend) };
  const { basic } = allowance;
  if (basic.spendLimit.length === 0) return toAny(used);
  const left = trySubtractCoins(coinsFromProto(basic.spendLimit), fee);
  if (left === undefined) throw feeLimitExceeded("absolute limit");
  return left.length === 0 ? "nothing" : toAny({ ...used, basic: { ...basic, spendLimit: coinsToProto(left) } });
}

/** A new period begins where the last one ended, or now when a whole one went by unused. */
function withPeriodOf(allowance: Periodic, now: Timestamp): Periodic {
  const { basic, period, periodReset, periodSpendLimit } = allowance;
  if (compareTimes(now, periodReset) < 0) return allowance;
  const limit = coinsFromProto(periodSpendLimit);
  const isTooMuch =
    basic.spendLimit.length > 0 && trySubtractCoins(coinsFromProto(basic.spendLimit), limit) === undefined;
  const next = addDuration(periodReset, period);
  return {
    ...allowance,
    periodCanSpend: isTooMuch ? basic.spendLimit : periodSpendLimit,
    periodReset: compareTimes(now, next) > 0 ? addDuration(now, period) : next,
  };
}

const toAny = (allowance: Periodic): Left => ({
  typeUrl: `/${PeriodicAllowance.$type}`,
  value: PeriodicAllowance.encode(allowance).finish(),
});
