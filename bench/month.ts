/**
 * A month of ten thousand clients: how many transactions and fees their traffic takes. Vouchers are signed, and settled by a real state machine, when the relays' own
 * rule says so (node/relay/settling.ts). The model, told with the figures: a client has one channel of 30 days to one of the relays, opened by one transaction that tops
 * up its wallet and opens the channel, as docs/buyer.md has it; it closes by itself. On four days of five it connects one to five times and carries 64 MiB to 1.3 GiB, at
 * five cents a GiB. Gas costs .025uweir, a WEIR a cent. What a client calls a session is a connection; both are counted.
 */
import { accountAddress, moduleAddress } from "../chain/address.ts";
import { messageCodec } from "../chain/codec.ts";
import { sha256 } from "../chain/crypto/hash.ts";
import { ed25519KeyPair, type KeyPair, signEd25519 } from "../chain/crypto/sign.ts";
import { parseDec } from "../chain/dec.ts";
import { limitedGasMeter } from "../chain/gas.ts";
import { toJson } from "../chain/protojson.ts";
import { amountFor, market, voucherBytes } from "../modules/market/index.ts";
import type { SessionFacts } from "../node/forwarding/facts.ts";
import type { HeldSession } from "../node/forwarding/sessionbook.ts";
import { type HeldVoucher, nothingSettled } from "../node/relay/ledger.ts";
import { planSettlement, type SettleRules, settleDefaults, voucherMessage } from "../node/relay/settling.ts";
import { TxMsgData } from "../proto/gen/cosmos/base/abci/v1beta1/abci.ts";
import { Session } from "../proto/gen/weir/market/v1/state.ts";
import { MsgSettle, MsgSettleResponse } from "../proto/gen/weir/market/v1/tx.ts";
import { marketChain, textOf } from "../test/helpers/marketchain.ts";
import { type Random, seededRandom } from "../test/helpers/random.ts";
import { chainId, TestApplication, testAccount } from "../test/helpers/testapplication.ts";
import type { BenchOptions, Figure } from "./figure.ts";

const days = 30n;
const price = parseDec("50000");
const locked = 10_000_000n;
const mebibyte = 1_048_576n;
/** uweir a unit of gas, in thousandths; and millionths of a dollar a WEIR. */
const gasPriceThousandths = 25n;
const dollarMicrosPerWeir = 10_000n;

const feeMicros = (gas: bigint): bigint => (gas * gasPriceThousandths * dollarMicrosPerWeir) / 1_000n / 1_000_000n;

interface Channel {
  readonly id: bigint;
  readonly key: KeyPair;
  held: HeldSession;
}

interface Relay {
  readonly operator: number;
  readonly channels: Channel[];
  readonly waitingSince: Map<bigint, bigint>;
}

const keyOf = (id: number): KeyPair => ed25519KeyPair(sha256(Buffer.from(`month ${id}`)));
const clientOf = (id: number): string => accountAddress.encode(sha256(Buffer.from(`client ${id}`)).slice(0, 20));

const noVoucher: HeldVoucher = { bytes: 0n, amount: 0n, nonce: 0n, signature: new Uint8Array(0), delivered: 0n };

function heldOf(session: bigint, relay: bigint, { publicKey }: KeyPair): HeldSession {
  const terms = { chainId, session, key: publicKey, pricePerGib: price, locked };
  const facts: SessionFacts = {
    ...{ terms, relay, denom: "uusdc", settled: nothingSettled, settledAmount: 0n },
    ...{ expiresEpoch: days, endsEpoch: days + 2n, isClosing: false },
  };
  return { session, voucher: noVoucher, facts };
}

function relaysOf(clients: number, count: number): Relay[] {
  const relays: Relay[] = Array.from({ length: count }, (_, operator) => {
    return { operator, channels: [], waitingSince: new Map() };
  });
  for (let id = 1; id <= clients; id++) {
    const relay = relays[id % count]!;
    const key = keyOf(id);
    relay.channels.push({ id: BigInt(id), key, held: heldOf(BigInt(id), BigInt(1 + relay.operator), key) });
  }
  return relays;
}

