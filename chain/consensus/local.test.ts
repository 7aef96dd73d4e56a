import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BlockIDFlag } from "../../proto/gen/tendermint/types/validator.ts";
import { KvApplication, type KvBehaviour, KvDisk, kvHash } from "../../test/helpers/kv-application.ts";
import { type LocalHome, makeHome, openChain, type RunningChain } from "../../test/helpers/local-chain.ts";
import { verifyEd25519 } from "../crypto/ed25519.ts";
import { commitHash, dataHash, headerHash, resultsHash, voteSignBytes } from "./hashes.ts";
import { addMillis, compareTimes } from "./time.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const tx = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

describe("the local engine", () => {
  let home: LocalHome;
  let chains: RunningChain[];
  beforeEach(() => {
    home = makeHome();
    chains = [];
  });
  afterEach(async () => {
    for (const chain of chains) await chain.stop();
    home.remove();
  });

  async function start(disk: KvDisk, behaviour: KvBehaviour = {}, options = {}) {
    const app = new KvApplication(disk, behaviour);
    const chain = await openChain(home, app, options);
    chains.push(chain);
    const run = () => chain.engine.run();
    return { app, chain, engine: chain.engine, run };
  }

  async function stop(chain: RunningChain) {
    chains = chains.filter((other) => other !== chain);
    await chain.stop();
  }

  /** Runs until `txs` are in a block of their own each, then stops. */
  async function runThrough(disk: KvDisk, txs: readonly string[]) {
    const { chain, engine, run } = await start(disk);
    const first = chain.reach(engine.height === 0n ? 1n : 0n);
    run();
    if (engine.height === 0n) await first;
    for (const text of txs) {
      const included = chain.reach(engine.height + 1n);
      await engine.mempool.check(tx(text));
      await included;
    }
    await stop(chain);
  }

  it("seals the first block at once, with the genesis time and the app hash of InitChain", async () => {
    const { chain, run } = await start(new KvDisk());
    const first = chain.reach(1n);
    run();
    const { block } = await first;
    expect(block.header.height).toBe(1n);
    expect(block.header.time).toEqual(home.genesis.genesisTime);
    expect(hex(block.header.appHash)).toBe(hex(kvHash(new Map([["first", "1"]]))));
    expect(block.lastCommit.signatures).toEqual([]);
  });

  it("puts a transaction in a block, then proves the new app hash by one more block, and then rests", async () => {
    const { app, chain, engine, run } = await start(new KvDisk());
    const first = chain.reach(1n);
    run();
    await first;
    const proof = chain.reach(3n);
    await engine.mempool.check(tx("a=1"));
    const { block } = await proof;
    expect(app.finalized.map(({ txs }) => txs.length)).toEqual([0, 1, 0]);
    expect(hex(block.header.appHash)).toBe(
      hex(
        kvHash(
          new Map([
            ["first", "1"],
            ["a", "1"],
          ]),
        ),
      ),
    );
    expect(block.header.lastResultsHash).toEqual(resultsHash((await engine.stores.blocks.results(2n))!.txResults));
    expect(engine.height).toBe(3n);
  });

  it("rests between transactions when empty blocks are off, whatever the time between blocks", async () => {
    const { app, chain, engine, run } = await start(new KvDisk(), {}, { blockMillis: 1 });
    const first = chain.reach(1n);
    run();
    await first;
    const proof = chain.reach(3n);
    await engine.mempool.check(tx("a=1"));
    await proof;
    for (let turn = 0; turn < 1_000; turn++) await new Promise((resolve) => setImmediate(resolve));
    const next = chain.reach(4n);
    await engine.mempool.check(tx("b=2"));
    expect((await next).block.data.txs).toHaveLength(1);
    expect(app.finalized.map(({ txs }) => txs.length)).toEqual([0, 1, 0, 1]);
  });

  it("links blocks by id, hashes and signatures that a light client can check", async () => {
    const disk = new KvDisk();
    await runThrough(disk, ["a=1", "b=2", "c=3"]);
    const { engine } = await start(disk);
    const { blocks } = engine.stores;
    const [validator] = engine.state.validators.validators;
    for (let height = 1n; height <= engine.height; height++) {
      const block = (await blocks.block(height))!;
      const { blockId } = (await blocks.meta(height))!;
      const commit = (await blocks.commit(height))!;
      expect(hex(headerHash(block.header))).toBe(hex(blockId.hash));
      expect(hex(dataHash(block.data.txs))).toBe(hex(block.header.dataHash));
      expect(hex(commitHash(block.lastCommit))).toBe(hex(block.header.lastCommitHash));
      const [signature] = commit.signatures;
      const vote = { type: 2, height, round: commit.round, blockId, timestamp: signature!.timestamp! } as const;
      const bytes = voteSignBytes("kv-1", vote);
      expect(verifyEd25519(validator!.pubKey!.ed25519!, signature!.signature, bytes)).toBe(true);
      if (height === 1n) continue;
      const before = (await blocks.meta(height - 1n))!;
      expect(block.header.lastBlockId).toEqual(before.blockId);
      expect(block.lastCommit).toEqual(await blocks.commit(height - 1n));
      // BFT time: the one validator's vote for the block before, at least a millisecond after that block.
      expect(block.header.time).toEqual(block.lastCommit.signatures[0]!.timestamp);
      expect(compareTimes(block.header.time, addMillis(before.header.time, 1))).toBeGreaterThanOrEqual(0);
    }
  });

  it("keeps time rising by a millisecond when the clock stands still or is behind", async () => {
    const clock = () => ({ seconds: 5n, nanos: 0 });
    const { chain, run } = await start(new KvDisk(), {}, { clock, createEmptyBlocks: true, blockMillis: 1 });
    const third = chain.reach(3n);
    run();
    const { block } = await third;
    expect(block.header.time).toEqual(addMillis(home.genesis.genesisTime, 2));
  });

  it("tells the application who signed the block before", async () => {
    const disk = new KvDisk();
    const { app, chain, engine, run } = await start(disk);
    const first = chain.reach(1n);
    run();
    await first;
    const second = chain.reach(2n);
    await engine.mempool.check(tx("a=1"));
    await second;
    const [{ decidedLastCommit: none }, { decidedLastCommit }] = app.finalized as [
      never,
      never,
    ] as typeof app.finalized as [(typeof app.finalized)[0], (typeof app.finalized)[0]];
    expect(none).toEqual({ round: 0, votes: [] });
    expect(decidedLastCommit?.votes).toEqual([
      {
        validator: { address: home.signers[0]!.address, power: 10n },
        blockIdFlag: BlockIDFlag.BLOCK_ID_FLAG_COMMIT,
      },
    ]);
  });

  it("goes on after a restart without repeating a block", async () => {
    const disk = new KvDisk();
    await runThrough(disk, ["a=1"]);
    const height = disk.height;
    const { app, engine } = await start(disk);
    expect(engine.height).toBe(height);
    expect(app.finalized).toEqual([]);
    expect(disk.data.get("a")).toBe("1");
  });

  for (const [call, expected] of [
    ["finalizeBlock", "replayed"],
    ["commit", "replayed"],
  ] as const) {
    it(`halts when ${call} fails, and replays the decided block after a restart`, async () => {
      const disk = new KvDisk();
      await runThrough(disk, ["a=1"]);
      const before = (name: string, height: bigint) => {
        if (name === call && height === disk.height + 1n) throw new Error("the disk is on fire");
      };
      const broken = await start(disk, { before });
      await broken.engine.mempool.check(tx("b=2"));
      broken.run();
      expect((await broken.chain.halted).message).toBe("the disk is on fire");
      const decided = broken.engine.stores.blocks.height;
      expect(decided).toBe(disk.height + 1n);
      await stop(broken.chain);

      const { app, engine } = await start(disk);
      expect(engine.height).toBe(decided);
      expect(app.finalized.length, expected).toBe(1);
      expect(disk.data.get("b")).toBe("2");
      const { blockId } = (await engine.stores.blocks.meta(decided))!;
      expect(hex(app.finalized[0]!.hash)).toBe(hex(blockId.hash));
    });
  }

  it("takes stored results when the application committed and the engine did not get to know", async () => {
    const disk = new KvDisk();
    await runThrough(disk, ["a=1"]);
    const { chain, engine, run } = await start(disk);
    const { blocks } = engine.stores;
    blocks.saveState = async () => {
      throw new Error("power cut");
    };
    await engine.mempool.check(tx("b=2"));
    run();
    expect((await chain.halted).message).toBe("power cut");
    expect(disk.height).toBe(engine.height + 1n);
    await stop(chain);

    const again = await start(disk);
    expect(again.app.finalized).toEqual([]);
    expect(again.engine.height).toBe(disk.height);
    expect(hex(again.engine.state.appHash)).toBe(hex(kvHash(disk.data)));
    const [found] = await again.engine.stores.index.search(
      [{ tag: "write.key", operator: "=", value: "b", valueType: "string" }],
      again.engine.height,
    );
    expect(found?.height).toBe(disk.height);
  });

  it("replays every block into an application that lost all of its state", async () => {
    const disk = new KvDisk();
    await runThrough(disk, ["a=1", "b=2"]);
    const fresh = new KvDisk();
    const { engine } = await start(fresh);
    expect(fresh.height).toBe(disk.height);
    expect(fresh.data).toEqual(disk.data);
    expect(hex(engine.state.appHash)).toBe(hex(kvHash(disk.data)));
  });

  it("refuses an application that executes blocks differently from the chain", async () => {
    const disk = new KvDisk();
    await runThrough(disk, ["a=1"]);
    const fresh = new KvDisk();
    const before = (name: string) => {
      if (name === "finalizeBlock") fresh.data.set("first", "2");
    };
    await expect(start(fresh, { before })).rejects.toThrow(/replaying block 1 gave app hash .* Run the version/);
  });

  it("refuses an application that is ahead of the stored blocks", async () => {
    const disk = new KvDisk();
    await runThrough(disk, ["a=1"]);
    disk.height += 1n;
    await expect(start(disk)).rejects.toThrow(/the application is at height \d+, ahead of the newest stored block/);
  });

  it("refuses another chain's genesis", async () => {
    const disk = new KvDisk();
    await runThrough(disk, []);
    const options = { genesis: { ...home.genesis, chainId: "other-1" } };
    await expect(start(disk, {}, options)).rejects.toThrow(/data\/ holds chain kv-1 .* genesis.json says other-1/);
  });

  it("fails to open when InitChain fails, and starts from genesis the next time", async () => {
    const disk = new KvDisk();
    const before = () => {
      throw new Error("genesis is wrong");
    };
    await expect(start(disk, { before })).rejects.toThrow("genesis is wrong");
    const { chain, run } = await start(disk);
    const first = chain.reach(1n);
    run();
    expect((await first).state.lastBlockHeight).toBe(1n);
  });

  it("decides a block that was signed and lost in a later round, so that nothing is signed twice", async () => {
    const disk = new KvDisk();
    await runThrough(disk, ["a=1"]);
    const { chain, engine, run } = await start(disk);
    const height = engine.height + 1n;
    engine.stores.blocks.saveBlock = async () => {
      throw new Error("no space left on device");
    };
    run();
    await engine.mempool.check(tx("lost=1"));
    expect((await chain.halted).message).toBe("no space left on device");
    await stop(chain);
    expect(home.signers[0]!.last).toEqual({ height, round: 0 });

    const again = await start(disk);
    const next = again.chain.reach(height);
    again.run();
    await again.engine.mempool.check(tx("other=2"));
    await next;
    expect((await again.engine.stores.blocks.commit(height))?.round).toBe(1);
  });

  it("leaves out what the application rejects, and halts when it rejects an empty block", async () => {
    const { chain, engine, run } = await start(new KvDisk(), { reject: (txs) => txs.length > 0 });
    const first = chain.reach(1n);
    run();
    await first;
    const second = chain.reach(2n);
    await engine.mempool.check(tx("a=1"));
    expect((await second).block.data.txs).toEqual([]);
    await stop(chain);

    const stubborn = makeHome();
    const app = new KvApplication(new KvDisk(), { reject: () => true });
    const halting = await openChain(stubborn, app);
    halting.engine.run();
    expect((await halting.halted).message).toMatch(/rejects even an empty block at height 1/);
    await halting.stop();
    stubborn.remove();
  });

  it("counts a success once: a failed resend of the same transaction does not hide it", async () => {
    const { chain, engine, run } = await start(new KvDisk());
    const first = chain.reach(1n);
    run();
    await first;
    const bytes = tx("a=1");
    const second = chain.reach(2n);
    await engine.mempool.check(bytes);
    await second;
    const failed = { ...(await engine.stores.blocks.results(2n))!.txResults[0]!, code: 5 };
    const results = { ...(await engine.stores.blocks.results(2n))!, txResults: [failed] };
    expect(await engine.stores.index.writes(9n, [bytes], results)).toEqual([]);
  });
});

