/** The proposer's proof through the whole application: made, checked, mixed in, left out, and by proposers that try everything. */
import { decodeTxRaw, Registry } from "@cosmjs/proto-signing";
import { beforeAll, describe, expect, it } from "vitest";
import { consensusAddress } from "../chain/address.ts";
import { messageCodec } from "../chain/codec.ts";
import { verify } from "../chain/crypto/ecvrf.ts";
import { sha256 } from "../chain/crypto/hash.ts";
import { assemble, buildUnsigned } from "../chain/tx/build.ts";
import { proofInput } from "../modules/beacon/proof.ts";
import { MsgProve } from "../proto/gen/weir/beacon/v1/tx.ts";
import { provingChain } from "./helpers/provingchain.ts";
import { chainId, testAccount } from "./helpers/testapplication.ts";

type ProvingChain = Awaited<ReturnType<typeof provingChain>>;

const stranger = testAccount(1000).address;
const room = 1_000_000n;

describe("a proposer with a beacon key", () => {
  it("puts one proof before all else, which mixes the key's output into the beacon", async () => {
    const { chain, beacon, validators, proposer } = await provingChain();
    const before = (await beacon()).value;
    expect(Buffer.from(before).toString("hex")).toBe(
      Buffer.from(sha256(Buffer.from(`weir/beacon${chainId}`))).toString("hex"),
    );
    const send = chain.send(0, stranger);
    const txs = chain.prepare([send]);
    expect(txs).toHaveLength(2);
    expect(txs[1]).toEqual(send);
    const { body, authInfo, signatures } = decodeTxRaw(txs[0]!);
    expect(body.messages.map(({ typeUrl }) => typeUrl)).toEqual(["/weir.beacon.v1.MsgProve"]);
    expect(new Registry([["/weir.beacon.v1.MsgProve", MsgProve as never]]).decode(body.messages[0]!)).toMatchObject({
      proposer: consensusAddress.encode(validators[0]!.address),
    });
    expect([authInfo.signerInfos, authInfo.fee?.amount, signatures]).toEqual([[], [], []]);
    expect(chain.process(txs)).toBe(true);
    const { txResults } = chain.seal([...txs]);
    expect(txResults.map(({ code }) => code)).toEqual([0, 0]);
    const { proof } = MsgProve.decode(body.messages[0]!.value);
    const input = proofInput({ chainId, height: chain.height, beacon: before });
    const output = verify(validators[0]!.signer.publicKey, input, proof)!;
    expect(await beacon()).toEqual({ value: sha256(Buffer.concat([before, output])), height: chain.height });
    expect(await proposer(0)).toMatchObject({ proposed: 1n, proven: 1n, withheld: 0n, fineDue: "0" });
  });

  it("keeps its proof out of a block that has no room for it, and the block within its bytes", async () => {
    const { chain } = await provingChain();
    const [proof] = chain.prepare([]);
    expect(chain.prepare([], BigInt(proof!.length + 3))).toHaveLength(1);
    expect(chain.prepare([], BigInt(proof!.length))).toEqual([]);
  });

  it("proposes without one where this node has not its key", async () => {
    const { chain, beacon, validators, proposer } = await provingChain({ own: [0] });
    chain.proposerAddress = validators[1]!.address;
    const before = await beacon();
    const txs = chain.prepare([]);
    expect(txs).toEqual([]);
    expect(chain.process(txs)).toBe(true);
    const { events } = chain.seal(txs);
    expect(events.find(({ type }) => type === "beacon_withheld")).toBeDefined();
    expect(await beacon()).toEqual(before);
    expect(await proposer(1)).toMatchObject({ proposed: 1n, proven: 0n, withheld: 1n });
  });

  it("costs only its block's beacon where no validator of it is known", async () => {
    const { chain, beacon } = await provingChain();
    chain.proposerAddress = new Uint8Array(20).fill(7);
    const before = await beacon();
    expect(chain.prepare([])).toEqual([]);
    expect(chain.seal([]).events.some(({ type }) => type === "beacon_withheld")).toBe(false);
    expect(await beacon()).toEqual(before);
  });
});

