/** The constitution of the engine's parameters: what each is, its range, and how it is changed. */
import { duration, integer, list, type ModuleParameters } from "../../chain/parameters.ts";
import type { MsgUpdateParams } from "../../proto/gen/cosmos/consensus/v1/tx.ts";
import { ConsensusParams } from "../../proto/gen/tendermint/types/params.ts";
import { consensusParams } from "./keeper.ts";
import { blockBytesMax, defaultConsensusParams } from "./validate.ts";

/** What the message leaves out of `abci` and `version` stays as it is; the rest must be there. */
export function updated(current: ConsensusParams, message: MsgUpdateParams): ConsensusParams {
  const { block, evidence, validator, abci } = message;
  return { ...current, block, evidence, validator, abci: abci ?? current.abci };
}

const read: ModuleParameters<ConsensusParams>["read"] = (ctx) => consensusParams.get(ctx) ?? defaultConsensusParams;

const int64Max = (1n << 63n) - 1n;
const evidenceSecondsMax = 9_223_372_036n;

export const parameters: ModuleParameters<ConsensusParams> = {
  typeName: ConsensusParams.$type,
  message: "/cosmos.consensus.v1.MsgUpdateParams",
  rules: {
    "block.max_bytes": integer("largest block (-1: as large as the engine allows)", "bytes", -1n, blockBytesMax),
    "block.max_gas": integer("most gas of a block (-1: no limit)", "gas", -1n, int64Max),
    "evidence.max_age_num_blocks": integer("blocks for which misbehaviour can be proven", "blocks", 1n, int64Max),
    "evidence.max_age_duration": duration("time for which misbehaviour can be proven", 0n, evidenceSecondsMax),
    "evidence.max_bytes": integer("most evidence in a block", "bytes", 0n, blockBytesMax),
    "validator.pub_key_types": list("kinds of keys that validators sign with", "kinds", 1n, 2n, { class: "fixed" }),
    "version.app": integer("version of the application's protocol", "", 0n, int64Max),
    "abci.vote_extensions_enable_height": integer("height from which votes carry extensions", "", 0n, int64Max),
  },
  read,
  proposed: (ctx, message) => updated(read(ctx), message),
};
