/** What is always true of compliance. */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { formatCoins, newCoins } from "../../chain/coins.ts";
import type { ReadContext } from "../../chain/context.ts";
import type { Invariant } from "../../chain/module.ts";
import { balancesOf, supplyOf } from "../bank/index.ts";
import { epochNow } from "./limits.ts";
import { getParams } from "./params.ts";
import { isNative, ruleProblem } from "./rules.ts";
import * as stored from "./state.ts";

/** What waits lies there. Block hooks and users cannot send to it; more than is owed would belong to nobody. */
function heldIsCovered(ctx: ReadContext): string | undefined {
  const sums = new Map<string, bigint>();
  for (const [[, denom], amount] of stored.held.iterate(ctx)) sums.set(denom, (sums.get(denom) ?? 0n) + amount);
  const owed = formatCoins(newCoins([...sums].map(([denom, amount]) => ({ denom, amount }))));
  const lies = formatCoins(balancesOf(ctx, moduleAddress(stored.heldName)));
  return owed === lies ? undefined : `${owed || "nothing"} waits, and ${lies || "nothing"} lies there`;
}

function issuingHoldsNothing(ctx: ReadContext): string | undefined {
  const coins = balancesOf(ctx, moduleAddress(stored.issuingName));
  return coins.length === 0 ? undefined : `${formatCoins(coins)} stayed with who makes and burns`;
}

function issuancesAreCapped(ctx: ReadContext): string | undefined {
  for (const [denom, { cap }] of stored.issuances.iterate(ctx)) {
    if (isNative(ctx, denom)) return `${denom} is issued by an account`;
    const supply = supplyOf(ctx, denom);
    if (supply > BigInt(cap)) return `there are ${supply}${denom}, beyond the cap of ${cap}`;
  }
  return undefined;
}

function rulesAreSound(ctx: ReadContext): string | undefined {
  for (const [denom, rule] of stored.rules.iterate(ctx)) {
    if (isNative(ctx, denom)) return `a rule stands against ${denom}`;
    const problem = ruleProblem(rule);
    if (problem !== undefined) return `rule of ${denom}: ${problem}`;
  }
  return undefined;
}

function credentialsAreOfIssuers(ctx: ReadContext): string | undefined {
  const next = stored.versions.peek(ctx);
  let count = 0;
  for (const [[subject, issuer, kind], credential] of stored.credentials.iterate(ctx)) {
    count++;
    const names = [accountAddress.encode(subject), accountAddress.encode(issuer), kind];
    const said = [credential.subject, credential.issuer, credential.kind];
    if (`${names}` !== `${said}`) return `the credential of ${names} says it is of ${said}`;
    if (credential.issuerVersion >= next) return `the credential of ${names} is of an approval that never was`;
  }
  const indexed = [...stored.credentialsByExpiry.keys(ctx)].length;
  return indexed === count ? undefined : `${count} credentials, and ${indexed} by their ends`;
}

function usagesAreOfNow(ctx: ReadContext): string | undefined {
  const epoch = epochNow(ctx);
  for (const [of, [denom]] of stored.usages.keys(ctx)) {
    if (of > epoch) return `a limit of ${denom} was used in epoch ${of}, and it is ${epoch}`;
  }
  return undefined;
}

/** Off means that nothing can be restricted: not that nobody does. */
function offIsEmpty(ctx: ReadContext): string | undefined {
  if (getParams(ctx).enabled) return undefined;
  const { issuers, credentials, rules, issuances, held, usages } = stored;
  const found = [issuers, credentials, rules, issuances, held, usages].find(
    (collection) => collection.keys(ctx).next().done !== true,
  );
  return found === undefined ? undefined : `compliance is off, and there are ${found.name}`;
}

export const invariants: Readonly<Record<string, Invariant>> = {
  heldIsCovered,
  issuingHoldsNothing,
  issuancesAreCapped,
  rulesAreSound,
  credentialsAreOfIssuers,
  usagesAreOfNow,
  offIsEmpty,
};
