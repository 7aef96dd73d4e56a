/**
 * Vouchers settled in blocks, a hundred a message, each of a session of its own: decoded, verified, paid, shared out, committed. In process, by
 * the time of one thread; once as a block that nobody has seen before, once where CheckTx has verified the signatures. And what an auction of a full book and a
 * quote take.
 */
import { accountAddress, moduleAddress } from "../chain/address.ts";
import { messageCodec } from "../chain/codec.ts";
import { sha256 } from "../chain/crypto/hash.ts";
import { ed25519KeyPair, type KeyPair, signEd25519 } from "../chain/crypto/sign.ts";
import { decOne } from "../chain/dec.ts";
import { toJson } from "../chain/protojson.ts";
import { amountFor, market, voucherBytes } from "../modules/market/index.ts";
import { TxMsgData } from "../proto/gen/cosmos/base/abci/v1beta1/abci.ts";
import { Session } from "../proto/gen/weir/market/v1/state.ts";
import { MsgSettle, MsgSettleResponse } from "../proto/gen/weir/market/v1/tx.ts";
import { chainId, TestApplication, testAccount } from "../test/helpers/testapplication.ts";
import type { BenchOptions, Figure } from "./figure.ts";
import { auctionMillis, quoteMillis } from "./marketload.ts";

const batch = 100;
const sessionCount = 2_000;
const quickSessionCount = 500;
const rounds = 6;
const quickRounds = 3;
const price = 50_000n * decOne;
const locked = 1_000_000_000n;
/** What a session carries between two vouchers. */
const stepBytes = 8n * 1_048_576n;
const fee = { amount: [{ denom: "uweir", amount: 2_000n }], gasLimit: 20_000_000n };

const keyOf = (id: number): KeyPair => ed25519KeyPair(sha256(Buffer.from(`bench session ${id}`)));

function sessionOf(id: number, operator: string, key: Uint8Array): unknown {
  const client = accountAddress.encode(sha256(Buffer.from(`client ${id}`)).slice(0, 20));
  return toJson(Session.$type, {
    ...Session.fromPartial({ id: BigInt(id), client, relay: BigInt(1 + (id % 20)), operator, denom: "uusdc" }),
    ...{ locked: `${locked}`, settled: "0", key, price: `${price}`, cell: "europe-west" },
    ...{ expiresEpoch: 1_000n, endsEpoch: 1_002n },
  });
}

async function chainWith(keys: readonly KeyPair[]): Promise<TestApplication> {
  const operator = testAccount(0).address;
  const defaults = market.genesis.toJson(market.genesis.default()) as object;
  const sessions = keys.map(({ publicKey }, index) => sessionOf(index + 1, operator, publicKey));
  const escrow = accountAddress.encode(moduleAddress("market_escrow"));
  const balances = [
    { address: operator, coins: [{ denom: "uweir", amount: "1000000000000" }] },
    { address: escrow, coins: [{ denom: "uusdc", amount: `${locked * BigInt(keys.length)}` }] },
  ];
  return TestApplication.start({
    checkInvariants: false,
    appState: {
      bank: { params: { send_enabled: [], default_send_enabled: true }, balances },
      market: { ...defaults, next_session: `${keys.length}`, sessions },
    },
  });
}

/** Each session's next voucher, by messages of a hundred, each in a transaction of the operator's. */
function transactionsOf(chain: TestApplication, keys: readonly KeyPair[], round: number): Uint8Array[] {
  const bytes = BigInt(round) * stepBytes;
  const amount = amountFor(bytes, price);
  const vouchers = keys.map(({ privateKey }, index) => {
    const session = BigInt(index + 1);
    const signature = signEd25519(privateKey, voucherBytes({ chainId, session, bytes, amount, nonce: bytes }));
    const counts = { deliveredBytes: bytes, relaySignature: new Uint8Array(0) };
    return { session, bytes, amount: `${amount}`, nonce: bytes, signature, ...counts };
  });
  const signer = chain.accounts[0]!;
  const txs: Uint8Array[] = [];
  for (let first = 0; first < vouchers.length; first += batch) {
    const value = { submitter: signer.address, vouchers: vouchers.slice(first, first + batch) };
    const codec = messageCodec(MsgSettle) as Parameters<TestApplication["sign"]>[1]["messages"][number]["codec"];
    txs.push(chain.sign(signer, { messages: [{ codec, value }] }, fee));
  }
  return txs;
}

/** Of this thread alone, so that other programs on the machine do not count. */
function threadSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000_000;
}

/** Seconds of the block; every voucher must have paid. */
function sealed(chain: TestApplication, txs: Uint8Array[]): number {
  const start = threadSeconds();
  const { txResults } = chain.seal(txs);
  const seconds = threadSeconds() - start;
  for (const { code, log, data } of txResults) {
    if (code !== 0) throw new Error(`a batch was refused: ${log}`);
    const { results } = MsgSettleResponse.decode(TxMsgData.decode(data).msgResponses[0]!.value);
    const refused = results.find((result) => result.code !== 0);
    if (refused !== undefined) throw new Error(`a voucher was refused: ${refused.log}`);
  }
  return seconds;
}

async function measured(sessions: number, count: number, isChecked: boolean): Promise<number[]> {
  const keys = Array.from({ length: sessions }, (_, index) => keyOf(index + 1));
  const chain = await chainWith(keys);
  const samples: number[] = [];
  // The first round is for the compiler.
  for (let round = 1; round <= count + 1; round++) {
    const txs = transactionsOf(chain, keys, round);
    if (isChecked) {
      for (const tx of txs) {
        const { code, log } = chain.check(tx);
        if (code !== 0) throw new Error(`CheckTx refused a batch: ${log}`);
      }
    }
    const seconds = sealed(chain, txs);
    if (round > 1) samples.push(sessions / seconds);
  }
  return samples;
}

export default async function* vouchers({ quick }: BenchOptions): AsyncIterable<Figure> {
  const [sessions, count] = quick ? [quickSessionCount, quickRounds] : [sessionCount, rounds];
  for (const isChecked of [false, true]) {
    const samples = await measured(sessions, count, isChecked);
    const params = { batch, sessions, seen: isChecked ? "by CheckTx" : "first in the block" };
    yield { bench: "vouchers.settled", unit: "per s", params: { ...params, goal: "at least 5,000" }, samples };
    yield { bench: "vouchers.each", unit: "µs", params, samples: samples.map((perSecond) => 1_000_000 / perSecond) };
  }
  const offers = quick ? 1_000 : 10_000;
  // The first one is for the compiler.
  const auctions = (await auctionMillis(offers, 1 + (quick ? 1 : rounds))).slice(1);
  yield { bench: "vouchers.auction", unit: "ms", params: { offers, goal: "at most 200 of 10,000" }, samples: auctions };
  const relays = quick ? 2_000 : 100_000;
  const quotes = quoteMillis(relays, 200).sort((a, b) => a - b);
  const p99 = quotes[Math.ceil(quotes.length * 0.99) - 1]!;
  yield { bench: "vouchers.quoteP99", unit: "ms", params: { relays, goal: "at most 20" }, samples: [p99] };
}
