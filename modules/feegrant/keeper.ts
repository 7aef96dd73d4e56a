/** Allowances: granted, used, revoked, removed when they have expired. Owns the queue of expiries; coins are bank's. */
import { accountAddress } from "../../chain/address.ts";
import { type Coins, formatCoins, isValidCoins } from "../../chain/coins.ts";
import type { Context, ReadContext, Timestamp } from "../../chain/context.ts";
import { sdk } from "../../chain/errors.ts";
import { compareTimes } from "../../chain/time.ts";
import type { AnteGrants } from "../../chain/tx/types.ts";
import type { Grant } from "../../proto/gen/cosmos/feegrant/v1beta1/feegrant.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import { ensureAccount, hasAccount } from "../auth/index.ts";
import { isBlocked } from "../bank/index.ts";
import { openAllowance } from "./allowance.ts";
import { allowanceRevoked, allowanceSet, allowanceUpdated, allowanceUsed } from "./events.ts";
import { allowanceQueue, allowances } from "./state.ts";

export interface Pair {
  readonly granter: Uint8Array;
  readonly grantee: Uint8Array;
}

const namesOf = ({ granter, grantee }: Pair) => ({
  granter: accountAddress.encode(granter),
  grantee: accountAddress.encode(grantee),
});

export const findGrant = (ctx: ReadContext, { granter, grantee }: Pair): Grant | undefined =>
  allowances.get(ctx, [grantee, granter]);

export function requireGrant(ctx: ReadContext, pair: Pair): Grant {
  const grant = findGrant(ctx, pair);
  if (grant === undefined) throw sdk.notFound("fee-grant not found");
  return grant;
}

/** The grantee gets an account, so that it can sign. */
export function grantAllowance(ctx: Context, pair: Pair, allowance: Any): void {
  const { granter, grantee } = pair;
  if (findGrant(ctx, pair) !== undefined) throw sdk.invalidRequest("fee allowance already exists");
  if (!hasAccount(ctx, grantee)) {
    if (isBlocked(grantee)) throw sdk.unauthorized(`${accountAddress.encode(grantee)} is not allowed to receive funds`);
    ensureAccount(ctx, grantee);
  }
  const expiry = openAllowance(allowance).expiresAt();
  if (expiry !== undefined && compareTimes(expiry, ctx.block.time) < 0) {
    throw sdk.invalidRequest("expiration is before current block time");
  }
  writeGrant(ctx, { granter, grantee }, allowance);
  ctx.emit(allowanceSet(namesOf(pair)));
}

/** A new grant and its place in the queue, whatever the time is. */
export function writeGrant(ctx: Context, pair: Pair, allowance: Any): void {
  const { granter, grantee } = pair;
  const expiry = openAllowance(allowance).expiresAt();
  if (expiry !== undefined) allowanceQueue.add(ctx, [expiry, grantee, granter]);
  allowances.set(ctx, [grantee, granter], { ...namesOf(pair), allowance });
}

export function revokeAllowance(ctx: Context, pair: Pair): void {
  const { allowance } = requireGrant(ctx, pair);
  const { granter, grantee } = pair;
  allowances.delete(ctx, [grantee, granter]);
  const expiry = openAllowance(allowance).expiresAt();
  // Unlike the SDK, whose key has the two addresses the other way round, so that the entry stays and ends a later grant.
  if (expiry !== undefined) allowanceQueue.delete(ctx, [expiry, grantee, granter]);
  ctx.emit(allowanceRevoked(namesOf(pair)));
}

/** Pays a fee by an allowance: it becomes smaller, and goes when nothing is left. */
function useAllowance(ctx: Context, pair: Pair, fee: Coins, messageUrls: readonly string[]): void {
  const { allowance } = requireGrant(ctx, pair);
  if (!isValidCoins(fee)) throw sdk.insufficientFee(`invalid fee amount: ${formatCoins(fee)}`);
  const left = openAllowance(allowance).accept(ctx, fee, messageUrls);
  const names = namesOf(pair);
  if (left === "nothing") {
    revokeAllowance(ctx, pair);
    ctx.emit(allowanceUsed(names));
    return;
  }
  ctx.emit(allowanceUsed(names));
  allowances.set(ctx, [pair.grantee, pair.granter], { ...names, allowance: left });
  ctx.emit(allowanceUpdated(names));
}

/** What the ante steps ask of fee grants. */
export const anteGrants: AnteGrants = {
  use(ctx, granter, grantee, fee, messages) {
    const paid = fee.filter(({ amount }) => amount !== 0n);
    useAllowance(
      ctx,
      { granter, grantee },
      paid,
      messages.map(({ typeUrl }) => typeUrl),
    );
  },
};

// ----------------------------------------------------------------------------------------------------------------- expiry

/** Removed at the end of one block; what is left waits for the next, and is refused meanwhile. */
export const expiredPerBlockMax = 200;
/** Removed by one message. */
export const expiredPerMessageMax = 75;

export function removeExpired(ctx: Context, limit: number): void {
  const due: (readonly [Timestamp, Uint8Array, Uint8Array])[] = [];
  for (const entry of allowanceQueue.keys(ctx)) {
    if (due.length === limit || compareTimes(entry[0], ctx.block.time) > 0) break;
    due.push(entry);
  }
  for (const [expiry, grantee, granter] of due) {
    allowanceQueue.delete(ctx, [expiry, grantee, granter]);
    allowances.delete(ctx, [grantee, granter]);
  }
}
