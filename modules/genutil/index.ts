/** Validators that begin with the chain, by transactions in its genesis. */
import type { Module } from "../../chain/module.ts";
import { genesis } from "./genesis.ts";

export { genTxsMax } from "./genesis.ts";

export const genutil: Module = {
  name: "genutil",
  storeName: "genutil",
  state: {},
  messages: {},
  queries: {},
  genesis,
  invariants: {},
};