async function chainWith(relays: readonly Relay[], clients: number): Promise<TestApplication> {
  const defaults = market.genesis.toJson(market.genesis.default()) as object;
  const sessions = relays.flatMap(({ operator, channels }) =>
    channels.map(({ id, key }) => ({
      ...(toJson(Session.$type, {
        ...Session.fromPartial({ id, client: clientOf(Number(id)), relay: BigInt(1 + operator), denom: "uusdc" }),
        ...{ operator: testAccount(operator).address, locked: `${locked}`, settled: "0", key: key.publicKey },
        ...{ price: `${price}`, cell: "europe-west", expiresEpoch: 1_000n, endsEpoch: 1_002n },
      }) as object),
    })),
  );
  sessions.sort((a, b) => Number((a as { id?: string }).id) - Number((b as { id?: string }).id));
  const escrow = accountAddress.encode(moduleAddress("market_escrow"));
  const balances = [
    ...relays.map(({ operator }) => ({
      address: testAccount(operator).address,
      coins: [{ denom: "uweir", amount: "1000000000000" }],
    })),
    { address: escrow, coins: [{ denom: "uusdc", amount: `${locked * BigInt(clients)}` }] },
  ];
  return TestApplication.start({
    accounts: relays.length,
    checkInvariants: false,
    appState: {
      bank: { params: { send_enabled: [], default_send_enabled: true }, balances },
      market: { ...defaults, next_session: `${clients}`, sessions },
    },
  });
}

const gasMost = 1_000_000_000n;
const [buyer, deposit] = ["alice", 500_000n];

/** What topping up and opening take beside a transaction's own gas, by the handlers themselves. */
function openingGas(): bigint {
  const chain = marketChain();
  const relay = chain.addRelay();
  const meter = limitedGasMeter(gasMost);
  const ctx = chain.context(meter);
  const [owner, coin] = [textOf(buyer), { denom: "uusdc", amount: `${deposit}` }];
  const run = (url: string, value: object): void => {
    const handler = market.messages[url]!;
    handler.execute(ctx, handler.request.fromPartial(value) as never);
  };
  run("/weir.market.v1.MsgTopUp", { sender: owner, owner, amount: coin });
  run("/weir.market.v1.MsgOpenSession", {
    ...{
      client: owner,
      relay,
      key: keyOf(1).publicKey,
      deposit: coin,
      priceMax: `${parseDec("1000000")}`,
      epochs: days,
    },
  });
  return meter.consumed;
}

/** Of a transaction with one signature and next to nothing in it. */
function plainGas(chain: TestApplication): bigint {
  const { txResults } = chain.seal([chain.send(0, testAccount(1).address)]);
  if (txResults[0]!.code !== 0) throw new Error(txResults[0]!.log);
  return txResults[0]!.gasUsed;
}

const codec = messageCodec(MsgSettle) as Parameters<TestApplication["sign"]>[1]["messages"][number]["codec"];
const fee = { amount: [{ denom: "uweir", amount: 0n }], gasLimit: 50_000_000n };

interface Month {
  connections: bigint;
  opened: bigint;
  settlements: bigint;
  vouchers: bigint;
  value: bigint;
  feeMicros: bigint;
}

/** A day's traffic: connections, and one voucher for all of it, since only the last one counts. */
function live(relay: Relay, random: Random, month: Month): void {
  for (const channel of relay.channels) {
    if (random.chance(5)) continue;
    month.connections += BigInt(1 + random.below(5));
    const before = channel.held.voucher;
    const bytes = before.bytes + BigInt(64 + random.below(1_268)) * mebibyte;
    const amount = amountFor(bytes, price);
    const signature = signEd25519(
      channel.key.privateKey,
      voucherBytes({ chainId, session: channel.id, bytes, amount, nonce: bytes }),
    );
    channel.held = { ...channel.held, voucher: { bytes, amount, nonce: bytes, signature, delivered: bytes } };
  }
}

/** What the relay's rule brings on this day, as transactions of its operator's. */
function settle(chain: TestApplication, relay: Relay, epoch: bigint, rules: SettleRules) {
  for (const { id, held } of relay.channels) {
    const isWaiting = held.voucher.bytes > held.facts.settled.bytes;
    if (!isWaiting) relay.waitingSince.delete(id);
    else if (!relay.waitingSince.has(id)) relay.waitingSince.set(id, epoch);
  }
  const held = relay.channels.map((channel) => channel.held);
  const batches = planSettlement({ held, epoch, waitingSince: relay.waitingSince, rules });
  const signer = chain.accounts[relay.operator]!;
  return batches.map((batch) => {
    const vouchers = batch.map(({ session, voucher }) => voucherMessage(session, voucher));
    const value = { submitter: signer.address, vouchers };
    return { relay, batch, tx: chain.sign(signer, { messages: [{ codec, value }] }, fee) };
  });
}

