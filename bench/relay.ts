/**
 * A relay's throughput over links on this machine, echoing and forwarding, each beside a bare echo over the same TLS in the same run and beside
 * native programs that do the same unpaid; its latency, memory, the work of vouchers, and how all of it grows. Relay and destination are processes.
 */
import { randomBytes, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { amountFor, bytesPerGib, voucherBytes } from "../modules/market/index.ts";
import { intervalBytesMax, intervalBytesMin } from "../node/forwarding/credit.ts";
import { PaidSession } from "../node/forwarding/paidsession.ts";
import { nothingSettled } from "../node/relay/ledger.ts";
import { VoucherStore } from "../node/relay/voucherstore.ts";
import { privateKeyOf } from "../node/transport/certificate.ts";
import type { Address, Link } from "../node/transport/transport.ts";
import type { BenchOptions, Figure } from "./figure.ts";
import { Buyer, dial, identity, type RelayAt } from "./relayparts/buyer.ts";
import type { LoadOptions } from "./relayparts/load.ts";
import {
  addedP99,
  bare,
  download,
  type Moved,
  measured,
  moved,
  nativeStream,
  pings,
  upload,
  type Work,
} from "./relayparts/loads.ts";
import { startNativeProxy } from "./relayparts/native.ts";
import { BenchProcess } from "./relayparts/process.ts";
import {
  benchChainId,
  benchPricePerGib,
  type RelayMode,
  type RelayProcessOptions,
  type Usage,
} from "./relayparts/relayprocess.ts";

const connections = 4;
const nonce = randomBytes(16);
const sessionKey = identity();

interface Sizes {
  readonly runs: number;
  readonly millis: number;
  readonly pings: number;
  readonly sessions: number;
  readonly growth: readonly number[];
  readonly vouchers: number;
}

const whole: Sizes = {
  runs: 5,
  millis: 4_000,
  pings: 1_000,
  sessions: 1_000,
  growth: [1, 10, 100, 1_000, 5_000],
  vouchers: 2_000,
};
const quickly: Sizes = { runs: 2, millis: 400, pings: 100, sessions: 50, growth: [1, 50], vouchers: 100 };

export default async function* relay({ quick }: BenchOptions): AsyncIterable<Figure> {
  const sizes = quick ? quickly : whole;
  const source = new BenchProcess("ends.ts", {});
  try {
    const place = await source.line<Address>();
    yield* throughput(sizes, place);
    yield* latency(sizes, place);
    yield* memory(sizes, place);
    yield* growth(sizes, place);
    yield* vouchers(sizes);
  } finally {
    await source.end();
  }
}

// ---------------------------------------------------------------------------------------------------------------- a relay

interface RunningRelay extends RelayAt {
  readonly process: BenchProcess;
}

async function withRelay<T>(mode: RelayMode, use: (relay: RunningRelay) => Promise<T>): Promise<T> {
  const { seed, publicKey } = identity();
  const options: RelayProcessOptions = {
    mode,
    seedHex: Buffer.from(seed).toString("hex"),
    publicKeyHex: Buffer.from(publicKey).toString("hex"),
    nonceHex: nonce.toString("hex"),
    sessionKeyHex: Buffer.from(sessionKey.publicKey).toString("hex"),
  };
  const process = new BenchProcess("relayprocess.ts", options);
  try {
    return await use({ process, address: await process.line<Address>(), publicKey });
  } finally {
    await process.end();
  }
}

const linksTo = (relay: RelayAt, count = connections): Promise<Link[]> =>
  Promise.all(Array.from({ length: count }, () => dial(relay)));

const buyerOf = async (relay: RelayAt, session = 1n): Promise<Buyer> => {
  const buyer = new Buyer(relay, session, sessionKey.seed);
  await buyer.open();
  return buyer;
};

// -------------------------------------------------------------------------------------------------------------- throughput

/** What it moves is counted, and paid for. */
const paying =
  (buyer: Buyer, work: Work): Work =>
  (onBytes, signal) =>
    work((bytes) => {
      buyer.count(bytes);
      onBytes(bytes);
    }, signal);

const forwarded = (place: Address, millis: number, work: (stream: Link["stream"]) => Work): Promise<Moved> =>
  withRelay("forward", async (relay) => {
    const buyer = await buyerOf(relay);
    const links = await Promise.all(Array.from({ length: connections }, () => buyer.forward(place)));
    const works = links.map(({ stream }) => paying(buyer, work(stream)));
    const result = await moved(works, millis, () => relay.process.ask<Usage>());
    buyer.close();
    return result;
  });

const overLinks = (mode: RelayMode, millis: number, work: (link: Link) => Work): Promise<Moved> =>
  withRelay(mode, async (at) => {
    const works = (await linksTo(at)).map(work);
    return await moved(works, millis, () => at.process.ask<Usage>());
  });

const kinds = {
  yardstick: (millis: number) => overLinks("bare", millis, bare),
  echo: (millis: number) => overLinks("echo", millis, (link) => measured(link, nonce)),
  forward: (millis: number, place: Address) => forwarded(place, millis, download),
  forwardUp: (millis: number, place: Address) => forwarded(place, millis, upload),
} as const;
type Kind = keyof typeof kinds;

async function* throughput({ runs, millis }: Sizes, place: Address): AsyncIterable<Figure> {
  const samples: Record<Kind, Moved[]> = { yardstick: [], echo: [], forward: [], forwardUp: [] };
  const natively: number[] = [];
  const native = await startNativeProxy(identity());
  try {
    for (let run = 0; run < runs; run++) {
      for (const [kind, one] of Object.entries(kinds)) samples[kind as Kind].push(await one(millis, place));
      if (native === undefined) continue;
      const streams = Array.from({ length: connections }, () => nativeStream(native.address, place));
      natively.push((await moved((await Promise.all(streams)).map(download), millis)).rate);
    }
  } finally {
    native?.end();
  }
  const params = { connections, millis };
  const ratesOf = (kind: Kind) => samples[kind].map(({ rate }) => rate);
  const share = (values: readonly number[], of: readonly number[]) => values.map((value, run) => value / of[run]!);
  for (const kind of ["yardstick", "echo", "forward", "forwardUp"] as const) {
    yield { bench: `relay.${kind}`, unit: "Gbit/s", params, samples: ratesOf(kind) };
    const cpu = samples[kind].map(({ cpuPerGib }) => cpuPerGib);
    yield { bench: `relay.${kind}Cpu`, unit: "ms/GiB", params, samples: cpu };
    if (kind === "yardstick") continue;
    yield { bench: `relay.${kind}Share`, unit: "of bare", params, samples: share(ratesOf(kind), ratesOf("yardstick")) };
  }
  if (natively.length === 0) return;
  const programs = "stunnel4+microsocks";
  yield { bench: "relay.native", unit: "Gbit/s", params: { ...params, programs }, samples: natively };
  yield { bench: "relay.forwardToNative", unit: "of native", params, samples: share(ratesOf("forward"), natively) };
}

// ----------------------------------------------------------------------------------------------------------------- latency

async function* latency({ pings: count }: Sizes, place: Address): AsyncIterable<Figure> {
  for (const isLoaded of [false, true]) {
    const added = await withRelay("forward", async (relay) => {
      const buyer = await buyerOf(relay);
      const load = isLoaded ? await loaded(relay, place) : undefined;
      const { stream } = await buyer.forward(place);
      const direct = connect({ ...place, noDelay: true });
      const throughRelay = await pings(stream, count);
      await load?.end();
      const without = await pings(direct, count);
      direct.destroy();
      stream.destroy();
      buyer.close();
      return addedP99(throughRelay, without);
    });
    yield {
      bench: "relay.addedP99",
      unit: "ms",
      params: { load: isLoaded ? "full" : "none", count },
      samples: [added],
    };
  }
}

async function loaded({ address, publicKey }: RelayAt, source: Address): Promise<BenchProcess> {
  const options: LoadOptions = {
    relay: address,
    relayKeyHex: Buffer.from(publicKey).toString("hex"),
    seedHex: Buffer.from(sessionKey.seed).toString("hex"),
    source,
    connections,
  };
  const load = new BenchProcess("load.ts", options);
  await load.line();
  return load;
}

// ------------------------------------------------------------------------------------------------------------------ memory

const openedAtOnce = 50;

async function inTurns(count: number, open: (index: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < count; from += openedAtOnce) {
    const some = Math.min(openedAtOnce, count - from);
    await Promise.all(Array.from({ length: some }, (_, index) => open(from + index)));
  }
}

async function* memory({ sessions }: Sizes, place: Address): AsyncIterable<Figure> {
  const { perConnection, all } = await withRelay("forward", async (relay) => {
    const before = await relay.process.ask<Usage>();
    const buyers: Buyer[] = [];
    await inTurns(sessions, async (index) => {
      const buyer = await buyerOf(relay, BigInt(index + 1));
      const { stream } = await buyer.forward(place);
      stream.write(Buffer.of(0));
      buyers.push(buyer);
    });
    const { rssBytes } = await relay.process.ask<Usage>();
    for (const buyer of buyers) buyer.close();
    // A control link and a stream each.
    return { perConnection: (rssBytes - before.rssBytes) / (2 * sessions) / 1024, all: rssBytes / (1 << 20) };
  });
  yield { bench: "relay.memoryPerConnection", unit: "KiB", params: { sessions }, samples: [perConnection] };
  yield { bench: "relay.memory", unit: "MiB", params: { sessions }, samples: [all] };
}

// ------------------------------------------------------------------------------------------------------------------ growth

/** Far below what a relay lets one session open. */
const streamsOfSession = 100;

async function* growth({ growth: counts, millis }: Sizes, place: Address): AsyncIterable<Figure> {
  for (const count of counts) {
    const { opens, gigabits } = await withRelay("forward", async (relay) => {
      const buyers = await Promise.all(
        Array.from({ length: Math.ceil(count / streamsOfSession) }, (_, index) => buyerOf(relay, BigInt(index + 1))),
      );
      const works: Work[] = [];
      const from = performance.now();
      await inTurns(count, async (index) => {
        const buyer = buyers[index % buyers.length]!;
        const { stream } = await buyer.forward(place);
        works.push(paying(buyer, download(stream)));
      });
      const opens = count / ((performance.now() - from) / 1000);
      const { rate } = await moved(works, millis);
      for (const buyer of buyers) buyer.close();
      return { opens, gigabits: rate };
    });
    yield { bench: "relay.growth", unit: "Gbit/s", params: { connections: count }, samples: [gigabits] };
    yield { bench: "relay.opens", unit: "per s", params: { connections: count }, samples: [opens] };
  }
}

// ---------------------------------------------------------------------------------------------------------------- vouchers

/** What a relay's processor does for the vouchers of a GiB: their signatures, its own, and the disk. */
async function* vouchers({ vouchers: count }: Sizes): AsyncIterable<Figure> {
  const directory = mkdtempSync(join(tmpdir(), "weir-bench-vouchers-"));
  const store = await VoucherStore.open(join(directory, "vouchers"));
  const terms = { chainId: benchChainId, session: 1n, key: sessionKey.publicKey, pricePerGib: benchPricePerGib };
  const session = new PaidSession({
    relayKey: privateKeyOf(identity().seed),
    held: undefined,
    keep: (id, voucher) => store.keep(id, voucher),
    facts: {
      terms: { ...terms, locked: 1n << 60n },
      relay: 1n,
      denom: "uusdc",
      settled: nothingSettled,
      settledAmount: 0n,
      expiresEpoch: 2n,
      endsEpoch: 3n,
      isClosing: false,
    },
  });
  const key = privateKeyOf(sessionKey.seed);
  const frames = Array.from({ length: count }, (_, index) => {
    const bytes = BigInt(index + 1) * (intervalBytesMin / 2n);
    const [amount, voucherNonce] = [amountFor(bytes, benchPricePerGib), BigInt(index + 1)];
    const signed = voucherBytes({ chainId: benchChainId, session: 1n, bytes, amount, nonce: voucherNonce });
    const signature = Uint8Array.from(sign(null, signed, key));
    return { bytes, amount: `${amount}`, nonce: voucherNonce, signature, closing: false };
  });
  const before = process.cpuUsage();
  for (const frame of frames) {
    session.take(Number(intervalBytesMin / 2n));
    const { refused } = await session.voucher(frame);
    if (refused !== undefined) throw new Error(refused.text);
  }
  const { user, system } = process.cpuUsage(before);
  await store.close();
  rmSync(directory, { recursive: true });
  const millisEach = (user + system) / 1000 / count;
  for (const intervalBytes of [intervalBytesMin, intervalBytesMax]) {
    const perGib = Number(bytesPerGib / (intervalBytes / 2n));
    const params = {
      interval: `${intervalBytes >> 20n} MiB`,
      vouchersPerGib: perGib,
      millisEach: millisEach.toFixed(3),
    };
    yield { bench: "relay.vouchersPerGib", unit: "ms CPU", params, samples: [millisEach * perGib] };
  }
}
