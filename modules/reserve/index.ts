/** The reserve: what other modules, the chain and the command line may use of it. */
import type { Context } from "../../chain/context.ts";
import type { Module } from "../../chain/module.ts";
import { commands } from "./commands.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { parameters } from "./parameters.ts";
import { payoutsPage, payServedRelays } from "./payouts.ts";
import { queries } from "./queries.ts";
import { payRedemptions, redemptionsPage } from "./redeem.ts";
import { state, storeName } from "./state.ts";

export { type Audit, audit, type Finding } from "./audit.ts";
export { type Auction, holdAuction, type Marks } from "./finalize.ts";
export { closeEpoch, epochReport } from "./report.ts";

/** Writes nothing where nothing waits. */
function beginBlock(ctx: Context): void {
  payRedemptions(ctx, redemptionsPage);
  payServedRelays(ctx, payoutsPage);
}

export const reserve: Module = {
  name: "reserve",
  storeName,
  state,
  messages,
  queries,
  genesis,
  invariants,
  parameters: [parameters],
  commands,
  exits: ["/weir.reserve.v1.MsgRedeem", "/weir.reserve.v1.MsgCancelOffer"],
  beginBlock,
};
