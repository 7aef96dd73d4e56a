/** Accounts, their numbers and sequences: what other modules and the chain may use of auth. */
import type { Module } from "../../chain/module.ts";
import { commands } from "./commands.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { parameters } from "./parameters.ts";
import { queries } from "./queries.ts";
import { state, storeName } from "./state.ts";

export type { Account, BaseAccount } from "./account.ts";
export {
  accountPlace,
  addVestingAccount,
  anteAccounts,
  ensureAccount,
  feeCollectorName,
  getAccount,
  getModuleAccount,
  getParams,
  hasAccount,
  moduleAccountMay,
  setVesting,
  vestingOf,
} from "./keeper.ts";
export {
  lockedVesting,
  periodsEnd,
  type Schedule,
  startNotBeforeEnd,
  sumOfPeriods,
  trackDelegation,
  trackUndelegation,
  type VestingPart,
  type VestingPeriod,
  vestedCoins,
  vestingCoins,
  vestingPeriodsMax,
  vestingProblem,
} from "./vesting.ts";

export const auth: Module = {
  name: "auth",
  storeName,
  state,
  messages,
  queries,
  genesis,
  invariants,
  parameters: [parameters],
  commands,
};
