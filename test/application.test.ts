import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageCodec } from "../chain/codec.ts";
import { message } from "../chain/handlers.ts";
import type { Module } from "../chain/module.ts";
import { bank } from "../modules/bank/index.ts";
import { weir } from "../modules/index.ts";
import { QueryBalanceRequest, QueryBalanceResponse } from "../proto/gen/cosmos/bank/v1beta1/query.ts";
import { MsgSend, MsgSendResponse } from "../proto/gen/cosmos/bank/v1beta1/tx.ts";
import { TxMsgData } from "../proto/gen/cosmos/base/abci/v1beta1/abci.ts";
import { SimulateRequest, SimulateResponse } from "../proto/gen/cosmos/tx/v1beta1/service.ts";
import { AuthInfo, TxRaw } from "../proto/gen/cosmos/tx/v1beta1/tx.ts";
import { ResponseCheckTx } from "../proto/gen/tendermint/abci/types.ts";
import { ConsensusParams } from "../proto/gen/tendermint/types/params.ts";
import { denom, sendOf, startBalance, TestApplication, testAccount } from "./helpers/testapplication.ts";

const stranger = testAccount(99).address;
const balanceOf = async (chain: TestApplication, address: string, height = 0n): Promise<bigint> => {
  const path = "/cosmos.bank.v1beta1.Query/Balance";
  const { balance } = await chain.query(path, QueryBalanceRequest, QueryBalanceResponse, { address, denom }, height);
  return BigInt(balance!.amount);
};

/** MsgSend of a given amount ends as `onAmount` says; everything else is the bank's own. */
function withSendHook(onAmount: (amount: string) => void) {
  const url = "/cosmos.bank.v1beta1.MsgSend";
  const original = bank.messages[url]!;
  const hooked = message(MsgSend, MsgSendResponse, {
    signers: original.signers,
    validate: original.validate,
    execute(ctx, value) {
      onAmount(value.amount[0]!.amount);
      return original.execute(ctx, value) as MsgSendResponse;
    },
  });
  const replaced: Module = { ...bank, messages: { ...bank.messages, [url]: hooked } };
  const swap = (list: readonly Module[]) => list.map((module) => (module.name === bank.name ? replaced : module));
  const { order } = weir;
  return { ...weir, modules: swap(weir.modules), order: { ...order, genesis: swap(order.genesis) } };
}

const maxGas = (gas: bigint) =>
  ConsensusParams.fromPartial({
    block: { maxBytes: 1_000_000n, maxGas: gas },
    evidence: { maxAgeNumBlocks: 100_000n, maxAgeDuration: { seconds: 172_800n, nanos: 0 }, maxBytes: 10_000n },
    validator: { pubKeyTypes: ["ed25519"] },
    version: {},
    abci: {},
  });