describe("a false proof", () => {
  let proving: ProvingChain;
  beforeAll(async () => {
    proving = await provingChain();
    proving.chain.seal(proving.chain.prepare([]));
  });

  const withMemo = async () => {
    const { body } = decodeTxRaw(await proving.proof());
    const value = MsgProve.decode(body.messages[0]!.value);
    const contents = { messages: [{ codec: messageCodec(MsgProve), value }], memo: "chosen" };
    return assemble(buildUnsigned(contents, { amount: [], gasLimit: 0n }, []), []);
  };
  const twoMessages = async () => {
    const { body } = decodeTxRaw(await proving.proof());
    const value = MsgProve.decode(body.messages[0]!.value);
    const message = { codec: messageCodec(MsgProve), value };
    return assemble(buildUnsigned({ messages: [message, message] }, { amount: [], gasLimit: 0n }, []), []);
  };
  const spoiled = async () => {
    const bytes = await proving.proof();
    const at = Buffer.from(bytes).lastIndexOf(Buffer.from([0x12, 80])) + 60;
    bytes[at]! ^= 1;
    return bytes;
  };

  const cases: [string, () => Promise<Uint8Array[]>][] = [
    ["of which a bit was turned", async () => [await spoiled()]],
    ["of an earlier height", async () => [await proving.proof({ height: proving.chain.height })]],
    ["of a later height", async () => [await proving.proof({ height: proving.chain.height + 2n })]],
    ["of another chain", async () => [await proving.proof({ chainId: "test-2" })]],
    ["over another beacon", async () => [await proving.proof({ beacon: new Uint8Array(32) })]],
    ["by another validator's key", async () => [await proving.proof({ by: 1 })]],
    ["by a key that nobody registered", async () => [await proving.proof({ by: 77 })]],
    ["for another proposer", async () => [await proving.proof({ by: 1, proposer: proving.validators[1]!.address })]],
    ["with a memo", async () => [await withMemo()]],
    ["said twice in one transaction", async () => [await twoMessages()]],
    ["that follows a true one", async () => [await proving.proof(), await proving.proof()]],
    [
      "that is true but not first",
      async () => [proving.chain.send(0, stranger, { sequence: 0n }), await proving.proof()],
    ],
  ];

  it.each(cases)("is rejected in a proposal: one %s", async (_what, txs) => {
    const made = await txs();
    expect(proving.chain.process(made)).toBe(false);
    expect(proving.chain.process([await proving.proof()])).toBe(true);
  });

  it.each(cases)("fails where a block holds it all the same, and counts as withheld: one %s", async (what, txs) => {
    const other = await provingChain();
    other.chain.seal(other.chain.prepare([]));
    const { value } = await other.beacon();
    const made = await txs();
    const { txResults } = other.chain.seal(made);
    expect(txResults.at(-1)!.code).not.toBe(0);
    const isFirstTrue = what === "that follows a true one";
    expect(Buffer.compare((await other.beacon()).value, value) === 0).toBe(!isFirstTrue);
    expect(await other.proposer(0)).toMatchObject({ proposed: 2n, withheld: isFirstTrue ? 0n : 1n });
  });

  it("is taken by no mempool, however true, and does not get from there into a proposal", async () => {
    const proof = await proving.proof({ by: 1, proposer: proving.validators[1]!.address });
    expect(proving.chain.check(proof)).toMatchObject({ code: 4, codespace: "sdk" });
    expect(proving.chain.check(await proving.proof())).toMatchObject({ code: 4, codespace: "sdk" });
    const { chain, proof: proofOf } = await provingChain({ own: [] });
    expect(chain.prepare([await proofOf()], room)).toEqual([]);
  });
});

