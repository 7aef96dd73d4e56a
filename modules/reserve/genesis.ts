/** The reserve's part of genesis.json. Owns what is refused before the chain starts; the reserve itself is a balance of bank's. */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Genesis } from "../../chain/module.ts";
import { rangeProblem } from "../../chain/parameters.ts";
import { fieldError, fromJson, refusedAs, shown, toJson } from "../../chain/protojson.ts";
import { GenesisState } from "../../proto/gen/weir/reserve/v1/genesis.ts";
import type { Offer, Redemption, Sale } from "../../proto/gen/weir/reserve/v1/state.ts";
import { balanceOf } from "../bank/index.ts";
import { mintDenom } from "../mint/index.ts";
import { replaceOffer } from "./book.ts";
import { getMarks, marksToProto } from "./finalize.ts";
import { parameters } from "./parameters.ts";
import { defaultParams, paramsProblem, paramsToProto } from "./params.ts";
import { saleProblem } from "./sale.ts";
import { curveOf } from "./salecurve.ts";
import * as stored from "./state.ts";

const at = "app_state.reserve";

const empty = (): GenesisState => ({ ...GenesisState.fromPartial({}), params: paramsToProto(defaultParams) });

// ------------------------------------------------------------------------------------------------------------------- parsing

const amountPattern = /^[1-9][0-9]{0,76}$/;

function requireAmount(text: string, path: string): void {
  if (!amountPattern.test(text)) throw fieldError(path, shown(text), "a whole number above nothing");
}

function checkOffers(offers: readonly Offer[], last: bigint): void {
  let before = 0n;
  for (const [index, { id, seller, quantity, ask }] of offers.entries()) {
    const path = `${at}.offers[${index}]`;
    if (id <= before || id > last) throw fieldError(`${path}.id`, `${id}`, `more than ${before} and at most ${last}`);
    refusedAs(`${path}.seller`, shown(seller), "an account", () => accountAddress.decode(seller));
    requireAmount(quantity, `${path}.quantity`);
    requireAmount(ask, `${path}.ask`);
    if (BigInt(ask) > stored.askMax) throw fieldError(`${path}.ask`, ask, `at most ${stored.askMax}`);
    before = id;
  }
}

function checkRedemptions(list: readonly Redemption[]): void {
  const seen = new Set<string>();
  for (const [index, { epoch, holder, quantity }] of list.entries()) {
    const path = `${at}.redemptions[${index}]`;
    refusedAs(`${path}.holder`, shown(holder), "an account", () => accountAddress.decode(holder));
    requireAmount(quantity, `${path}.quantity`);
    if (seen.has(`${epoch} ${holder}`)) throw fieldError(path, `${holder} again`, "each holder once an epoch");
    seen.add(`${epoch} ${holder}`);
  }
}

function checkSale(sale: Sale | undefined): void {
  if (sale === undefined) return;
  const problem = refusedAs(`${at}.sale`, "a value", "a sale in its bounds", () => {
    const { quantity, start, end } = curveOf(sale);
    const [sold, raised] = [BigInt(sale.sold), BigInt(sale.raised)];
    const isCounted = sold >= 0n && sold <= quantity && raised >= 0n;
    return isCounted ? saleProblem({ quantity, start, end, epochs: 1n }) : "sold more than there was";
  });
  if (problem !== undefined) throw fieldError(`${at}.sale`, problem, "a sale in its bounds");
}

function parse(json: unknown): GenesisState {
  const state = fromJson<GenesisState>(GenesisState.$type, json, at);
  if (state.params === undefined) throw fieldError(`${at}.params`, "nothing", "the reserve's parameters");
  const problem = refusedAs(
    `${at}.params`,
    "a value",
    "parameters in their bounds",
    () => paramsProblem(state.params!) ?? rangeProblem(parameters, state.params!),
  );
  if (problem !== undefined) throw fieldError(`${at}.params`, problem, "parameters in their bounds");
  checkOffers(state.offers, state.nextOffer);
  checkRedemptions(state.redemptions);
  checkSale(state.sale);
  return state;
}

// ------------------------------------------------------------------------------------------------------------- start and end

function init(ctx: Context, genesis: GenesisState): undefined {
  stored.params.set(ctx, genesis.params!);
  // What the reserve's account has at first is the first floor, and the first reference.
  stored.marks.set(ctx, genesis.marks ?? marksToProto(getMarks(ctx), 0n));
  if (genesis.nextOffer > 0n) stored.offerCount.set(ctx, genesis.nextOffer);
  for (const offer of genesis.offers) replaceOffer(ctx, undefined, offer);
  for (const redemption of genesis.redemptions) initRedemption(ctx, redemption);
  if (genesis.redeeming !== undefined) {
    // Of an epoch whose pages have begun, all that was asked for counts, and not what is left of it.
    stored.redeeming.set(ctx, genesis.redeeming);
    stored.redemptionsAsked.set(ctx, genesis.redeeming.epoch, BigInt(genesis.redeeming.asked));
  }
  if (genesis.flows !== undefined) stored.flows.set(ctx, genesis.flows);
  for (const payout of genesis.payouts) stored.payouts.set(ctx, payout.epoch, payout);
  if (genesis.sale !== undefined) stored.sale.set(ctx, genesis.sale);
  for (const report of genesis.reports) stored.reports.set(ctx, report.epoch, report);
  requireCovered(ctx, genesis);
}

function initRedemption(ctx: Context, redemption: Redemption): void {
  const { epoch, holder, quantity } = redemption;
  stored.redemptions.set(ctx, [epoch, accountAddress.decode(holder)], redemption);
  stored.redemptionsAsked.set(ctx, epoch, (stored.redemptionsAsked.get(ctx, epoch) ?? 0n) + BigInt(quantity));
}

function requireCovered(ctx: ReadContext, { offers, redemptions }: GenesisState): void {
  const owed = [...offers, ...redemptions].reduce((sum, { quantity }) => sum + BigInt(quantity), 0n);
  const found = balanceOf(ctx, moduleAddress(stored.bookName), mintDenom(ctx));
  if (found !== owed) throw fieldError(`${at}: offers and redemptions`, `${found} in ${stored.bookName}`, `${owed}`);
}

function exportState(ctx: ReadContext): GenesisState {
  const values = <V>(pairs: Iterable<readonly [unknown, V]>): V[] => [...pairs].map(([, value]) => value);
  return {
    params: stored.params.get(ctx) ?? paramsToProto(defaultParams),
    marks: stored.marks.get(ctx),
    nextOffer: stored.offerCount.peek(ctx),
    offers: values(stored.offers.iterate(ctx)),
    redemptions: values(stored.redemptions.iterate(ctx)),
    redeeming: stored.redeeming.get(ctx),
    flows: stored.flows.get(ctx),
    payouts: values(stored.payouts.iterate(ctx)),
    reports: values(stored.reports.iterate(ctx)),
    sale: stored.sale.get(ctx),
  };
}

export const genesis: Genesis<GenesisState> = {
  default: empty,
  parse,
  toJson: (state) => toJson(GenesisState.$type, state),
  init,
  export: exportState,
};