describe("vote extensions", () => {
  const params = (vote_extensions_enable_height: string) => ({
    block: { max_bytes: "100000", max_gas: "-1" },
    evidence: { max_age_num_blocks: "10", max_age_duration: "1000000000", max_bytes: "1000" },
    validator: { pub_key_types: ["ed25519"] },
    abci: { vote_extensions_enable_height },
  });

  it("are refused before anything runs when the genesis asks for them", async () => {
    const home = makeHome([10], 1, { consensus_params: params("5") });
    await expect(openChain(home, new KvApplication(new KvDisk()))).rejects.toThrow(
      "the genesis asks for vote extensions from height 5, and the local engine has none",
    );
    home.remove();
  });

  it("stop the engine where a change of the parameters begins them, with what to do", async () => {
    const home = makeHome([10], 1, { consensus_params: params("0") });
    const update = { voteExtensionsEnableHeight: 4n };
    const app = new KvApplication(new KvDisk(), {
      paramUpdates: (height) => (height === 2n ? { ...home.genesis.consensusParams, abci: update } : undefined),
    });
    const chain = await openChain(home, app, { createEmptyBlocks: true, blockMillis: 1 });
    chain.engine.run();
    expect((await chain.halted).message).toMatch(/vote extensions from height 4.*go on under CometBFT/);
    expect(chain.engine.height).toBe(3n);
    await chain.stop();
    home.remove();
  });
});

