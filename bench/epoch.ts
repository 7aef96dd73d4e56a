/**
 * An epoch of relays: attestations verified and stored, pages of the sweeps that count and settle it, what it leaves in state and puts on the wire.
 * `-- epoch [RELAYS...] [--memory]`: sizes, and whether memory stays flat over a hundred epochs of ten thousand relays.
 */
import { setImmediate } from "node:timers/promises";
import { decOne, decToProto } from "../chain/dec.ts";
import { honestOracle, honestRelay, mbps } from "../test/bandwidth/actors.ts";
import { weir } from "../test/bandwidth/genesis.ts";
import { Network, type NetworkOptions } from "../test/bandwidth/network.ts";
import { cheapSigning, realSigning } from "../test/bandwidth/readings.ts";
import type { BenchOptions, Figure } from "./figure.ts";

const sizes = [1_000, 10_000, 100_000];
const quickSizes = [1_000];
const oracleCount = 30;
/** A hundred thousand of these leave room under the cap of the supply. */
const relayBond = weir(2_000);
/** So many relays belong to one operator: an account each would be all that the start takes. */
const operators = 50;
/** More is absurd to the chain. */
const declaredMegabitsMax = 10_000_000;
const page = 500;
/** Epochs until pages of every sweep run side by side: the first one is settled in the fourth. */
const epochsToSteady = 4;
/** Signing every reading of more relays than these takes the driver minutes; they are signed cheaply, and their verification is not measured. */
const signedRelaysMax = 10_000;
const memoryEpochs = 100;
const memoryRelays = 10_000;

/** Of this thread alone, so that other programs on the machine do not count. */
function threadMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

export default async function* epoch({ quick, args }: BenchOptions): AsyncIterable<Figure> {
  if (args.includes("--memory")) {
    yield* memory(quick ? 10 : memoryEpochs, quick ? 1_000 : memoryRelays);
    return;
  }
  const named = args.map(Number).filter((size) => size > 0);
  for (const relays of named.length > 0 ? named : quick ? quickSizes : sizes) yield* sized(relays);
  yield* verified(quick ? 500 : 2_000, true);
  for (const reputation of [decOne / 10n, decOne]) yield* traffic(quick ? 200 : 1_000, reputation);
}

interface Size extends Partial<NetworkOptions> {
  /** Relays sign what is read of them too: two signatures a reading. */
  readonly countersigns?: boolean;
}

function networkOf(relays: number, { countersigns = false, ...more }: Size = {}): Promise<Network> {
  const relay = (_: unknown, index: number) =>
    honestRelay({
      name: `relay ${index}`,
      operator: `operator ${index % operators}`,
      claimBps: mbps(20 + (index % 80)),
      bond: relayBond,
      countersigns,
    });
  const oracle = (_: unknown, index: number) =>
    honestOracle({ name: `oracle ${index}`, declaredBps: mbps(Math.min(1_000 * relays, declaredMegabitsMax)) });
  return Network.start({
    relays: Array.from({ length: relays }, relay),
    oracles: Array.from({ length: oracleCount }, oracle),
    areRelaysInGenesis: true,
    blocksPerEpoch: Math.ceil(relays / page) + 20,
    checkInvariants: false,
    signing: relays <= signedRelaysMax ? realSigning : cheapSigning,
    ...more,
  });
}

/** Bytes of keys and values of the modules that keep epochs. */
function stateBytes({ chain }: Network): number {
  let bytes = 0;
  for (const name of ["attestation", "rewards"]) {
    for (const [key, value] of chain.state.latest.store(name).iterate({})) bytes += key.length + value.length;
  }
  return bytes;
}

const percentile = (samples: readonly number[], share: number): number =>
  samples.toSorted((a, b) => a - b)[Math.ceil(samples.length * share) - 1]!;

interface Measured {
  /** Readings taken in a second. */
  readonly rates: readonly number[];
  /** Milliseconds of blocks without transactions, once all sweeps run. */
  readonly pages: readonly number[];
}

function measured(network: Network): Measured {
  const rates: number[] = [];
  const pages: number[] = [];
  let [start, taken] = [0, 0];
  network.beforeBlock(() => {
    start = threadMilliseconds();
    taken = network.traffic.attestations;
  });
  network.onBlock(({ txResults }) => {
    const elapsed = threadMilliseconds() - start;
    const readings = network.traffic.attestations - taken;
    // A block's first transaction is its proposer's.
    if (readings > 0) rates.push((readings * 1000) / elapsed);
    else if (txResults.length <= 1 && network.epoch >= BigInt(epochsToSteady)) pages.push(elapsed);
  });
  network.runEpochs(epochsToSteady + 1);
  if (network.traffic.refused > 0) throw new Error(`readings were refused: ${[...network.refusals.keys()].join("; ")}`);
  return { rates, pages };
}

async function* verified(relays: number, countersigns: boolean): AsyncIterable<Figure> {
  const { rates } = measured(await networkOf(relays, { countersigns }));
  const params = { relays, signatures: countersigns ? 2 : 1 };
  yield { bench: "epoch.attestations", unit: "per s", params, samples: [...rates] };
}

async function* sized(relays: number): AsyncIterable<Figure> {
  const network = await networkOf(relays);
  const { rates, pages } = measured(network);
  const params = { relays, attestations: 9, page, blocks: pages.length };
  if (relays <= signedRelaysMax) {
    const goal = "at least 5,000";
    yield { bench: "epoch.attestations", unit: "per s", params: { relays, signatures: 1, goal }, samples: [...rates] };
  }
  const p99 = percentile(pages, 0.99);
  yield { bench: "epoch.pageP99", unit: "ms", params: { ...params, goal: "below 1,000" }, samples: [p99] };
  yield { bench: "epoch.page", unit: "ms", params, samples: [...pages] };
  yield { bench: "epoch.settled", unit: "s", params, samples: [pages.reduce((sum, each) => sum + each, 0) / 1000] };
  yield { bench: "epoch.stateBytes", unit: "B/relay", params: { relays }, samples: [stateBytes(network) / relays] };
}

/** What a relay and epoch put on the wire, for relays as good as unknown and for those that are trusted. */
async function* traffic(relays: number, reputation: bigint): AsyncIterable<Figure> {
  const network = await networkOf(relays, { relayReputation: decToProto(reputation) });
  network.runEpochs(3);
  const { transactions, bytes, attestations } = network.traffic;
  // Committed in three epochs, submitted in two.
  const relayEpochs = 2 * relays;
  const params = { relays, reputation: Number(reputation / (decOne / 10n)) / 10 };
  yield { bench: "epoch.wireBytes", unit: "B/relay", params, samples: [bytes / relayEpochs] };
  yield { bench: "epoch.readings", unit: "per relay", params, samples: [attestations / relayEpochs] };
  yield { bench: "epoch.transactions", unit: "per relay", params, samples: [transactions / relayEpochs] };
}

async function* memory(epochs: number, relays: number): AsyncIterable<Figure> {
  const network = await networkOf(relays, { signing: cheapSigning });
  network.runEpochs(epochsToSteady + 2);
  const [resident, state]: [number[], number[]] = [[], []];
  for (let done = 0; done < epochs; done += epochs / 10) {
    network.runEpochs(epochs / 10);
    // A node yields between blocks too: messages of the store's threads are taken in then.
    await setImmediate();
    resident.push(process.memoryUsage.rss() / 1e6);
    state.push(stateBytes(network) / 1e6);
  }
  const params = { relays, epochs };
  yield { bench: "epoch.resident", unit: "MB", params, samples: resident };
  yield { bench: "epoch.state", unit: "MB", params, samples: state };
}
