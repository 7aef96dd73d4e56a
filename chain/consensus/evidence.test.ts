import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DuplicateVoteEvidence } from "../../proto/gen/tendermint/types/evidence.ts";
import { makeDoubleVote } from "../../test/helpers/evidence.ts";
import { KvApplication, KvDisk } from "../../test/helpers/kv-application.ts";
import { type LocalHome, makeHome, openChain, type RunningChain } from "../../test/helpers/local-chain.ts";
import { evidenceHashOf } from "./evidence.ts";
import { evidenceHash } from "./hashes.ts";

describe("evidence of a double vote", () => {
  let home: LocalHome;
  let app: KvApplication;
  let chain: RunningChain;
  let evidence: DuplicateVoteEvidence;
  beforeAll(async () => {
    home = makeHome();
    app = new KvApplication(new KvDisk());
    chain = await openChain(home, app);
    const first = chain.reach(1n);
    chain.engine.run();
    const { block } = await first;
    evidence = makeDoubleVote({
      keyPath: join(home.folder, "key0.json"),
      chainId: home.genesis.chainId,
      height: 1n,
      time: block.header.time,
      power: 10n,
    });
  });
  afterAll(async () => {
    await chain.stop();
    home.remove();
  });
  const refusal = (change: Partial<DuplicateVoteEvidence>) => chain.engine.addEvidence({ ...evidence, ...change });

  it("is refused in CometBFT's words when it does not fit the chain", async () => {
    const { voteA, voteB } = evidence;
    if (voteA === undefined || voteB === undefined) throw new Error("the helper makes two votes");
    await expect(refusal({ voteA: undefined })).rejects.toThrow("one or both of the votes are empty nil-Vote, Vote{0:");
    await expect(refusal({ voteA: voteB, voteB: voteA })).rejects.toThrow("duplicate votes in invalid order");
    await expect(refusal({ voteA: { ...voteA, signature: voteB.signature } })).rejects.toThrow(
      "failed to add evidence: Invalid evidence: verifying VoteA: invalid signature. Evidence: DuplicateVoteEvidence{VoteA: Vote{0:",
    );
    await expect(refusal({ validatorPower: 9n })).rejects.toThrow(
      "validator power from evidence and our validator set does not match (9 != 10)",
    );
    await expect(refusal({ voteA: { ...voteA, height: 9_000n } })).rejects.toThrow("don't have header #9000");
    await expect(refusal({ timestamp: { seconds: 5n, nanos: 0 } })).rejects.toThrow("evidence has a different time");
    await expect(refusal({ voteB: { ...voteB, round: 1 } })).rejects.toThrow("h/r/s does not match: 1/0/SIGNED");
    expect(chain.engine.stores.evidence.isEmpty).toBe(true);
  });

  it("goes into the next block, is told to the application, and is taken only once", async () => {
    const next = chain.reach(chain.engine.height + 1n);
    expect(await chain.engine.addEvidence(evidence)).toEqual(evidenceHashOf(evidence));
    const { block } = await next;
    expect(block.evidence.evidence).toEqual([{ duplicateVoteEvidence: evidence }]);
    expect(block.header.evidenceHash).toEqual(evidenceHash(block.evidence.evidence));
    const told = app.finalized.find(({ height }) => height === block.header.height);
    const { time } = (await chain.engine.stores.blocks.meta(1n))!.header;
    expect(told?.misbehavior).toMatchObject([{ type: 1, height: 1n, time, totalVotingPower: 10n }]);
    expect(await chain.engine.addEvidence(evidence)).toEqual(evidenceHashOf(evidence));
    expect(chain.engine.stores.evidence.isEmpty).toBe(true);
  });
});