describe("the beacon", () => {
  it("is the same on a node that executes every block once more, and on one that replays blocks it never judged", async () => {
    const one = await provingChain();
    const other = await provingChain({ own: [], optimisticExecution: false });
    for (const proposer of [0, 0, 1, 2, 0]) {
      one.chain.proposerAddress = one.validators[proposer]!.address;
      other.chain.proposerAddress = one.chain.proposerAddress;
      const txs = one.chain.prepare([]);
      expect(one.chain.process(txs)).toBe(true);
      expect(other.chain.seal(txs).appHash).toEqual(one.chain.seal(txs).appHash);
    }
    expect(await other.beacon()).toEqual(await one.beacon());
  });

  it("seeds an epoch at the end of the block after the one that opened it", async () => {
    const { chain, beacon, epoch } = await provingChain();
    while (chain.height < 4n) chain.seal(chain.prepare([]));
    expect(await epoch()).toMatchObject({ number: 0n, openHeight: 1n, counted: undefined });
    chain.seal(chain.prepare([]));
    expect(await epoch()).toMatchObject({ number: 1n, openHeight: 5n, seed: new Uint8Array(0) });
    expect(await epoch(0n)).toMatchObject({ counted: { seconds: 20n, nanos: 0 } });
    chain.seal(chain.prepare([]));
    const seed = (await beacon()).value;
    expect(await epoch()).toMatchObject({ number: 1n, seed });
    chain.seal(chain.prepare([]));
    expect(await epoch()).toMatchObject({ number: 1n, seed });
  });

  it("goes on after a halt with one epoch, however long, that counts for two at most", async () => {
    const { chain, epoch } = await provingChain();
    chain.seal(chain.prepare([]));
    chain.secondsSkipped += 1_000_000n;
    chain.seal(chain.prepare([]));
    expect(await epoch()).toMatchObject({ number: 1n });
    expect(await epoch(0n)).toMatchObject({ counted: { seconds: 40n, nanos: 0 } });
    expect((await epoch(0n)).seed).toHaveLength(32);
  });
});

/** Ten times a tenth of what the schedule emits in the day from so many seconds after its start, in a block of 5 s. */
function fineAt(seconds: bigint): bigint {
  const [first, second, day] = [379_626_000_000n, 379_265_709_856n, 86_400n];
  const emitted = first + (second * seconds) / day - (first * seconds) / day;
  return (emitted * 1_461n) / (4n * ((60n * 60n * 8766n) / 5n));
}

describe("a validator that withholds", () => {
  it("pays ten block rewards a block, burned from its stake when the next epoch opens", async () => {
    const { chain, epoch, proposer, validators } = await provingChain({ params: { fine_share_max: "1" } });
    chain.proposerAddress = validators[1]!.address;
    chain.seal([]);
    chain.seal([]);
    const due = fineAt(10n) + fineAt(15n);
    expect(await proposer(1)).toMatchObject({ withheld: 2n, fineDue: `${due}`, fined: "0" });
    chain.proposerAddress = validators[0]!.address;
    let events = chain.seal(chain.prepare([])).events;
    while ((await epoch()).number === 0n) events = chain.seal(chain.prepare([])).events;
    const attributes = events
      .find(({ type }) => type === "beacon_fined")!
      .attributes.map(({ key, value }) => [key, value]);
    expect(Object.fromEntries(attributes)).toMatchObject({ due: `${due}`, burned: `${due}` });
    expect(await proposer(1)).toMatchObject({ fineDue: "0", fined: `${due}` });
    expect(events.filter(({ type }) => type === "burn").map(({ attributes: [, amount] }) => amount!.value)).toEqual([
      `${due}uweir`,
    ]);
  });

  it("pays no more in an epoch than the share of its stake that is the most", async () => {
    const { chain, epoch, proposer, validators } = await provingChain();
    chain.proposerAddress = validators[1]!.address;
    while ((await epoch()).number === 0n) chain.seal([]);
    // One in a hundred of 100 WEIR.
    expect(await proposer(1)).toMatchObject({ fined: "1000000", withheld: 4n });
  });
});
