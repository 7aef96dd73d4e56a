/** The chain's brake: what other modules and the chain may use of it. */
import type { Context } from "../../chain/context.ts";
import type { ChainDefinition } from "../../chain/definition.ts";
import type { Module } from "../../chain/module.ts";
import { endExpiredActs } from "./acts.ts";
import { dropExpired } from "./approvals.ts";
import { commands } from "./commands.ts";
import { genesis } from "./genesis.ts";
import { guarded, refuseAtCheck } from "./guard.ts";
import { invariants } from "./invariants.ts";
import { messagesOver } from "./messages.ts";
import { parameters } from "./parameters.ts";
import { queries } from "./queries.ts";
import { state, storeName } from "./state.ts";
import type { Surroundings } from "./surroundings.ts";

export { standingFigures } from "./acts.ts";
export {
  accountFreeze,
  isDenomFrozen,
  isMessagePaused,
  isUpgradeStopped,
  requireDenomUsable,
  requireRedemptionOpen,
} from "./guard.ts";

/** Circuit is told what all modules are once they are listed, and stands before every message of theirs. */
export function circuitOver(chain: Surroundings) {
  const module: Module = {
    name: "circuit",
    storeName,
    state,
    messages: messagesOver(chain),
    queries,
    genesis,
    invariants,
    parameters: [parameters],
    commands,
    beginBlock(ctx: Context) {
      endExpiredActs(ctx);
      dropExpired(ctx);
    },
  };
  return {
    module,
    guarded: (other: Module): Module => guarded(other, chain),
    refuseAtCheck: (ctx: Context, typeUrl: string, message: unknown): void =>
      refuseAtCheck(ctx, chain, typeUrl, message),
  };
}

/** The chain with every message behind the brake. */
export function guardedBy(circuit: ReturnType<typeof circuitOver>, chain: ChainDefinition): ChainDefinition {
  const byModule = new Map(chain.modules.map((module) => [module, circuit.guarded(module)]));
  const all = (modules: readonly Module[]): readonly Module[] =>
    modules.map((module) => byModule.get(module) ?? module);
  const { genesis, preBlock, beginBlock, endBlock } = chain.order;
  return {
    ...chain,
    modules: all(chain.modules),
    order: { genesis: all(genesis), preBlock: all(preBlock), beginBlock: all(beginBlock), endBlock: all(endBlock) },
    refuseAtCheck: circuit.refuseAtCheck,
  };
}
