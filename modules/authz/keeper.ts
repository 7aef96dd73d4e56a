/** Grants: saved, found, revoked, and removed when they have expired. Owns the queue of expiries; what a grant allows is authorization.ts. */
import { accountAddress } from "../../chain/address.ts";
import type { Context, ReadContext, Timestamp } from "../../chain/context.ts";
import { formatRfc3339 } from "../../chain/rfc3339.ts";
import { compareTimes } from "../../chain/time.ts";
import type { Grant } from "../../proto/gen/cosmos/authz/v1beta1/authz.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import { invalidExpirationTime, noAuthorizationFound } from "./errors.ts";
import { granted, revoked } from "./events.ts";
import { grantQueue, grants } from "./state.ts";

/** A granter, a grantee, and the type URL of what the one lets the other do. */
export type GrantKey = readonly [granter: Uint8Array, grantee: Uint8Array, messageUrl: string];

const namesOf = ([granter, grantee, messageUrl]: GrantKey) => ({
  granter: accountAddress.encode(granter),
  grantee: accountAddress.encode(grantee),
  messageUrl,
});

export const findGrant = (ctx: ReadContext, key: GrantKey): Grant | undefined => grants.get(ctx, key);

/** What has expired a moment ago may still be stored, as removing goes on from block to block. */
export const isExpired = ({ expiration }: Grant, now: Timestamp): boolean =>
  expiration !== undefined && compareTimes(expiration, now) < 0;

/** Replaces the grant that there is. */
export function saveGrant(ctx: Context, key: GrantKey, grant: Grant): void {
  const { expiration } = grant;
  const { time } = ctx.block;
  if (expiration !== undefined && compareTimes(expiration, time) <= 0) {
    const text = (when: Timestamp) => formatRfc3339({ seconds: when.seconds, nanos: 0 });
    throw invalidExpirationTime(
      `expiration must be after the current block time (${text(time)}), got ${text(expiration)}`,
    );
  }
  writeGrant(ctx, key, grants.get(ctx, key), grant);
  ctx.emit(granted(namesOf(key)));
}

/** The grant and its place in the queue, whatever the time is. */
export function writeGrant(ctx: Context, key: GrantKey, previous: Grant | undefined, next: Grant): void {
  const [before, after] = [previous?.expiration, next.expiration];
  const isSame = before !== undefined && after !== undefined && compareTimes(before, after) === 0;
  if (!isSame && before !== undefined) dequeue(ctx, key, before);
  if (!isSame && after !== undefined) enqueue(ctx, key, after);
  grants.set(ctx, key, next);
}

/** What is left of a grant after it was used. */
export const updateGrant = (ctx: Context, key: GrantKey, grant: Grant, authorization: Any): void =>
  grants.set(ctx, key, { ...grant, authorization });

export function deleteGrant(ctx: Context, key: GrantKey): void {
  const grant = grants.get(ctx, key);
  if (grant === undefined) {
    const { granter, grantee, messageUrl } = namesOf(key);
    throw noAuthorizationFound(`failed to delete grant with key ${granter} ${grantee} ${messageUrl}`);
  }
  if (grant.expiration !== undefined) dequeue(ctx, key, grant.expiration);
  grants.delete(ctx, key);
  ctx.emit(revoked(namesOf(key)));
}

// ------------------------------------------------------------------------------------------------------------------ the queue

/** cosmos-sdk gasCostPerIteration of the grant queue. */
const gasPerQueued = 20n;

function enqueue(ctx: Context, [granter, grantee, messageUrl]: GrantKey, expiration: Timestamp): void {
  const place = [expiration, granter, grantee] as const;
  const queued = grantQueue.get(ctx, place)?.msgTypeUrls ?? [];
  grantQueue.set(ctx, place, { msgTypeUrls: [...queued, messageUrl].sort(byText) });
}

/** In order, not in that of granting: an exported genesis does not tell the latter. */
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A place that holds nothing is removed itself. */
function dequeue(ctx: Context, [granter, grantee, messageUrl]: GrantKey, expiration: Timestamp): void {
  const place = [expiration, granter, grantee] as const;
  const urls = [...(grantQueue.get(ctx, place)?.msgTypeUrls ?? [])];
  const index = urls.indexOf(messageUrl);
  if (index === -1) throw new Error(`authz: the grant of ${messageUrl} expires, but the queue does not hold it`);
  ctx.gas.consume(gasPerQueued * BigInt(index + 1), "grant queue");
  urls.splice(index, 1);
  if (urls.length === 0) grantQueue.delete(ctx, place);
  else grantQueue.set(ctx, place, { msgTypeUrls: urls });
}

/** Grants removed in one block; what is left waits for the next, and is refused meanwhile. */
export const expiredGrantsPerBlockMax = 200;

export function removeExpiredGrants(ctx: Context): void {
  const { time } = ctx.block;
  let left = expiredGrantsPerBlockMax;
  const due: [readonly [Timestamp, Uint8Array, Uint8Array], readonly string[]][] = [];
  for (const [place, { msgTypeUrls }] of grantQueue.iterate(ctx)) {
    if (left === 0 || compareTimes(place[0], time) > 0) break;
    const taken = msgTypeUrls.slice(0, left);
    due.push([place, taken]);
    left -= taken.length;
  }
  for (const [place, urls] of due) {
    const [, granter, grantee] = place;
    for (const url of urls) grants.delete(ctx, [granter, grantee, url]);
    const rest = (grantQueue.get(ctx, place)?.msgTypeUrls ?? []).slice(urls.length);
    if (rest.length === 0) grantQueue.delete(ctx, place);
    else grantQueue.set(ctx, place, { msgTypeUrls: rest });
  }
}
