/** One epoch worked through by the rules themselves: what docs/economics.md tells in numbers. Owns the example; each number comes from a module's own arithmetic. */
import { type Dec, decOne, formatDec, parseDec } from "../../chain/dec.ts";
import { defaultParams as market } from "../../modules/market/params.ts";
import { splitAmount } from "../../modules/market/split.ts";
import { weirEmission } from "../../modules/mint/genesis.ts";
import { dayOf } from "../../modules/mint/schedule.ts";
import { type Ask, clear } from "../../modules/reserve/auction.ts";
import { demandOf, shareOut } from "../../modules/reserve/budget.ts";
import { defaultParams as reserve } from "../../modules/reserve/params.ts";
import { capOf, ceilingOf, floorOf, movedReference } from "../../modules/reserve/prices.ts";
import { defaultParams as rewards } from "../../modules/rewards/params.ts";
import {
  availabilityPay,
  availabilityShare,
  divisorOf,
  netEmission,
  poolsOf,
  sumOf,
  usagePaid,
  utilization,
} from "../../modules/rewards/pools.ts";
import { decimal, inWeir, percent } from "./worked.ts";

const dollar = 1_000_000n;
const token = 1_000_000n;
const gbps = 1_000_000_000n;

/** What is given. */
export const given = {
  principal: 6_000_000n * dollar,
  supply: 600_000_000n * token,
  settled: 10_000n * dollar,
  weight: 40n * gbps,
  offers: [
    ["alice", 100_000n, "0.01"],
    ["bob", 50_000n, "0.0105"],
    ["carol", 200_000n, "0.012"],
  ] as const,
};

export const inDollars = (millionths: bigint): string => `$${decimal(millionths, 6)}`;
const price = (value: Dec): string => `$${formatDec(value).replace(/\.?0+$/, "")}`;

/** An epoch of a day, the first one, all relays paid in stable. */
export function workedEpoch(): Readonly<Record<string, string>> {
  const { principal, supply, settled, weight, offers } = given;
  const floor = floorOf(principal, supply);
  const ceiling = ceilingOf(principal, supply, reserve.corridorShare);
  const cap = capOf(ceiling, floor, reserve);
  const parts = splitAmount(settled, market.split);
  const budget = { total: parts.burn, token: 0n, remintShare: reserve.remintShare };
  const demand = demandOf(budget);
  const book: Ask[] = offers.map(([, quantity, ask], index) => {
    return { id: BigInt(index + 1), quantity: quantity * token, ask: parseDec(ask) };
  });
  const clearing = clear(book, { demand, floor, cap });
  const shares = shareOut(budget, clearing);
  const reference = movedReference(floor, clearing.price, reserve.referenceWeight);

  const emission = dayOf({ ...weirEmission.schedule, start: { seconds: 0n, nanos: 0 } }, 0)!.amount;
  const utilized = utilization(clearing.bought, emission);
  const net = netEmission(clearing.bought, emission, rewards.netEmissionShareMax);
  const pools = poolsOf(emission + net, utilized, rewards);
  const availability = availabilityPay(pools.availability, weight, divisorOf(rewards.referenceBps, weight));
  const usage = usagePaid(pools.usage, clearing.bought, settled, rewards.usageBurnShare);
  const paid = { validators: pools.validators, oracles: pools.oracles, availability, usage };
  const after = {
    principal: principal + parts.reserve + shares.rest,
    supply: supply - clearing.bought + sumOf(paid),
  };
  const sold = new Map(clearing.lots.map(({ id, quantity, payment }) => [id, { quantity, payment }]));
  const sale = (index: number): string => {
    const lot = sold.get(BigInt(index + 1));
    return lot === undefined ? "nothing" : `${inWeir(lot.quantity)} for ${inDollars(lot.payment)}`;
  };
  const fees = shares.stable + shares.fallback + parts.direct;
  const rewarded = ((availability + usage) * reference) / decOne;
  return {
    "V, the floor": price(floor),
    "C, the ceiling": price(ceiling),
    "the most that the auction may pay": price(cap),
    "to the burn budget B": inDollars(parts.burn),
    "to the reserve": inDollars(parts.reserve),
    "to oracles": inDollars(parts.oracles),
    "to stakers": inDollars(parts.stakers),
    "to relays in stable, out of B": inDollars(shares.stable),
    "what the book must fill, D": inDollars(demand),
    "p, the price that all get": price(clearing.price),
    "alice sells": sale(0),
    "bob sells": sale(1),
    "carol sells": sale(2),
    "burned out of the book": inWeir(clearing.bought),
    "crossed: minted and burned in one": inWeir(shares.crossed),
    "left of B for the reserve": inDollars(shares.rest),
    "the reference price after it": price(reference),
    "the schedule emits": inWeir(emission),
    "net emission on top": inWeir(net),
    "U, burned over scheduled": percent(utilized, 2),
    "a, the share for availability": percent(availabilityShare(utilized, rewards), 2),
    "paid for availability": inWeir(availability),
    "paid for usage": inWeir(usage),
    "paid to oracles": inWeir(paid.oracles),
    "paid to validators": inWeir(paid.validators),
    "never minted": inWeir(emission + net - sumOf(paid)),
    "R after it": inDollars(after.principal),
    "S after it": inWeir(after.supply),
    "V after it": price(floorOf(after.principal, after.supply)),
    "relays got of users": inDollars(fees),
    "relays got of the chain, at the reference": inDollars(rewarded),
    "of a relay's income, from users": percent((fees * decOne) / (fees + rewarded), 1),
  };
}
