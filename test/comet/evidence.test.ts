import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readRecord } from "../../chain/abci/record.ts";
import { fromRfc3339 } from "../../chain/consensus/time.ts";
import { doubleVoteJson } from "../../chain/server/rpc-evidence.ts";
import { whyNoCometBft } from "../helpers/cometbft.ts";
import { chainId, makeTestHome, reached, removeHome, rpc, startNodeUnderComet } from "../helpers/cometnode.ts";
import { makeDoubleVote } from "../helpers/evidence.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const itRuns = it.skipIf(whyNoCometBft() !== undefined);

/** The first run builds the binary. */
vi.setConfig({ testTimeout: 600_000 });

describe("a validator that votes twice under the real cometbft (needs Go)", () => {
  itRuns("is told of to the application, with its power at that height", async () => {
    const { home } = makeTestHome();
    closing.push(() => removeHome(home));
    const abciLog = join(home.folder, "abci.log");
    const node = await startNodeUnderComet(home, { abciLog });
    closing.push(() => node.close());
    await reached(node, 3n);
    const { block } = await rpc<{ block: { header: { time: string } } }>(node, "block", { height: "1" });
    const { validators } = await rpc<{ validators: { voting_power: string; address: string }[] }>(node, "validators", {
      height: "1",
    });
    const power = BigInt(validators[0]!.voting_power);
    const time = fromRfc3339(block.header.time)!;
    const doubleVote = makeDoubleVote({ keyPath: home.validatorKey, chainId, height: 1n, time, power });
    const { type, value } = doubleVoteJson(doubleVote);
    await rpc(node, "broadcast_evidence", { evidence: { type, value } });
    // Where the application expels its only validator the chain ends there: what it was told is what is asked here.
    await Promise.race([reached(node, node.height + 3n).catch(() => {}), node.ended]);
    const told = readRecord(abciLog).flatMap(({ request }) => request.finalizeBlock?.misbehavior ?? []);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ type: 1, height: 1n, totalVotingPower: power });
    expect(told[0]!.validator?.power).toBe(power);
    expect(Buffer.from(told[0]!.validator!.address).toString("hex").toUpperCase()).toBe(validators[0]!.address);
  });
});
