/** The marketplace: what other modules, the chain and daemons may use of it. */
import type { Module } from "../../chain/module.ts";
import { commands } from "./commands.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { parameters } from "./parameters.ts";
import { queries } from "./queries.ts";
import { state, storeName } from "./state.ts";
import { beginBlock } from "./sweep.ts";

export { getParams, presetSplit, type SplitPreset, splitPresets } from "./params.ts";
export { type CellTelemetry, priceOf, spotPrice } from "./prices.ts";
export {
  type Settled,
  servedIn,
  settledIn,
  settledOfCell,
  settledOfEpoch,
  takeOracleFees,
} from "./settlements.ts";
export { afterEpoch } from "./sweep.ts";
export {
  amountFor,
  bytesFor,
  bytesPerGib,
  closingBytes,
  type DeliveryTerms,
  deliveryBytes,
  errorPpm,
  type VoucherTerms,
  voucherAmountMax,
  voucherBytes,
  vouchersMax,
} from "./voucher.ts";
export { freezeDenom, isDenomFrozen, isDenomTaken, thawDenom } from "./wallets.ts";

export const market: Module = {
  name: "market",
  storeName,
  state,
  messages,
  queries,
  genesis,
  invariants,
  exits: [
    "/weir.market.v1.MsgWithdraw",
    "/weir.market.v1.MsgSettle",
    "/weir.market.v1.MsgCloseSession",
    "/weir.market.v1.MsgWithdrawCapacity",
    "/weir.market.v1.MsgCancelSubscription",
  ],
  parameters: [parameters],
  commands,
  beginBlock,
};
