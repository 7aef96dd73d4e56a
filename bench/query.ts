/** Questions over the RPC, one after another on a kept connection: idle, and while another connection sends transactions. */
import { Agent, request as httpRequest } from "node:http";
import { accountAddress } from "../chain/address.ts";
import { QueryAccountRequest } from "../proto/gen/cosmos/auth/v1beta1/query.ts";
import { QueryAllBalancesRequest, QueryBalanceRequest } from "../proto/gen/cosmos/bank/v1beta1/query.ts";
import { type ChainProcess, startChainProcess } from "./chainprocess.ts";
import type { BenchOptions, Figure } from "./figure.ts";
import { denom, makeSigners, type Signer, signedSend } from "./load.ts";

interface Sizes {
  readonly signers: number;
  readonly accounts: number;
  /** Transactions in the index before the questions. */
  readonly indexed: number;
  readonly questions: number;
}

const full: Sizes = { signers: 20_000, accounts: 250_000, indexed: 1_000_000, questions: 2_000 };
const quick: Sizes = { signers: 2_000, accounts: 10_000, indexed: 4_000, questions: 200 };
const blockMillis = 200;
const batchSize = 100;

const agent = new Agent({ keepAlive: true });

function post(port: number, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sending = httpRequest({ agent, host: "127.0.0.1", port, path: "/", method: "POST" }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks).toString()));
      response.on("error", reject);
    });
    sending.on("error", reject);
    sending.end(body);
  });
}

const call = (method: string, params: object, id = 1): string => JSON.stringify({ jsonrpc: "2.0", id, method, params });

const abci = (path: string, data: Uint8Array, prove = false): string =>
  call("abci_query", { path, data: Buffer.from(data).toString("hex"), prove });

/** Of every kind, the question about the i-th account. */
const kinds: Readonly<Record<string, (address: string, i: number) => string>> = {
  balance: (address) =>
    abci("/cosmos.bank.v1beta1.Query/Balance", QueryBalanceRequest.encode({ address, denom }).finish()),
  account: (address) => abci("/cosmos.auth.v1beta1.Query/Account", QueryAccountRequest.encode({ address }).finish()),
  proof: (address) => {
    const bytes = accountAddress.decode(address);
    return abci("/store/bank/key", Buffer.concat([Buffer.from([2, bytes.length]), bytes, Buffer.from(denom)]), true);
  },
  balances: (address) =>
    abci(
      "/cosmos.bank.v1beta1.Query/AllBalances",
      QueryAllBalancesRequest.encode(QueryAllBalancesRequest.fromPartial({ address })).finish(),
    ),
  page: () => call("tx_search", { query: "tx.height>1 AND tx.height<4", per_page: "100", page: "1" }),
  tx_search: (address) => call("tx_search", { query: `transfer.recipient='${address}'`, per_page: "10" }),
};

function sends(signers: readonly Signer[], from: number, count: number): string {
  const requests = Array.from({ length: count }, (_, i) => {
    const tx = signedSend(
      signers[(from + i) % signers.length]!,
      signers[((from + i) * 7919) % signers.length]!.address,
    );
    return call("broadcast_tx_sync", { tx: Buffer.from(tx).toString("base64") }, i);
  });
  return `[${requests.join(",")}]`;
}

async function waitUntilEmpty(port: number): Promise<void> {
  for (;;) {
    const { result } = JSON.parse(await post(port, call("num_unconfirmed_txs", {}))) as { result: { total: string } };
    if (result.total === "0") return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function latencies(port: number, signers: readonly Signer[], kind: string, count: number): Promise<number[]> {
  const ask = kinds[kind]!;
  const millis: number[] = [];
  for (let i = 0; i < count; i++) {
    const body = ask(signers[(i * 31) % signers.length]!.address, i);
    const start = performance.now();
    const answer = await post(port, body);
    millis.push(performance.now() - start);
    if (!answer.includes('"result"')) throw new Error(`a question of kind ${kind} was refused: ${answer}`);
  }
  return millis.sort((a, b) => a - b);
}

async function* ask(chain: ChainProcess, signers: readonly Signer[], sizes: Sizes, load: string) {
  for (const kind of Object.keys(kinds)) {
    const count = kind === "page" ? Math.ceil(sizes.questions / 10) : sizes.questions;
    const sorted = await latencies(chain.port, signers, kind, count);
    const params = { kind, load, accounts: sizes.accounts, indexed: sizes.indexed, questions: count };
    const at = (share: number): number[] => [sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!];
    yield { bench: "query.p50", unit: "ms", params, samples: at(0.5) } satisfies Figure;
    yield { bench: "query.p99", unit: "ms", params, samples: at(0.99) } satisfies Figure;
  }
}

/** `query [INDEXED]`: how many transactions the index holds before the questions. */
export default async function* query({ quick: isQuick, args }: BenchOptions): AsyncGenerator<Figure> {
  const chosen = isQuick ? quick : full;
  const sizes = { ...chosen, indexed: args[0] === undefined ? chosen.indexed : Number(args[0]) };
  const signers = makeSigners(sizes.signers);
  const chain = await startChainProcess({ signers: sizes.signers, accounts: sizes.accounts, workers: 0, blockMillis });
  try {
    let sent = 0;
    for (; sent < sizes.indexed; sent += batchSize) {
      await post(chain.port, sends(signers, sent, batchSize));
      if (sent % 10_000 === 0) await waitUntilEmpty(chain.port);
    }
    await waitUntilEmpty(chain.port);
    yield* ask(chain, signers, sizes, "idle");
    const load = { isOn: true };
    const loading = (async () => {
      for (; load.isOn; sent += batchSize) await post(chain.port, sends(signers, sent, batchSize));
    })();
    try {
      yield* ask(chain, signers, sizes, "sends in batches");
    } finally {
      load.isOn = false;
      await loading;
    }
  } finally {
    agent.destroy();
    await chain.stop();
  }
}
