import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { appStateOf } from "../bench/appstate.ts";
import { makeHolders } from "../bench/load.ts";
import { type LongQueries, QueryThread } from "../chain/abci/longqueries.ts";
import type { QueryHost } from "../chain/abci/queries.ts";
import { QueryAccountsRequest, QueryAccountsResponse } from "../proto/gen/cosmos/auth/v1beta1/query.ts";
import type { RequestQuery } from "../proto/gen/tendermint/abci/types.ts";
import { TestApplication, testAccount } from "./helpers/testapplication.ts";

const program = join(import.meta.dirname, "..", "cli", "querythread.ts");
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const holders = makeHolders(4_000);

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
  thread = new QueryThread(chain.state, () => new Worker(program, { execArgv: [] }));
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
    expect(QueryAccountsResponse.decode(long.value).accounts.length).toBeGreaterThan(4_000);
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

  it("is refused when too many wait", async () => {
    const { chain } = await chainWithThread();
    const many = await Promise.all(Array.from({ length: 80 }, () => chain.application.query(accounts(2_500n))));
    const refused = many.filter(({ code }) => code !== 0);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]!.log).toMatch(/64 long queries wait already/);
    expect(many.filter(({ code }) => code === 0).length).toBeGreaterThan(60);
  });
});