function seal(chain: TestApplication, sent: readonly ReturnType<typeof settle>[number][], month: Month): void {
  const { txResults } = chain.seal(sent.map(({ tx }) => tx));
  for (const [index, { relay, batch }] of sent.entries()) {
    const { code, log, data, gasUsed } = txResults[index]!;
    if (code !== 0) throw new Error(`a batch was refused: ${log}`);
    const { results } = MsgSettleResponse.decode(TxMsgData.decode(data).msgResponses[0]!.value);
    month.settlements++;
    month.feeMicros += feeMicros(gasUsed);
    for (const [at, { session, voucher }] of batch.entries()) {
      if (results[at]!.code !== 0) throw new Error(`a voucher was refused: ${results[at]!.log}`);
      month.vouchers++;
      month.value += BigInt(results[at]!.paid);
      const channel = relay.channels.find(({ id }) => id === session)!;
      const settled = { bytes: voucher.bytes, nonce: voucher.nonce, delivered: voucher.bytes };
      channel.held = { ...channel.held, facts: { ...channel.held.facts, settled, settledAmount: voucher.amount } };
      relay.waitingSince.delete(session);
    }
  }
}

/** What one more voucher costs in a full batch, by trying two. */
function voucherFee(chain: TestApplication, relay: Relay, month: Month): bigint {
  const before = month.feeMicros;
  const sent = settle(chain, relay, 0n, { ...settleDefaults, feePerVoucherMicros: 0n });
  seal(chain, sent, month);
  const count = BigInt(sent.reduce((sum, { batch }) => sum + batch.length, 0));
  return count === 0n ? 0n : (month.feeMicros - before + count - 1n) / count;
}

async function lived(clients: number, relayCount: number, seed: number): Promise<Month> {
  const random = seededRandom(seed);
  const relays = relaysOf(clients, relayCount);
  const chain = await chainWith(relays, clients);
  const month: Month = {
    connections: 0n,
    opened: BigInt(clients),
    settlements: 0n,
    vouchers: 0n,
    value: 0n,
    feeMicros: 0n,
  };
  const gas = plainGas(chain) + openingGas();
  month.feeMicros += feeMicros(gas) * BigInt(clients);
  for (const relay of relays) live(relay, random, month);
  const rules = { ...settleDefaults, feePerVoucherMicros: voucherFee(chain, relays[0]!, month) };
  for (let epoch = 0n; epoch <= days; epoch++) {
    if (epoch > 0n && epoch < days) for (const relay of relays) live(relay, random, month);
    const sent = relays.flatMap((relay) => settle(chain, relay, epoch, rules));
    for (let from = 0; from < sent.length; from += batchesOfBlock)
      seal(chain, sent.slice(from, from + batchesOfBlock), month);
  }
  return month;
}

const batchesOfBlock = 20;

export default async function* month({ quick, args }: BenchOptions): AsyncIterable<Figure> {
  const [clients, relays] = quick ? [500, 5] : [10_000, 100];
  const seed = Number(args[0] ?? "1");
  const of = await lived(clients, relays, seed);
  const transactions = Number(of.opened + of.settlements);
  const params = { clients, relays, seed, days: Number(days) };
  const figure = (bench: string, unit: string, value: number, more: object = {}): Figure => {
    return { bench: `month.${bench}`, unit, params: { ...params, ...more }, samples: [value] };
  };
  const goal = { goal: "at most 0.02" };
  yield figure("transactionsPerConnection", "txs", transactions / Number(of.connections), goal);
  yield figure("transactionsPerChannel", "txs", transactions / clients, { opening: 1 });
  yield figure("settlementsPerChannel", "txs", Number(of.settlements) / clients);
  yield figure("vouchersPerSettlement", "vouchers", Number(of.vouchers) / Number(of.settlements));
  yield figure("feesOfValue", "%", (Number(of.feeMicros) * 100) / Number(of.value), {
    goal: "at most 0.1",
    gasPrice: "0.025uweir",
    weir: "$0.01",
  });
  yield figure("valuePerClient", "$", Number(of.value) / 1e6 / clients);
}
