/** Coins: what other modules and the chain may use of bank. */
import type { Module } from "../../chain/module.ts";
import { commands } from "./commands.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { parameters } from "./parameters.ts";
import { queries } from "./queries.ts";
import { state, storeName } from "./state.ts";

export { delegateCoins, undelegateCoins } from "./delegation.ts";
export { duplicateEntry } from "./errors.ts";
export {
  anteFees,
  balanceOf,
  balancesOf,
  burnCoins,
  isBlocked,
  mintCoins,
  payCoins,
  payFromModule,
  payShares,
  sendBetweenModules,
  sendCoins,
  sendFromModule,
  sendShares,
  sendToModule,
  spendableOf,
  supplyOf,
} from "./keeper.ts";
export { isSendEnabled, requireSendEnabled } from "./sendenabled.ts";

export const bank: Module = {
  name: "bank",
  storeName,
  state,
  messages,
  queries,
  genesis,
  invariants,
  parameters: [parameters],
  commands,
};