describe("a block", () => {
  it("moves money, charges the fee, and names each message's events by its index", async () => {
    const chain = await TestApplication.start();
    const { txResults } = chain.seal([chain.send(0, stranger, { amount: 5n })]);
    expect(txResults[0]).toMatchObject({ code: 0, codespace: "", log: "", gasWanted: 200_000n });
    expect(TxMsgData.decode(txResults[0]!.data).msgResponses).toEqual([
      { typeUrl: "/cosmos.bank.v1beta1.MsgSendResponse", value: new Uint8Array(0) },
    ]);
    const transfer = txResults[0]!.events.filter(({ type }) => type === "transfer").at(-1)!;
    expect(Object.fromEntries(transfer.attributes.map(({ key, value }) => [key, value]))).toEqual({
      recipient: stranger,
      sender: chain.accounts[0]!.address,
      amount: `5${denom}`,
      msg_index: "0",
    });
    const action = txResults[0]!.events.find(
      ({ type, attributes }) => type === "message" && attributes[0]!.key === "action",
    )!;
    expect(action.attributes.map(({ key, value }) => [key, value])).toEqual([
      ["action", "/cosmos.bank.v1beta1.MsgSend"],
      ["sender", chain.accounts[0]!.address],
      ["module", "bank"],
      ["msg_index", "0"],
    ]);
    expect(await balanceOf(chain, stranger)).toBe(5n);
    expect(await balanceOf(chain, chain.accounts[0]!.address)).toBe(startBalance - 2005n);
  });

  it("keeps fee and sequence of a transaction whose message fails, and nothing else of it", async () => {
    const chain = await TestApplication.start();
    const { address } = chain.accounts[0]!;
    const first = chain.seal([chain.send(0, stranger, { amount: startBalance })]).txResults[0]!;
    expect(first).toMatchObject({ code: 5, codespace: "sdk" });
    expect(first.log).toBe(
      `failed to execute message; message index: 0: spendable balance ${startBalance - 2000n}${denom} is smaller than ${startBalance}${denom}: insufficient funds`,
    );
    expect(first.events.map(({ type }) => type)).toContain("tx");
    expect(first.events.flatMap(({ attributes }) => attributes).some(({ key }) => key === "msg_index")).toBe(false);
    expect(await balanceOf(chain, address)).toBe(startBalance - 2000n);
    expect(await balanceOf(chain, stranger)).toBe(0n);
    expect(chain.seal([chain.send(0, stranger)]).txResults[0]!.code).toBe(0);
  });

  it("undoes the first message when the second fails", async () => {
    const chain = await TestApplication.start();
    const { address } = chain.accounts[0]!;
    const messages = [...sendOf(address, stranger, 1n).messages, ...sendOf(address, stranger, startBalance).messages];
    const tx = chain.sign(chain.accounts[0]!, { messages }, { amount: [], gasLimit: 300_000n });
    expect(chain.seal([tx]).txResults[0]!.log).toMatch(/^failed to execute message; message index: 1: /);
    expect(await balanceOf(chain, stranger)).toBe(0n);
  });

  it("stops at the operation that runs out of gas and reports what was used", async () => {
    const chain = await TestApplication.start();
    const result = chain.seal([chain.send(0, stranger, { gas: 45_000n })]).txResults[0]!;
    expect(result).toMatchObject({ code: 11, codespace: "sdk", gasWanted: 45_000n });
    expect(result.log).toMatch(/^out of gas in location: \w+; gasWanted: 45000, gasUsed: \d+: out of gas$/);
    expect(result.gasUsed).toBeGreaterThan(45_000n);
    expect(await balanceOf(chain, stranger)).toBe(0n);
  });

  it("gives undecodable bytes a result of their own and goes on", async () => {
    const chain = await TestApplication.start();
    const { txResults } = chain.seal([Uint8Array.of(1, 2, 3), new Uint8Array(0), chain.send(0, stranger)]);
    expect(txResults.map(({ code }) => code)).toEqual([2, 18, 0]);
    expect(txResults[0]!.codespace).toBe("sdk");
  });

  it("refuses a replayed transaction by its sequence", async () => {
    const chain = await TestApplication.start();
    const tx = chain.send(0, stranger);
    const { txResults } = chain.seal([tx, tx]);
    expect(txResults.map(({ code }) => code)).toEqual([0, 32]);
    expect(txResults[1]!.log).toBe("account sequence mismatch, expected 1, got 0: incorrect account sequence");
  });

  it("stops at the block's gas limit: what does not fit is refused or undone", async () => {
    const chain = await TestApplication.start({ consensusParams: maxGas(100_000n) });
    const txs = [0, 1, 2, 3].map((from) => chain.send(from, stranger, { amount: 10n, gas: 100_000n }));
    const { txResults } = chain.seal(txs);
    const failed = txResults.filter(({ code }) => code !== 0);
    expect(failed.length).toBeGreaterThan(0);
    for (const { code, codespace } of failed) expect([code, codespace]).toEqual([11, "sdk"]);
    expect(failed.at(-1)!.log).toBe("no block gas left to run tx: out of gas");
    expect(await balanceOf(chain, stranger)).toBe(10n * BigInt(txs.length - failed.length));
  });

  it("gives the same hash on every node, and another one for another block", async () => {
    const [a, b, c] = [await TestApplication.start(), await TestApplication.start(), await TestApplication.start()];
    const hash = (chain: TestApplication, amount: bigint) =>
      Buffer.from(chain.seal([chain.send(0, stranger, { amount })]).appHash).toString("hex");
    expect(hash(a, 1n)).toBe(hash(b, 1n));
    expect(hash(c, 2n)).not.toBe(Buffer.from(a.state.appHash).toString("hex"));
  });
});

