/** What a validator may ask of its delegators (cosmos-sdk x/staking/types/commission.go). Pure. */
import type { Timestamp } from "../../chain/context.ts";
import { decOne, formatDec } from "../../chain/dec.ts";
import { unregistered } from "../../chain/errors.ts";
import { nanosBetween } from "../../chain/time.ts";
import {
  commissionAboveMaxChangeRate,
  commissionAboveMaxRate,
  commissionChangeRateAboveMaxRate,
  commissionChangeRateNegative,
  commissionHuge,
  commissionNegative,
  commissionUpdateTime,
} from "./errors.ts";
import type { Commission, CommissionRates } from "./validator.ts";

export function requireCommissionRates({ rate, maxRate, maxChangeRate }: CommissionRates): void {
  if (maxRate < 0n) throw commissionNegative();
  if (maxRate > decOne) throw commissionHuge();
  if (rate < 0n) throw commissionNegative();
  if (rate > maxRate) throw commissionAboveMaxRate();
  if (maxChangeRate < 0n) throw commissionChangeRateNegative();
  if (maxChangeRate > maxRate) throw commissionChangeRateAboveMaxRate();
}

const dayNanos = 24n * 3_600n * 1_000_000_000n;

/** Once a day, and upwards by so much at most: downwards as far as one likes. */
export function changedCommission(commission: Commission, rate: bigint, now: Timestamp, minRate: bigint): Commission {
  if (nanosBetween(commission.updateTime, now) < dayNanos) throw commissionUpdateTime();
  if (rate < 0n) throw commissionNegative();
  if (rate > commission.maxRate) throw commissionAboveMaxRate();
  if (rate - commission.rate > commission.maxChangeRate) throw commissionAboveMaxChangeRate();
  if (rate < minRate) {
    throw unregistered(`cannot set validator commission to less than minimum rate of ${formatDec(minRate)}`);
  }
  return { ...commission, rate, updateTime: now };
}

/** As Go prints the message in the event of an edited validator: gogoproto's compact text. */
export function describeCommission({ rate, maxRate, maxChangeRate, updateTime }: Commission): string {
  const rates = `rate:"${rate}" max_rate:"${maxRate}" max_change_rate:"${maxChangeRate}" `;
  const seconds = updateTime.seconds === 0n ? "" : `seconds:${updateTime.seconds} `;
  const nanos = updateTime.nanos === 0 ? "" : `nanos:${updateTime.nanos} `;
  return `commission_rates:<${rates}> update_time:<${seconds}${nanos}> `;
}
