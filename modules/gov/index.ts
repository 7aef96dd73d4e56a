/** Proposals, votes, and what they may change: what other modules and the chain may use of gov. */
import type { ReadContext } from "../../chain/context.ts";
import type { Module } from "../../chain/module.ts";
import { commands } from "./commands.ts";
import type { Router } from "./constitution.ts";
import { endBlockOver } from "./endblock.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { messagesOver } from "./messages.ts";
import { parameters, weirParameters } from "./parameters.ts";
import { queriesOver } from "./queries.ts";
import { delayedQueue, state, storeName } from "./state.ts";

export type { Declared, Router } from "./constitution.ts";
export { getParams, getProposal, getWeirParams } from "./keeper.ts";
export { type ProposalFile, proposalFileJson, readProposalFile } from "./proposalfile.ts";
export { beforeDelegationsChange } from "./tally.ts";

/** Whether a passed proposal that lets more out of the reserve, or raises the emission, waits to act. */
export const isLooseningWaiting = (ctx: ReadContext): boolean => delayedQueue.keys(ctx).next().done !== true;

/** Gov executes messages of every module and reads every module's parameters: it is told where they are, once all modules are listed. */
export const govOver = (router: Router): Module => ({
  name: "gov",
  storeName,
  state,
  messages: messagesOver(router),
  queries: queriesOver(router),
  genesis,
  invariants,
  parameters: [parameters, weirParameters],
  commands,
  endBlock: endBlockOver(router),
});
