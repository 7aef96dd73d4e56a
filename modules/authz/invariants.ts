/** What is always true of grants. */
import { accountAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import type { Invariant } from "../../chain/module.ts";
import { formatRfc3339 } from "../../chain/rfc3339.ts";
import { compareTimes } from "../../chain/time.ts";
import { openAuthorization } from "./authorization.ts";
import { findGrant } from "./keeper.ts";
import { grantQueue, grants } from "./state.ts";

function grantsAreWellMade(ctx: ReadContext): string | undefined {
  for (const [[granter, grantee, messageUrl], { authorization }] of grants.iterate(ctx)) {
    const who = `the grant of ${accountAddress.encode(granter)} to ${accountAddress.encode(grantee)}`;
    const opened = openAuthorization(authorization);
    opened.check();
    if (opened.messageUrl() !== messageUrl) return `${who} is stored as ${messageUrl}, but is ${opened.messageUrl()}`;
  }
  return undefined;
}

function expiriesAreQueued(ctx: ReadContext): string | undefined {
  let expiring = 0;
  for (const [, { expiration }] of grants.iterate(ctx)) if (expiration !== undefined) expiring++;
  let queued = 0;
  for (const [[time, granter, grantee], { msgTypeUrls }] of grantQueue.iterate(ctx)) {
    if (msgTypeUrls.length === 0) return `nothing is queued for ${formatRfc3339(time)}`;
    for (const url of msgTypeUrls) {
      const expiration = findGrant(ctx, [granter, grantee, url])?.expiration;
      if (expiration === undefined || compareTimes(expiration, time) !== 0) {
        return `${url} of ${accountAddress.encode(granter)} is queued for ${formatRfc3339(time)}, but does not expire then`;
      }
      queued++;
    }
  }
  return queued === expiring ? undefined : `${expiring} grants expire, but ${queued} are queued`;
}

export const invariants: Readonly<Record<string, Invariant>> = { grantsAreWellMade, expiriesAreQueued };
