/** New consensus parameters, by governance: checked as CometBFT checks them, so that it never refuses what the chain accepted. */
import { requireAuthority } from "../../chain/authority.ts";
import { unregistered } from "../../chain/errors.ts";
import { event } from "../../chain/events.ts";
import { message } from "../../chain/handlers.ts";
import { MsgUpdateParams, MsgUpdateParamsResponse } from "../../proto/gen/cosmos/consensus/v1/tx.ts";
import type { ConsensusParams } from "../../proto/gen/tendermint/types/params.ts";
import { consensusParams, requireConsensusParams } from "./keeper.ts";
import { params } from "./state.ts";
import { defaultConsensusParams, voteExtensionsProblem } from "./validate.ts";

/** What the message leaves out of `abci` and `version` stays as it is; the rest must be there. */
function updated(current: ConsensusParams, { block, evidence, validator, abci }: MsgUpdateParams): ConsensusParams {
  return { ...current, block, evidence, validator, abci: abci ?? current.abci };
}

const updateParams = message(MsgUpdateParams, MsgUpdateParamsResponse, {
  signers: (msg) => [msg.authority],
  validate(msg) {
    requireAuthority(msg.authority);
    requireConsensusParams(updated(defaultConsensusParams, msg));
  },
  execute(ctx, msg) {
    const current = consensusParams.get(ctx) ?? defaultConsensusParams;
    const next = updated(current, msg);
    const enableHeight = current.abci?.voteExtensionsEnableHeight ?? 0n;
    const problem = voteExtensionsProblem(enableHeight, msg.abci, ctx.block.height);
    if (problem !== undefined) throw unregistered(problem);
    params.set(ctx, next);
    ctx.emit(event("update_consensus_params", { authority: msg.authority, parameters: describe(next) }));
    return {};
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