describe("CheckTx", () => {
  it("lets sequence N+1 queue behind a pending N, and forgets it after the block that did not include it", async () => {
    const chain = await TestApplication.start();
    const [first, second] = [chain.send(0, stranger), chain.send(0, stranger)];
    expect(chain.check(second).code).toBe(32);
    expect([chain.check(first).code, chain.check(second).code]).toEqual([0, 0]);
    chain.seal([]);
    expect(chain.check(second, true).code).toBe(32);
    expect([chain.check(first, true).code, chain.check(second, true).code]).toEqual([0, 0]);
  });

  it("does not let a refused transaction change what it knows", async () => {
    const chain = await TestApplication.start();
    const broken = TxRaw.decode(chain.send(0, stranger, { sequence: 0n }));
    const bad = TxRaw.encode({ ...broken, signatures: [new Uint8Array(64).fill(1)] }).finish();
    expect(chain.check(bad)).toMatchObject({ code: 4, codespace: "sdk" });
    expect(chain.check(chain.send(0, stranger, { sequence: 0n })).code).toBe(0);
  });

  it("answers one that asks for more gas than a signed number holds", async () => {
    const chain = await TestApplication.start();
    const answer = chain.check(chain.send(0, stranger, { gas: 2n ** 64n - 1n }));
    expect(answer).toMatchObject({ code: 18, codespace: "sdk" });
    expect(ResponseCheckTx.decode(ResponseCheckTx.encode(answer).finish()).log).toMatch(/^invalid gas supplied/);
  });
});

describe("proposals", () => {
  it("keep the mempool's order and leave out what could not pay or does not fit", async () => {
    const chain = await TestApplication.start();
    const drain = chain.send(0, chain.accounts[1]!.address, { amount: startBalance - 2000n });
    const cannotPay = chain.send(0, stranger);
    const good = chain.send(2, stranger);
    expect(chain.prepare([drain, cannotPay, Uint8Array.of(9), good])).toEqual([drain, good]);
    const bytes = (tx: Uint8Array) => BigInt(tx.length + 3);
    expect(chain.prepare([drain, good], bytes(drain))).toEqual([drain]);
    expect(chain.prepare([drain, good], bytes(drain) - 1n)).toEqual([good]);
  });

  it("that it prepares are ones that it accepts", async () => {
    const chain = await TestApplication.start();
    const drain = chain.send(0, chain.accounts[1]!.address, { amount: startBalance - 2000n });
    const prepared = chain.prepare([drain, chain.send(0, stranger), chain.send(1, stranger), chain.send(1, stranger)]);
    expect(prepared.length).toBe(3);
    expect(chain.process(prepared)).toBe(true);
  });

  it("are rejected with garbage, a repeated transaction, a wrong order or too much gas", async () => {
    const chain = await TestApplication.start({ consensusParams: maxGas(500_000n) });
    const [first, second, third] = [chain.send(0, stranger), chain.send(0, stranger), chain.send(1, stranger)];
    expect(chain.process([first, Uint8Array.of(1)])).toBe(false);
    expect(chain.process([first, first])).toBe(false);
    expect(chain.process([second, first])).toBe(false);
    expect(chain.process([first, second, third])).toBe(false);
    expect(chain.process([first, second])).toBe(true);
  });

  it("may hold a transaction whose message fails, as it pays its fee", async () => {
    const chain = await TestApplication.start();
    expect(chain.process([chain.send(0, stranger, { amount: startBalance })])).toBe(true);
  });

  it("executed early end as they would without: same results, same hash; another block is executed anew", async () => {
    const [early, late] = [await TestApplication.start(), await TestApplication.start({ optimisticExecution: false })];
    const txs = [early.send(0, stranger), early.send(1, stranger, { amount: startBalance })];
    expect(early.process(txs)).toBe(true);
    expect(late.process(txs)).toBe(true);
    expect(early.seal(txs)).toEqual(late.seal(txs));
    const next = early.send(2, stranger);
    early.process([next], new Uint8Array(32).fill(5));
    expect(early.seal([])).toEqual(late.seal([]));
  });
});

