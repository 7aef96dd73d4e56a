/** The chain's modules, and each order in which they act: a module joins by one line in `modules` and one in each order it takes part in. */
import type { ChainDefinition } from "../chain/definition.ts";
import type { Module } from "../chain/module.ts";
import { anteAccounts, auth } from "./auth/index.ts";
import { anteFees, bank } from "./bank/index.ts";
import { consensus, consensusParams } from "./consensus/index.ts";
import { vesting } from "./vesting/index.ts";

/** Sorted by name. */
const modules: readonly Module[] = [auth, bank, consensus, vesting];

export const weir: ChainDefinition = {
  name: "weir",
  modules,
  order: {
    // Accounts are numbered before coins are given to them.
    genesis: [auth, bank, vesting, consensus],
    preBlock: [],
    beginBlock: [],
    endBlock: [],
  },
  ante: { accounts: anteAccounts, fees: anteFees },
  consensusParams,
};
