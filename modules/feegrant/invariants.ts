/** What is always true of allowances. */
import { accountAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import type { Invariant } from "../../chain/module.ts";
import { formatRfc3339 } from "../../chain/rfc3339.ts";
import { openAllowance } from "./allowance.ts";
import { allowanceQueue, allowances } from "./state.ts";

function allowancesAreWellMade(ctx: ReadContext): string | undefined {
  for (const [[grantee, granter], grant] of allowances.iterate(ctx)) {
    const [from, to] = [accountAddress.encode(granter), accountAddress.encode(grantee)];
    if (grant.granter !== from || grant.grantee !== to) {
      return `the allowance of ${from} to ${to} says that it is of ${grant.granter} to ${grant.grantee}`;
    }
    openAllowance(grant.allowance).check();
  }
  return undefined;
}

function expiriesAreQueued(ctx: ReadContext): string | undefined {
  let expiring = 0;
  for (const [[grantee, granter], { allowance }] of allowances.iterate(ctx)) {
    const expiry = openAllowance(allowance).expiresAt();
    if (expiry === undefined) continue;
    expiring++;
    if (!allowanceQueue.has(ctx, [expiry, grantee, granter])) {
      return `the allowance of ${accountAddress.encode(granter)} to ${accountAddress.encode(grantee)} ends ${formatRfc3339(expiry)} but is not queued`;
    }
  }
  let queued = 0;
  for (const _entry of allowanceQueue.keys(ctx)) queued++;
  return queued === expiring ? undefined : `${expiring} allowances expire, but ${queued} are queued`;
}

export const invariants: Readonly<Record<string, Invariant>> = { allowancesAreWellMade, expiriesAreQueued };