describe("a defect", () => {
  const definition = withSendHook((amount) => {
    if (amount === "666") throw new TypeError("a bug of ours");
  });

  it("rejects the proposal, and the transaction is refused from then on", async () => {
    const chain = await TestApplication.start({ definition });
    const bad = chain.send(0, stranger, { amount: 666n, sequence: 0n });
    expect(chain.check(bad).code).toBe(0);
    chain.seal([]);
    expect(chain.process([chain.send(1, stranger), bad])).toBe(false);
    expect(chain.check(bad)).toMatchObject({ code: 1, codespace: "sdk", log: "internal" });
    expect(chain.prepare([bad])).toEqual([]);
    expect(chain.process([bad])).toBe(false);
  });

  it("is left out of a proposal, with no trace in what stands beside it", async () => {
    const chain = await TestApplication.start({ definition });
    const bad = chain.send(0, stranger, { amount: 666n, sequence: 0n });
    const good = chain.send(0, stranger, { sequence: 0n });
    expect(chain.prepare([bad, good])).toEqual([good]);
    expect(chain.process([good])).toBe(true);
  });

  it("halts FinalizeBlock: it never becomes a result", async () => {
    const chain = await TestApplication.start({ definition });
    expect(() => chain.finalize([chain.send(0, stranger, { amount: 666n })])).toThrow("a bug of ours");
  });

  it("fails a simulation without changing anything", async () => {
    const chain = await TestApplication.start({ definition });
    const txBytes = chain.simulateBytes(0, sendOf(chain.accounts[0]!.address, stranger, 666n));
    await expect(
      chain.query("/cosmos.tx.v1beta1.Service/Simulate", SimulateRequest, SimulateResponse, { txBytes }),
    ).rejects.toThrow();
    expect(chain.check(chain.send(0, stranger)).code).toBe(0);
  });
});

describe("simulation", () => {
  it("is never too little for ×1.4, whatever the message and however new the accounts", async () => {
    const chain = await TestApplication.start({ accounts: 8 });
    let next = 200;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 7 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        fc.string({ maxLength: 60 }),
        async (from, isNew, count, memo) => {
          const signer = chain.accounts[from]!;
          const to = isNew ? testAccount(next++).address : chain.accounts[(from + 1) % 8]!.address;
          const messages = Array.from({ length: count }, () => sendOf(signer.address, to, 3n).messages).flat();
          const contents = { messages, memo };
          const { gasInfo } = await chain.query(
            "/cosmos.tx.v1beta1.Service/Simulate",
            SimulateRequest,
            SimulateResponse,
            { txBytes: chain.simulateBytes(from, contents) },
          );
          const gasLimit = (gasInfo!.gasUsed * 14n) / 10n;
          const result = chain.seal([chain.sign(signer, contents, { amount: [{ denom, amount: 5000n }], gasLimit })])
            .txResults[0]!;
          expect(result.log).toBe("");
        },
      ),
      { numRuns: 30 },
    );
  });

  it("stops at the gas that a query may use", async () => {
    const chain = await TestApplication.start({ queryGasLimit: 30_000n });
    const txBytes = chain.simulateBytes(0, sendOf(chain.accounts[0]!.address, stranger, 1n));
    const answer = chain.query("/cosmos.tx.v1beta1.Service/Simulate", SimulateRequest, SimulateResponse, { txBytes });
    await expect(answer).rejects.toThrow("gasWanted: 30000");
  });

  it("says why it fails, with the gas that was used", async () => {
    const chain = await TestApplication.start();
    const txBytes = chain.simulateBytes(0, sendOf(chain.accounts[0]!.address, stranger, 2n * startBalance));
    await expect(
      chain.query("/cosmos.tx.v1beta1.Service/Simulate", SimulateRequest, SimulateResponse, { txBytes }),
    ).rejects.toThrow(
      /^rpc error: code = Unknown desc = failed to execute message; message index: 0: spendable balance .* insufficient funds with gas used: '\d+': unknown request$/,
    );
  });
});

