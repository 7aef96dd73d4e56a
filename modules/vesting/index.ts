/** Makes vesting accounts. What they lock, and when, is auth's (modules/auth/vesting.ts), which stores them. */
import type { Module } from "../../chain/module.ts";
import { commands } from "./commands.ts";
import { genesis } from "./genesis.ts";
import { messages } from "./messages.ts";

export const vesting: Module = {
  name: "vesting",
  storeName: "vesting",
  state: {},
  messages,
  queries: {},
  genesis,
  invariants: {},
  commands,
};
