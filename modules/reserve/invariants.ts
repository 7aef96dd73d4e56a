/** What is always true of the reserve. */
import { moduleAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import type { Invariant } from "../../chain/module.ts";
import { rangeProblem } from "../../chain/parameters.ts";
import { balanceOf } from "../bank/index.ts";
import { mintDenom } from "../mint/index.ts";
import { worth } from "./basket.ts";
import { getMarks } from "./finalize.ts";
import { burnCoinsHeld } from "./holdings.ts";
import { parameters } from "./parameters.ts";
import { getParams, paramsProblem, paramsToProto } from "./params.ts";
import { owedToRelays } from "./payouts.ts";
import {
  bookName,
  burnName,
  offers,
  redeeming,
  redemptions,
  redemptionsAsked,
  reports,
  restingCount,
  sale,
} from "./state.ts";

const bookAddress = moduleAddress(bookName);
const burnAddress = moduleAddress(burnName);

/** The account holds what is offered and what waits to be redeemed, and nothing else. */
function bookIsCovered(ctx: ReadContext): string | undefined {
  let [owed, count] = [0n, 0n];
  for (const [id, { quantity }] of offers.iterate(ctx)) {
    if (BigInt(quantity) <= 0n) return `offer ${id} is of ${quantity}`;
    owed += BigInt(quantity);
    count++;
  }
  if (count !== (restingCount.get(ctx) ?? 0n))
    return `${count} offers rest, ${restingCount.get(ctx) ?? 0n} are counted`;
  for (const [, { quantity }] of redemptions.iterate(ctx)) owed += BigInt(quantity);
  const found = balanceOf(ctx, bookAddress, mintDenom(ctx));
  return found === owed ? undefined : `${bookName} has ${found}, offers and redemptions are ${owed}`;
}

/** What relays are owed of auctions lies there; the token is there for nothing else. */
function relaysAreCovered(ctx: ReadContext): string | undefined {
  const { stable, token } = owedToRelays(ctx);
  const held = worth(burnCoinsHeld(ctx));
  if (held < stable) return `${burnName} has ${held}, relays are owed ${stable}`;
  const tokens = balanceOf(ctx, burnAddress, mintDenom(ctx));
  return tokens === token ? undefined : `${burnName} has ${tokens} of the token, relays are owed ${token}`;
}

function redemptionsAddUp(ctx: ReadContext): string | undefined {
  const sums = new Map<bigint, bigint>();
  for (const [[epoch], { quantity }] of redemptions.iterate(ctx)) {
    sums.set(epoch, (sums.get(epoch) ?? 0n) + BigInt(quantity));
  }
  const paying = redeeming.get(ctx)?.epoch;
  for (const [epoch, asked] of redemptionsAsked.iterate(ctx)) {
    const sum = sums.get(epoch) ?? 0n;
    if (epoch === paying ? sum > asked : sum !== asked) return `epoch ${epoch} was asked for ${asked}, not ${sum}`;
    sums.delete(epoch);
  }
  return sums.size === 0 ? undefined : "redemptions wait that nobody counted";
}

/** The reference price lies in the corridor that the last finalize left. */
function referenceIsInCorridor(ctx: ReadContext): string | undefined {
  const proto = paramsToProto(getParams(ctx));
  const problem = paramsProblem(proto) ?? rangeProblem(parameters, proto);
  if (problem !== undefined) return problem;
  const { floor, ceiling, reference } = getMarks(ctx);
  return reference < floor || reference > ceiling ? `reference ${reference} outside ${floor} to ${ceiling}` : undefined;
}

/** Nothing but redemptions paid out of the reserve, and less was minted again than was burned. */
function reportsAreSound(ctx: ReadContext): string | undefined {
  for (const [epoch, report] of reports.iterate(ctx)) {
    if (BigInt(report.income) < 0n) return `epoch ${epoch} had an income of ${report.income}`;
    if (BigInt(report.reminted) > BigInt(report.burnedResting)) return `epoch ${epoch} minted more than it burned`;
  }
  return undefined;
}

function saleIsCounted(ctx: ReadContext): string | undefined {
  const found = sale.get(ctx);
  if (found === undefined) return undefined;
  const [sold, quantity] = [BigInt(found.sold), BigInt(found.quantity)];
  return sold < 0n || sold > quantity ? `${sold} were sold of ${quantity}` : undefined;
}

export const invariants: Readonly<Record<string, Invariant>> = {
  bookIsCovered,
  relaysAreCovered,
  redemptionsAddUp,
  referenceIsInCorridor,
  reportsAreSound,
  saleIsCounted,
};