describe("queries", () => {
  const raw = (chain: TestApplication, path: string, height = 0n, prove = false, data = new Uint8Array(0)) =>
    chain.application.query({ path, data, height, prove });

  it("answer at any retained height", async () => {
    const chain = await TestApplication.start();
    chain.seal([chain.send(0, stranger, { amount: 5n })]);
    chain.seal([chain.send(0, stranger, { amount: 7n })]);
    expect([
      await balanceOf(chain, stranger, 1n),
      await balanceOf(chain, stranger, 2n),
      await balanceOf(chain, stranger),
    ]).toEqual([0n, 5n, 12n]);
  });

  it("refuse with the SDK's codes and words", async () => {
    const chain = await TestApplication.start();
    chain.seal([]);
    const key = Uint8Array.of(2);
    const cases: [Promise<{ code: number; codespace: string; log: string }>, number, string][] = [
      [raw(chain, ""), 6, "no query path provided: unknown request"],
      [raw(chain, "/nowhere"), 6, "unknown query path: unknown request"],
      [raw(chain, "/store/none/key", 0n, false, key), 6, "no such store: none: unknown request"],
      [
        raw(chain, "/store/bank/key", 9n, false, key),
        26,
        "cannot query with height in the future; please provide a valid height: invalid height",
      ],
      [
        raw(chain, "/store/bank/key", -1n, false, key),
        18,
        "cannot query with height < 0; please provide a valid height: invalid request",
      ],
      [
        raw(chain, "/store/bank/key", 1n, true, key),
        18,
        "cannot query with proof when height <= 1; please provide a valid height: invalid request",
      ],
      [raw(chain, "/cosmos.bank.v1beta1.Query/Balance", 0n, false, Uint8Array.of(0xff)), 18, "invalid request"],
      [raw(chain, "/store/bank/key"), 2, "query cannot be zero length: tx parse error"],
    ];
    for (const [answer, code, text] of cases) {
      const { code: found, codespace, log } = await answer;
      expect([found, codespace]).toEqual([code, "sdk"]);
      expect(log.endsWith(text), log).toBe(true);
    }
  });

  it("prove at the latest height for the one below it, whose header's successor exists", async () => {
    const chain = await TestApplication.start();
    for (let i = 0; i < 3; i++) chain.seal([]);
    const answer = await raw(chain, "store/bank/key", 0n, true, Uint8Array.of(5));
    expect(answer.height).toBe(3n);
    expect(answer.proofOps?.ops.map(({ type }) => type)).toEqual(["ics23:iavl", "ics23:simple"]);
  });
});

describe("genesis", () => {
  it("refuses the state of a module that is not there, and one that is no object", async () => {
    await expect(TestApplication.start({ appState: { wasm: {} } })).rejects.toThrow(
      "app_state.wasm: no such module; this binary has auth, bank, ",
    );
    await expect(TestApplication.start({ appState: { bank: 7 } })).rejects.toThrow("app_state.bank");
  });

  it("is not run twice on one state", async () => {
    const { application } = await TestApplication.start();
    const again = {
      time: undefined,
      chainId: "test-1",
      consensusParams: undefined,
      validators: [],
      appStateBytes: new Uint8Array(0),
      initialHeight: 1n,
    };
    expect(() => application.initChain(again)).toThrow("InitChain although height 1 is committed");
    expect(() => application.initChain({ ...again, chainId: "other-1" })).toThrow(
      "InitChain for chain other-1, but this node runs test-1",
    );
  });

  it("halts a chain whose invariants do not hold after a block", async () => {
    const cheat = withSendHook(() => {});
    const broken: Module = {
      ...cheat.modules.find(({ name }) => name === "bank")!,
      invariants: { always: () => "broken on purpose" },
    };
    const definition = { ...cheat, modules: cheat.modules.map((module) => (module.name === "bank" ? broken : module)) };
    await expect(TestApplication.start({ definition })).rejects.toThrow(
      "invariant broken at height 0: bank/always: broken on purpose",
    );
  });
});

describe("a signed transaction", () => {
  it("binds the chain, the account number and the sequence", async () => {
    const chain = await TestApplication.start();
    const raw = TxRaw.decode(chain.send(0, stranger));
    const info = AuthInfo.decode(raw.authInfoBytes);
    const codec = messageCodec(AuthInfo);
    const changed = codec.encode({ ...info, fee: { ...info.fee!, gasLimit: 300_000n } });
    const answer = chain.check(TxRaw.encode({ ...raw, authInfoBytes: changed }).finish());
    expect(answer).toMatchObject({ code: 4, codespace: "sdk" });
    expect(answer.log).toMatch(
      /^signature verification failed; please verify account number \(0\) and chain-id \(test-1\): /,
    );
  });
});
