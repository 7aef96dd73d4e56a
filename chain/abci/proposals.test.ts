import { describe, expect, it } from "vitest";
import { bank } from "../../modules/bank/index.ts";
import { weir } from "../../modules/index.ts";
import { MsgSend, MsgSendResponse } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import { ConsensusParams } from "../../proto/gen/tendermint/types/params.ts";
import { BlockIDFlag } from "../../proto/gen/tendermint/types/validator.ts";
import { TestApplication, testAccount } from "../../test/helpers/testapplication.ts";
import { message } from "../handlers.ts";
import type { Module } from "../module.ts";

const stranger = testAccount(99).address;
const url = "/cosmos.bank.v1beta1.MsgSend";

/** The chain, and how many sends it has executed. */
async function countingChain(optimisticExecution = true, consensusParams?: ConsensusParams) {
  const count = { sends: 0 };
  const original = bank.messages[url]!;
  const counted = message(MsgSend, MsgSendResponse, {
    signers: original.signers,
    validate: original.validate,
    execute(ctx, value) {
      count.sends++;
      return original.execute(ctx, value) as MsgSendResponse;
    },
  });
  const replaced: Module = { ...bank, messages: { ...bank.messages, [url]: counted } };
  const modules = weir.modules.map((module) => (module.name === bank.name ? replaced : module));
  const params = consensusParams === undefined ? {} : { consensusParams };
  const chain = await TestApplication.start({ definition: { ...weir, modules }, optimisticExecution, ...params });
  return { chain, count };
}

const blockGas = (maxGas: bigint): ConsensusParams =>
  ConsensusParams.fromPartial({
    block: { maxBytes: 1_000_000n, maxGas },
    evidence: { maxAgeNumBlocks: 100_000n, maxAgeDuration: { seconds: 172_800n, nanos: 0 }, maxBytes: 10_000n },
    validator: { pubKeyTypes: ["ed25519"] },
    version: {},
    abci: {},
  });

describe("a proposal of this node's own", () => {
  it("is executed once on its way to a block, and ends as one that is executed at every step", async () => {
    const [once, always] = [await countingChain(), await countingChain(false)];
    for (let height = 0; height < 3; height++) {
      const txs = [once.chain.send(0, stranger, { amount: 5n }), once.chain.send(1, stranger, { amount: 10n ** 30n })];
      for (const tx of txs) expect(once.chain.check(tx).code).toBe(0);
      const answers = [once.chain, always.chain].map((chain) => {
        expect(chain.prepare(txs)).toEqual(txs);
        expect(chain.process(txs)).toBe(true);
        return chain.seal(txs);
      });
      expect(answers[0]).toEqual(answers[1]);
    }
    expect([once.count.sends, always.count.sends]).toEqual([6, 18]);
  });

  it("is executed again when anything about the block differs: transactions, votes, time, proposer", async () => {
    const { chain, count } = await countingChain();
    const [first, second] = [chain.send(0, stranger), chain.send(1, stranger)];
    const vote = {
      validator: { address: new Uint8Array(20), power: 1n },
      blockIdFlag: BlockIDFlag.BLOCK_ID_FLAG_COMMIT,
    };
    const changes: readonly (() => Uint8Array[])[] = [
      () => [second, first],
      () => [first],
      () => {
        chain.lastVotes = [vote];
        return [first, second];
      },
      () => {
        chain.secondsSkipped++;
        return [first, second];
      },
      () => {
        chain.proposerAddress = new Uint8Array(20).fill(8);
        return [first, second];
      },
    ];
    for (const change of changes) {
      chain.prepare([first, second]);
      count.sends = 0;
      const txs = change();
      expect(chain.process(txs)).toBe(true);
      expect(count.sends).toBe(txs.length);
    }
    chain.prepare([first, second]);
    expect(chain.process([first, second])).toBe(true);
    count.sends = 0;
    expect(chain.process([first, second])).toBe(true);
    expect(count.sends).toBe(2);
  });

  it("is executed again after one was tried and left out, whose gas the block would not have used", async () => {
    const params = blockGas(450_000n);
    const [early, late] = [await countingChain(true, params), await countingChain(false, params)];
    const replayed = early.chain.send(0, stranger, { sequence: 7n });
    const good = [early.chain.send(1, stranger), early.chain.send(2, stranger)];
    const answers = [early.chain, late.chain].map((chain) => {
      expect(chain.prepare([replayed, ...good])).toEqual(good);
      expect(chain.process(good)).toBe(true);
      return chain.seal(good);
    });
    expect(early.count.sends).toBe(4);
    expect(answers[0]).toEqual(answers[1]);
  });

  it("is forgotten with the state that it was prepared on", async () => {
    const { chain } = await countingChain();
    const tx = chain.send(0, stranger);
    expect(chain.prepare([tx])).toEqual([tx]);
    chain.seal([tx]);
    expect(chain.process([tx])).toBe(false);
  });
});
