import { describe, expect, it } from "vitest";
import { weir } from "../../modules/index.ts";
import { MisbehaviorType } from "../../proto/gen/tendermint/abci/types.ts";
import { BlockIDFlag } from "../../proto/gen/tendermint/types/validator.ts";
import { TestApplication } from "../../test/helpers/testapplication.ts";
import { type EngineReport, nothingReported } from "../context.ts";
import { engineReport } from "./requests.ts";

const address = new Uint8Array(20).fill(3);
const time = { seconds: 1_699_999_000n, nanos: 5 };
const vote = (blockIdFlag: BlockIDFlag) => ({ validator: { address, power: 7n }, blockIdFlag });
const caught = { type: MisbehaviorType.DUPLICATE_VOTE, validator: { address, power: 7n }, height: 1n, time };
const { BLOCK_ID_FLAG_COMMIT, BLOCK_ID_FLAG_ABSENT, BLOCK_ID_FLAG_NIL, BLOCK_ID_FLAG_UNKNOWN } = BlockIDFlag;

describe("what the engine tells of a block", () => {
  it("counts as absent only who is flagged so: a vote for nil is a vote", () => {
    const flags = [BLOCK_ID_FLAG_COMMIT, BLOCK_ID_FLAG_ABSENT, BLOCK_ID_FLAG_NIL, BLOCK_ID_FLAG_UNKNOWN];
    const { lastVotes } = engineReport({ votes: flags.map(vote) }, []);
    expect(lastVotes.map(({ isAbsent }) => isAbsent)).toEqual([false, true, false, false]);
    expect(lastVotes[0]).toEqual({ address, power: 7n, isAbsent: false });
  });

  it("knows two kinds of misbehavior and passes over others", () => {
    const types = [MisbehaviorType.LIGHT_CLIENT_ATTACK, MisbehaviorType.UNKNOWN, MisbehaviorType.DUPLICATE_VOTE];
    const list = types.map((type) => ({ ...caught, type, totalVotingPower: 9n }));
    const rest = { address, power: 7n, totalPower: 9n, height: 1n, time };
    expect(engineReport(undefined, list).misbehavior).toEqual([
      { kind: "lightClientAttack", ...rest },
      { kind: "duplicateVote", ...rest },
    ]);
  });

  it("is nothing for a first block, and survives a host that leaves parts out", () => {
    expect(engineReport(undefined, [])).toEqual(nothingReported);
    const bare = { validator: undefined, blockIdFlag: BLOCK_ID_FLAG_COMMIT };
    const noTime = { ...caught, time: undefined, validator: undefined, totalVotingPower: 0n };
    const report = engineReport({ votes: [bare] }, [noTime]);
    expect(report.lastVotes).toEqual([{ address: new Uint8Array(0), power: 0n, isAbsent: false }]);
    expect(report.misbehavior[0]).toMatchObject({ power: 0n, time: { seconds: 0n, nanos: 0 } });
  });

  it("reaches hooks alike when a block is prepared, processed and finalized", async () => {
    const seen: EngineReport[] = [];
    const [first, ...others] = weir.modules;
    const watching = { ...first!, beginBlock: (_: unknown, report: EngineReport) => void seen.push(report) };
    const beginBlock = [watching];
    const definition = { ...weir, modules: [watching, ...others], order: { ...weir.order, beginBlock } };
    const chain = await TestApplication.start({ definition, optimisticExecution: false });
    chain.lastVotes = [vote(BLOCK_ID_FLAG_ABSENT), vote(BLOCK_ID_FLAG_COMMIT)];
    chain.misbehavior = [{ ...caught, totalVotingPower: 14n }];
    seen.length = 0;
    const appHash = chain.state.appHash.slice();
    chain.prepare([]);
    chain.process([]);
    chain.seal([]);
    const { nextValidatorsHash } = chain.nextBlock();
    const header = { nextValidatorsHash, appHash };
    const expected = engineReport({ votes: chain.lastVotes }, chain.misbehavior, header);
    expect(expected.lastVotes).toHaveLength(2);
    expect(seen).toEqual([expected, expected, expected]);
  });
});
