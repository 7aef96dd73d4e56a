/** A market chain with a reserve, whose epochs are finalized as rewards' finalize does it, the rest of it left out. */
import { balanceOf } from "../../modules/bank/index.ts";
import { currentEpoch } from "../../modules/beacon/index.ts";
import { principalOf, tokenSupply } from "../../modules/reserve/holdings.ts";
import { type Auction, closeEpoch, holdAuction } from "../../modules/reserve/index.ts";
import type { QueryEpochsResponse, QueryReportResponse } from "../../proto/gen/weir/reserve/v1/query.ts";
import {
  addressOf,
  coin,
  type MarketChain,
  marketChain,
  type ReserveCoins,
  stable,
  startCoins,
  textOf,
} from "./marketchain.ts";
import type { Outcome } from "./testchain.ts";

/** A hundredth of a dollar for each of the seven people's tokens. */
export const startPrincipal = (7n * startCoins) / 100n;

export interface ReserveChain extends MarketChain {
  /** Opens an epoch, finalizes the third one before it, and pays who is owed. */
  turn(): Auction | undefined;
  offer(seller: string, quantity: bigint, ask: string): Outcome;
  redeem(holder: string, quantity: bigint): Outcome;
  buy(buyer: string, quantity: bigint, costMax: bigint, denom?: string): Outcome;
  principal(): bigint;
  supply(): bigint;
  tokens(name: string): bigint;
  stables(name: string, denom?: string): bigint;
  report(): QueryReportResponse;
  reports(): QueryEpochsResponse["epochs"];
}

const decimals = 18;

/** "0.0105" as a Dec's count. */
export const price = (text: string): string => {
  const [whole, parts = ""] = text.split(".");
  return `${BigInt(`${whole}${parts.padEnd(decimals, "0")}`)}`;
};

export function reserveChain(
  market: Readonly<Record<string, unknown>> = {},
  reserveCoins: ReserveCoins = [coin(startPrincipal)],
  others: Record<string, unknown> = {},
): ReserveChain {
  const chain = marketChain(market, others, reserveCoins);
  const send = (name: string, value: object): Outcome => chain.message(`/weir.reserve.v1.Msg${name}`, value);
  const balance = (name: string, denom: string): bigint => balanceOf(chain.context(), addressOf(name), denom);
  const turn = (): Auction | undefined => {
    chain.epochs(1);
    const epoch = (currentEpoch(chain.context())?.number ?? 0n) - 3n;
    if (epoch < 0n) return undefined;
    const ctx = chain.context();
    const auction = holdAuction(ctx, epoch);
    closeEpoch(ctx, auction);
    chain.block();
    return auction;
  };
  return {
    ...chain,
    turn,
    offer: (seller, quantity, ask) =>
      send("Offer", { seller: textOf(seller), quantity: `${quantity}`, ask: price(ask) }),
    redeem: (holder, quantity) => send("Redeem", { holder: textOf(holder), quantity: `${quantity}` }),
    buy: (buyer, quantity, costMax, denom = stable) =>
      send("Buy", { buyer: textOf(buyer), quantity: `${quantity}`, costMax: coin(costMax, denom) }),
    principal: () => principalOf(chain.context()),
    supply: () => tokenSupply(chain.context()),
    tokens: (name) => balance(name, "uweir"),
    stables: (name, denom = stable) => balance(name, denom),
    report: () => chain.query("/weir.reserve.v1.Query/Report", {}),
    reports: () => chain.query<QueryEpochsResponse>("/weir.reserve.v1.Query/Epochs", {}).epochs,
  };
}
