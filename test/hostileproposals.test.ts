/** ProcessProposal against proposers that try everything: rejected without a throw, and by nothing that only this node knows. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { ConsensusParams } from "../proto/gen/tendermint/types/params.ts";
import { TestApplication, testAccount } from "./helpers/testapplication.ts";

const stranger = testAccount(1000).address;
const bytesMax = 20_000n;

const params = ConsensusParams.fromPartial({
  block: { maxBytes: bytesMax, maxGas: 1_000_000n },
  evidence: { maxAgeNumBlocks: 100_000n, maxAgeDuration: { seconds: 172_800n, nanos: 0 }, maxBytes: 10_000n },
  validator: { pubKeyTypes: ["ed25519"] },
  version: {},
  abci: {},
});

let chain: TestApplication;
beforeAll(async () => {
  chain = await TestApplication.start({ accounts: 12, consensusParams: params });
});

/** What a send of this account at its first sequence would be; many are made of the same one. */
const send = (from: number, terms = {}) => chain.send(from, stranger, { sequence: 0n, ...terms });

const inBlock = (tx: Uint8Array) => 1 + (tx.length >= 0x80 ? 2 : 1) + tx.length;

describe("ProcessProposal", () => {
  it.each([
    ["bytes that are no transaction", () => [send(0), Uint8Array.of(0xff, 0xff)]],
    ["an empty transaction", () => [new Uint8Array(0)]],
    ["the same transaction twice", () => [send(0), send(0)]],
    ["two of one sender in the wrong order", () => [send(0, { sequence: 1n }), send(0)]],
    ["a transaction of a wrong signature", () => [spoiled(send(0))]],
    ["a sender who cannot pay the fee", () => [send(0, { fee: 10n ** 15n })]],
    ["more gas than a block has", () => [0, 1, 2, 3, 4, 5].map((from) => send(from, { gas: 200_000n }))],
    ["a sender that is no account", () => [withSender(send(0))]],
  ])("rejects %s", (_what, txs) => {
    expect(chain.process(txs())).toBe(false);
  });

  it("takes what fills a block to the last byte, counted as protobuf counts, and rejects one byte more", async () => {
    const memo = (length: number) => [send(0, { memo: "x".repeat(length) })];
    const small = await TestApplication.start({
      accounts: 12,
      consensusParams: {
        ...params,
        block: { maxBytes: BigInt(inBlock(memo(100)[0]!)), maxGas: -1n },
        evidence: { ...params.evidence!, maxBytes: 100n },
      },
    });
    expect(small.process(memo(100))).toBe(true);
    expect(small.process(memo(101))).toBe(false);
  });

  it("never proposes more bytes than it may, whatever waits", () => {
    const waiting = fc.array(fc.tuple(fc.nat(11), fc.nat(200)), { maxLength: 20 });
    fc.assert(
      fc.property(waiting, fc.nat(6000), (wanted, room) => {
        const txs = wanted.map(([from, length]) => send(from, { memo: "m".repeat(length) }));
        const chosen = chain.prepare([...txs, Uint8Array.of(1)], BigInt(room));
        expect(chosen.reduce((sum, tx) => sum + inBlock(tx), 0)).toBeLessThanOrEqual(room);
        expect(chain.process(chosen)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it("does not throw at any list of bytes, and rejects it", () => {
    const garbage = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(garbage, (txs) => {
        expect(chain.process(txs)).toBe(false);
      }),
    );
  });

  it("is not decided by this node's own minimum gas price", async () => {
    const strict = await TestApplication.start({
      accounts: 12,
      consensusParams: params,
      minGasPrices: [{ denom: "uweir", amount: 10n ** 18n }],
    });
    expect(strict.check(send(0)).code).not.toBe(0);
    expect(strict.process([send(0)])).toBe(true);
  });
});

function spoiled(tx: Uint8Array): Uint8Array {
  const wrong = Uint8Array.from(tx);
  wrong[wrong.length - 1]! ^= 1;
  return wrong;
}

/** The address is text in the body: another of the same length is another sender, whose signature this is not. */
function withSender(tx: Uint8Array): Uint8Array {
  const text = Buffer.from(tx).toString("latin1");
  const { address } = testAccount(0);
  return Uint8Array.from(Buffer.from(text.replace(address, testAccount(500).address), "latin1"));
}
