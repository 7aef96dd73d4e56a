/** What the engine's requests tell of a block, as hooks see it. The three requests that open a block tell it alike. */
import {
  type Misbehavior as AbciMisbehavior,
  MisbehaviorType,
  type RequestFinalizeBlock,
  type VoteInfo,
} from "../../proto/gen/tendermint/abci/types.ts";
import { BlockIDFlag } from "../../proto/gen/tendermint/types/validator.ts";
import { type EngineReport, type LastVote, type Misbehavior, nothingReported } from "../context.ts";

export type BlockRequest = Pick<
  RequestFinalizeBlock,
  "height" | "time" | "proposerAddress" | "misbehavior" | "nextValidatorsHash"
>;

/** The commit of the block before: proposed, decided, or with extensions. */
export interface Votes {
  readonly votes: readonly Pick<VoteInfo, "validator" | "blockIdFlag">[];
}

const nobody = { address: new Uint8Array(0), power: 0n };
const noTime = { seconds: 0n, nanos: 0 };

const kinds: Readonly<Record<number, Misbehavior["kind"]>> = {
  [MisbehaviorType.DUPLICATE_VOTE]: "duplicateVote",
  [MisbehaviorType.LIGHT_CLIENT_ATTACK]: "lightClientAttack",
};

function lastVote({ validator = nobody, blockIdFlag }: Votes["votes"][number]): LastVote {
  const { address, power } = validator;
  return { address, power, isAbsent: blockIdFlag === BlockIDFlag.BLOCK_ID_FLAG_ABSENT };
}

/** Kinds of misbehavior that are not known here are passed over, as the SDK does. */
function misbehaviorOf({ type, validator = nobody, height, time, totalVotingPower }: AbciMisbehavior): Misbehavior[] {
  const kind = kinds[type];
  const { address, power } = validator;
  return kind === undefined
    ? []
    : [{ kind, address, power, totalPower: totalVotingPower, height, time: time ?? noTime }];
}

export const engineReport = (
  lastCommit: Votes | undefined,
  misbehavior: readonly AbciMisbehavior[],
  { nextValidatorsHash, appHash }: Pick<EngineReport, "nextValidatorsHash" | "appHash"> = nothingReported,
): EngineReport => ({
  lastVotes: (lastCommit?.votes ?? []).map(lastVote),
  misbehavior: misbehavior.flatMap(misbehaviorOf),
  nextValidatorsHash,
  appHash,
});
