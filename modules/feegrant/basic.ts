/** Fees up to a limit in all, until a time; either may be left out. With the texts of cosmossdk.io/x/feegrant basic_fee.go. Pure. */
import {
  type Coins,
  coinsFromProto,
  coinsToProto,
  formatCoins,
  isValidCoins,
  trySubtractCoins,
} from "../../chain/coins.ts";
import type { Context } from "../../chain/context.ts";
import { sdk } from "../../chain/errors.ts";
import { compareTimes } from "../../chain/time.ts";
import { BasicAllowance } from "../../proto/gen/cosmos/feegrant/v1beta1/feegrant.ts";
import type { Allowance, Left } from "./allowance.ts";
import { feeLimitExceeded, feeLimitExpired, invalidDuration } from "./errors.ts";

export const basicAllowance = (allowance: BasicAllowance): Allowance => ({
  check: () => checkBasic(allowance),
  expiresAt: () => allowance.expiration,
  accept: (ctx, fee) => accept(ctx, allowance, fee),
});

export function checkBasic({ spendLimit, expiration }: BasicAllowance): void {
  const limit = coinsFromProto(spendLimit);
  if (!isValidCoins(limit)) throw sdk.invalidCoins(`send amount is invalid: ${formatCoins(limit)}`);
  if (expiration !== undefined && expiration.seconds < 0n) throw invalidDuration("expiration time cannot be negative");
}

/** What has expired may still be stored, as removing goes on from block to block. */
export const hasExpired = (ctx: Context, { expiration }: BasicAllowance): boolean =>
  expiration !== undefined && compareTimes(expiration, ctx.block.time) < 0;

function accept(ctx: Context, allowance: BasicAllowance, fee: Coins): Left {
  if (hasExpired(ctx, allowance)) throw feeLimitExpired("basic allowance");
  if (allowance.spendLimit.length === 0) return toAny(allowance);
  const left = trySubtractCoins(coinsFromProto(allowance.spendLimit), fee);
  if (left === undefined) throw feeLimitExceeded("basic allowance");
  return left.length === 0 ? "nothing" : toAny({ ...allowance, spendLimit: coinsToProto(left) });
}

const toAny = (allowance: BasicAllowance): Left => ({
  typeUrl: `/${BasicAllowance.$type}`,
  value: BasicAllowance.encode(allowance).finish(),
});
