/**
 * What part of an emission is the validators': a parameter of rewards, which stand on the epochs of this module. The only place from which the
 * beacon calls them; nothing here is used before all modules are loaded.
 */
import type { ReadContext } from "../../chain/context.ts";
import type { Dec } from "../../chain/dec.ts";
import * as rewards from "../rewards/index.ts";

export const validatorShare = (ctx: ReadContext): Dec => rewards.validatorShare(ctx);
