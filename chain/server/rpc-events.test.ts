import { describe, expect, it } from "vitest";
import { makeDoubleVote } from "../../test/helpers/evidence.ts";
import { KvApplication, KvDisk } from "../../test/helpers/kv-application.ts";
import { makeHome, openChain } from "../../test/helpers/local-chain.ts";
import type { SealedBlock } from "../consensus/executor.ts";
import { hexUpper } from "../consensus/json.ts";
import { parseQuery } from "../consensus/query.ts";
import { type PublishedBlock, publishedBy } from "./rpc-events.ts";

const key = new Uint8Array(32).fill(7);

/** A block with two transactions, a piece of evidence and a validator of power 3 that joins. */
async function sealedBlock(): Promise<SealedBlock> {
  const home = makeHome();
  const app = new KvApplication(new KvDisk(), {
    validatorUpdates: (height) => (height === 2n ? [{ pubKey: { ed25519: key }, power: 3n }] : []),
  });
  // Block 2 would come an hour later: what belongs in it is put in while no engine runs.
  const begun = await openChain(home, app, { blockMillis: 3_600_000 });
  const first = begun.reach(1n);
  begun.engine.run();
  const { block } = await first;
  await begun.stop();
  const chain = await openChain(home, app);
  const second = chain.reach(2n);
  const vote = {
    keyPath: `${home.folder}/key0.json`,
    chainId: "kv-1",
    height: 1n,
    time: block.header.time,
    power: 10n,
  };
  await Promise.all([
    ...["a=1", "b=2"].map((tx) => chain.engine.mempool.check(Buffer.from(tx))),
    chain.engine.addEvidence(makeDoubleVote(vote)),
  ]);
  chain.engine.run();
  const sealed = await second;
  await chain.stop();
  home.remove();
  return sealed;
}

const found = (block: PublishedBlock, query: string) =>
  block
    .find(query, parseQuery(query))
    .map(({ json }) => JSON.parse(`{${json()}}`) as { data: { type: string; value: object } });

describe("the events of a block", () => {
  it("come in CometBFT's order", async () => {
    const block = publishedBy(await sealedBlock());
    const names = found(block, "tm.event EXISTS").map(({ data }) => data.type.replace("tendermint/event/", ""));
    expect(names).toEqual([
      "NewRound",
      "CompleteProposal",
      "Vote",
      "NewBlock",
      "NewBlockHeader",
      "NewBlockEvents",
      "NewEvidence",
      "Tx",
      "Tx",
      "ValidatorSetUpdates",
    ]);
  });

  it("show evidence and the validators that change", async () => {
    const sealed = await sealedBlock();
    const block = publishedBy(sealed);
    expect(found(block, "tm.event='NewEvidence'")[0]?.data.value).toMatchObject({
      height: "2",
      evidence: { type: "tendermint/DuplicateVoteEvidence", value: { ValidatorPower: "10" } },
    });
    const added = sealed.state.nextValidators.validators.find(({ votingPower }) => votingPower === 3n)!;
    expect(found(block, "tm.event='ValidatorSetUpdates'")[0]?.data.value).toEqual({
      validator_updates: [
        {
          address: hexUpper(added.address),
          pub_key: { type: "tendermint/PubKeyEd25519", value: Buffer.from(key).toString("base64") },
          voting_power: "3",
          proposer_priority: "0",
        },
      ],
    });
  });

  it("are found by a value as by looking at each", async () => {
    const block = publishedBy(await sealedBlock());
    expect(found(block, "write.key='a'").map(({ data }) => data.type)).toEqual(["tendermint/event/Tx"]);
    expect(found(block, "tm.event='Tx' AND write.key='b'")).toHaveLength(1);
    expect(found(block, "tm.event='NewBlock' AND write.key='b'")).toEqual([]);
    expect(found(block, "write.key='a' AND tx.height=2")).toHaveLength(1);
    expect(found(block, "write.key='a' AND tx.height=3")).toEqual([]);
    expect(found(block, "write.key EXISTS AND tx.height>1")).toHaveLength(2);
    expect(found(block, "write.key='c'")).toEqual([]);
    expect(found(block, "__proto__='a'")).toEqual([]);
  });
});
