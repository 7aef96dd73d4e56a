/** New consensus parameters, by governance: checked as CometBFT checks them, so that it never refuses what the chain accepted. */
import { unregistered } from "../../chain/errors.ts";
import { event } from "../../chain/events.ts";
import { parameterUpdate } from "../../chain/parameterupdate.ts";
import { MsgUpdateParams, MsgUpdateParamsResponse } from "../../proto/gen/cosmos/consensus/v1/tx.ts";
import type { ConsensusParams } from "../../proto/gen/tendermint/types/params.ts";
import { parameters, updated } from "./parameters.ts";
import { params } from "./state.ts";
import { consensusParamsProblem, defaultConsensusParams, voteExtensionsProblem } from "./validate.ts";

const updateParams = parameterUpdate(MsgUpdateParams, MsgUpdateParamsResponse, parameters, {
  params: (msg) => updated(defaultConsensusParams, msg),
  problem: consensusParamsProblem,
  store(ctx, next, msg) {
    const enableHeight = parameters.read(ctx).abci?.voteExtensionsEnableHeight ?? 0n;
    const problem = voteExtensionsProblem(enableHeight, msg.abci, ctx.block.height);
    if (problem !== undefined) throw unregistered(problem);
    params.set(ctx, next);
    ctx.emit(event("update_consensus_params", { authority: msg.authority, parameters: describe(next) }));
  },
});

/** In words of our own: the SDK prints Go's text form of the message, which is not stable. */
function describe({ block, evidence, validator, abci }: ConsensusParams): string {
  const evidenceAge = `${evidence?.maxAgeNumBlocks} blocks and ${evidence?.maxAgeDuration?.seconds}s`;
  return [
    `block max_bytes ${block?.maxBytes} max_gas ${block?.maxGas}`,
    `evidence max_age ${evidenceAge} max_bytes ${evidence?.maxBytes}`,
    `validator pub_key_types ${validator?.pubKeyTypes.join(" ")}`,
    `abci vote_extensions_enable_height ${abci?.voteExtensionsEnableHeight ?? 0n}`,
  ].join("; ");
}

export const messages = { "/cosmos.consensus.v1.MsgUpdateParams": updateParams };