describe("several validators in one process", () => {
  it("sign with every key that is here, mark the others absent and let each key propose in turn", async () => {
    const home = makeHome([10, 10, 10, 5], 3);
    const app = new KvApplication(new KvDisk());
    const chain = await openChain(home, app, { createEmptyBlocks: true, blockMillis: 1 });
    const eighth = chain.reach(8n);
    chain.engine.run();
    await eighth;
    const commit = (await chain.engine.stores.blocks.commit(8n))!;
    expect(commit.signatures.map(({ blockIdFlag }) => blockIdFlag).sort()).toEqual([1, 2, 2, 2]);
    expect(new Set(app.finalized.map(({ proposerAddress }) => Buffer.from(proposerAddress).toString("hex"))).size).toBe(
      3,
    );
    await chain.stop();
    home.remove();
  });

  it("stop when their keys hold no more than two thirds of the power", async () => {
    const home = makeHome([20, 10], 1);
    const chain = await openChain(home, new KvApplication(new KvDisk()));
    chain.engine.run();
    expect((await chain.halted).message).toMatch(/hold 20 of 30 voting power at height 1/);
    await chain.stop();
    home.remove();
  });

  it("take validator changes two heights later and parameter changes one height later", async () => {
    const home = makeHome([10, 10]);
    const [, second] = home.signers;
    const app = new KvApplication(new KvDisk(), {
      validatorUpdates: (height) => (height === 2n ? [{ pubKey: { ed25519: second!.publicKey }, power: 0n }] : []),
      paramUpdates: (height) =>
        height === 2n
          ? {
              block: { maxBytes: 100_000n, maxGas: 77n },
              evidence: { ...home.genesis.consensusParams.evidence, maxBytes: 1_000n },
              validator: undefined,
              version: undefined,
              abci: undefined,
            }
          : undefined,
    });
    const chain = await openChain(home, app, { createEmptyBlocks: true, blockMillis: 1 });
    const fifth = chain.reach(5n);
    chain.engine.run();
    await fifth;
    const { blocks } = chain.engine.stores;
    const sizes = [];
    for (let height = 1n; height <= 5n; height++) sizes.push((await blocks.validators(height))!.validators.length);
    expect(sizes).toEqual([2, 2, 2, 1, 1]);
    expect((await blocks.params(2n))!.block.maxGas).toBe(-1n);
    expect((await blocks.params(3n))!.block).toEqual({ maxBytes: 100_000n, maxGas: 77n });
    const header = async (height: bigint) => (await blocks.meta(height))!.header;
    expect((await header(2n)).consensusHash).not.toEqual((await header(3n)).consensusHash);
    expect((await header(3n)).nextValidatorsHash).toEqual((await header(4n)).validatorsHash);
    await chain.stop();
    home.remove();
  });
});
