import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { appStateOf } from "../bench/appstate.ts";
import { makeHolders } from "../bench/load.ts";
import { type LongQueries, QueryThread } from "../chain/abci/longqueries.ts";
import type { QueryHost } from "../chain/abci/queries.ts";
import { messageCodec } from "../chain/codec.ts";
import type { TxContents } from "../chain/tx/build.ts";
import { QueryAccountsRequest, QueryAccountsResponse } from "../proto/gen/cosmos/auth/v1beta1/query.ts";
import { MsgMultiSend } from "../proto/gen/cosmos/bank/v1beta1/tx.ts";
import { SimulateRequest, SimulateResponse } from "../proto/gen/cosmos/tx/v1beta1/service.ts";
import type { RequestQuery } from "../proto/gen/tendermint/abci/types.ts";
import { denom, sendOf, TestApplication, testAccount } from "./helpers/testapplication.ts";

const program = join(import.meta.dirname, "..", "cli", "querythread.ts");
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const holders = makeHolders(1_800);

async function chainWithThread() {
  let thread: QueryThread | undefined;
  let asked = 0;
  const longQueries: LongQueries = {
    run(request: RequestQuery, host: QueryHost) {
      asked++;
      return thread!.run(request, host);
    },
  };
  const senders = [0, 1].map((index) => testAccount(index).address);
  const chain = await TestApplication.start({
    accounts: 2,
    checkInvariants: false,
    queryGasLimit: 50_000_000n,
    appState: appStateOf([...senders, ...holders]) as Record<string, unknown>,
    longQueries,
  });
  thread = new QueryThread(chain.state, () => new Worker(program, { execArgv: [] }), 3);
  closing.push(() => thread.close());
  return { chain, asked: () => asked };
}

const accounts = (limit: bigint, countTotal = true): RequestQuery => ({
  path: "/cosmos.auth.v1beta1.Query/Accounts",
  data: QueryAccountsRequest.encode({
    pagination: { key: new Uint8Array(0), offset: 0n, limit, countTotal, reverse: false },
  }).finish(),
  height: 0n,
  prove: false,
});

describe("a query that would keep a block waiting", () => {
  it("is answered by the thread as it would be here, and short ones are answered here", async () => {
    const { chain, asked } = await chainWithThread();
    const plain = await TestApplication.start({
      accounts: 2,
      checkInvariants: false,
      queryGasLimit: 50_000_000n,
      appState: appStateOf([...[0, 1].map((index) => testAccount(index).address), ...holders]) as Record<
        string,
        unknown
      >,
    });
    const short = await chain.application.query(accounts(5n, false));
    expect(short).toEqual(await plain.application.query(accounts(5n, false)));
    const before = asked();
    const long = await chain.application.query(accounts(10_000n));
    expect(asked()).toBe(before + 1);
    expect(structuredClone(long)).toEqual(structuredClone(await plain.application.query(accounts(10_000n))));
    expect(QueryAccountsResponse.decode(long.value).accounts.length).toBeGreaterThan(1_800);
    const subspace = { path: "/store/acc/subspace", data: Uint8Array.of(1), height: 0n, prove: false };
    expect(structuredClone(await chain.application.query(subspace))).toEqual(
      structuredClone(await plain.application.query(subspace)),
    );
    expect(asked()).toBe(before + 2);
  });

  it("reads one height whatever blocks are decided meanwhile", async () => {
    const { chain } = await chainWithThread();
    const height = BigInt(chain.state.height);
    const answers = Array.from({ length: 3 }, () => chain.application.query({ ...accounts(10_000n), height }));
    for (let block = 0; block < 20; block++) chain.seal([chain.send(0, testAccount(2000 + block).address)]);
    const counts = (await Promise.all(answers)).map(
      ({ value }) => QueryAccountsResponse.decode(value).pagination?.total,
    );
    expect(new Set(counts).size).toBe(1);
    const { value } = await chain.application.query(accounts(10_000n));
    expect(QueryAccountsResponse.decode(value).pagination!.total).toBe(counts[0]! + 20n);
  });

  it("is a simulation that takes much gas, too", async () => {
    const { chain, asked } = await chainWithThread();
    const gasOf = async (contents: TxContents) => {
      const txBytes = chain.simulateBytes(0, contents);
      const path = "/cosmos.tx.v1beta1.Service/Simulate";
      return (await chain.query(path, SimulateRequest, SimulateResponse, { txBytes })).gasInfo!.gasUsed;
    };
    expect(await gasOf(sendOf(chain.accounts[0]!.address, testAccount(3000).address, 1n))).toBeLessThan(5_000_000n);
    expect(asked()).toBe(0);
    const outputs = Array.from({ length: 300 }, (_, i) => ({
      address: testAccount(4000 + i).address,
      coins: [{ denom, amount: "1" }],
    }));
    const value = { inputs: [{ address: chain.accounts[0]!.address, coins: [{ denom, amount: "300" }] }], outputs };
    const many = await gasOf({ messages: [{ codec: messageCodec(MsgMultiSend), value }] });
    expect([asked(), many > 5_000_000n]).toEqual([1, true]);
  });

  it("is refused when too many wait", async () => {
    const { chain } = await chainWithThread();
    const many = await Promise.all(Array.from({ length: 8 }, () => chain.application.query(accounts(1_700n))));
    const refused = many.filter(({ code }) => code !== 0);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]!.log).toMatch(/3 long queries wait already/);
    expect(many.filter(({ code }) => code === 0).length).toBe(4);
  });
});
