/** Rules about who may have which coins: what other modules and the chain may use of them. */
import type { Context } from "../../chain/context.ts";
import type { Module } from "../../chain/module.ts";
import { commands } from "./commands.ts";
import { pruneCredentials } from "./credentials.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { pruneUsages } from "./limits.ts";
import { messages } from "./messages.ts";
import { isOn, parameters } from "./params.ts";
import { queries } from "./queries.ts";
import { heldName, state, storeName } from "./state.ts";

export { afterRelayRemoved, jurisdictionOf } from "./jurisdictions.ts";
export {
  freezeProblem,
  holdBack,
  type Payment,
  requireRedemption,
  requireTopUp,
  requireTransfer,
  requireUnfrozen,
} from "./restrictions.ts";
export { isJurisdiction } from "./texts.ts";
export { heldName };

/** Records in a block. */
const pruningPage = 100;

function beginBlock(ctx: Context): void {
  if (!isOn(ctx)) return;
  pruneCredentials(ctx, pruningPage);
  pruneUsages(ctx, pruningPage);
}

export const compliance: Module = {
  name: "compliance",
  storeName,
  state,
  messages,
  queries,
  genesis,
  invariants,
  exits: ["/weir.compliance.v1.MsgClaimHeld", "/weir.compliance.v1.MsgRevokeCredential"],
  parameters: [parameters],
  commands,
  beginBlock,
};
