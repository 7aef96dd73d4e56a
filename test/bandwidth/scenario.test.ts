/**
 * Networks with a liar, a lossy line and oracles that are wrong, silent or two-faced, over twenty settled epochs of the real state machine, by
 * signed transactions: who is slashed and jailed, and that everybody is paid to the unit what the slow model says.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { ChainEvent } from "../../chain/events.ts";
import { defaultParams as attestationParams } from "../../modules/attestation/params.ts";
import { defaultParams as rewardsParams } from "../../modules/rewards/params.ts";
import type * as attestationQueries from "../../proto/gen/weir/attestation/v1/query.ts";
import { Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import type * as rewardsQueries from "../../proto/gen/weir/rewards/v1/query.ts";
import { MsgClaim } from "../../proto/gen/weir/rewards/v1/tx.ts";
import {
  equivocator,
  honestOracle,
  honestRelay,
  liar,
  lossyRelay,
  mbps,
  type OracleSpec,
  outlier,
  type RelaySpec,
  silentOracle,
} from "./actors.ts";
import { Expectation } from "./expected.ts";
import { bondOfRelay } from "./genesis.ts";
import { Network, type NetworkOptions } from "./network.ts";

const settledEpochs = 20;
const settledAfter = 3n;
/** Milliseconds, on a machine that does much else. */
const patience = 300_000;

interface Seen {
  readonly height: bigint;
  readonly type: string;
  readonly of: Readonly<Record<string, string>>;
}

/** Typed events' values are JSON, others' are plain. */
const plain = (value: string): string => (value.startsWith('"') ? JSON.parse(value) : value);

function seen(height: bigint, { type, attributes }: ChainEvent): Seen {
  return { height, type, of: Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)])) };
}

interface Run {
  readonly network: Network;
  readonly events: readonly Seen[];
  /** By epoch and relay, what the model says. */
  readonly due: ReadonlyMap<bigint, ReadonlyMap<bigint, bigint>>;
  /** Where the chain says something else. */
  readonly differences: readonly string[];
}

/** Runs until so many epochs are settled, and compares each with the model. */
async function run(options: NetworkOptions, committee: number): Promise<Run> {
  const network = await Network.start({ blocksPerEpoch: 9, ...options, notesKept: settledAfter + 2n });
  const events: Seen[] = [];
  network.onBlock((answer) => {
    for (const { events: list } of [answer, ...answer.txResults])
      events.push(...list.map((event) => seen(network.chain.height, event)));
  });
  network.registerAll();
  network.runEpoch();
  const expectation = new Expectation(network, { referenceBps: rewardsParams.referenceBps, committee });
  const due = new Map<bigint, ReadonlyMap<bigint, bigint>>();
  const differences: string[] = [];
  while (due.size < settledEpochs) {
    network.runEpoch();
    const epoch = network.epoch - settledAfter - 1n;
    if (epoch < 1n) continue;
    const pay = expectation.payOf(network.notes.get(epoch)!, network.notes.get(epoch + 1n)!.openTime);
    due.set(epoch, pay);
    for (const { id } of network.relays) {
      const paid = paidFor(network, id, epoch);
      if (paid !== (pay.get(id) ?? 0n)) differences.push(`relay ${id} in ${epoch}: ${paid}, expected ${pay.get(id)}`);
    }
  }
  return { network, events, due, differences };
}

const paidFor = (network: Network, id: bigint, epoch: bigint): bigint => {
  const request = { relay: `${id}`, epoch: `${epoch}` };
  return BigInt(
    network.ask<rewardsQueries.QueryResultResponse>("/weir.rewards.v1.Query/Result", request).availability || "0",
  );
};

const punishments = (events: readonly Seen[], relay: bigint) =>
  events.filter(({ type, of }) => type === "relay_punished" && of.relay === `${relay}`).map(({ of }) => of);

const relayOf = (network: Network, id: bigint) =>
  network.ask<attestationQueries.QueryRelayResponse>("/weir.attestation.v1.Query/Relay", { relay: `${id}` }).relay!;
const oracleOf = (network: Network, id: bigint) =>
  network.ask<attestationQueries.QueryOracleResponse>("/weir.attestation.v1.Query/Oracle", { oracle: `${id}` }).oracle!;
const earningsOf = (network: Network, id: bigint) =>
  network.ask<rewardsQueries.QueryRelayResponse>("/weir.rewards.v1.Query/Relay", { relay: `${id}` }).record!;

const named = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const capacity = mbps(2_000);

describe("twelve oracles and fifty relays over twenty epochs", () => {
  const [liarId, lossyId] = [8n, 21n];
  const [outlierId, silentId, twoFacedId] = [4n, 7n, 11n];
  const relays: RelaySpec[] = named(50, (index) =>
    honestRelay({ name: `relay ${index + 1}`, claimBps: mbps(20 + index) }),
  );
  relays[Number(liarId) - 1] = liar({ name: "liar", claimBps: mbps(100) }, mbps(10));
  relays[Number(lossyId) - 1] = lossyRelay({ name: "lossy", claimBps: mbps(40) }, 30_000);
  const oracles: OracleSpec[] = named(12, (index) =>
    honestOracle({ name: `oracle ${index + 1}`, declaredBps: capacity }),
  );
  oracles[Number(outlierId) - 1] = outlier({ name: "outlier", declaredBps: capacity }, 150n);
  oracles[Number(silentId) - 1] = silentOracle({ name: "silent", declaredBps: capacity });
  oracles[Number(twoFacedId) - 1] = equivocator(
    { name: "two-faced", declaredBps: capacity },
    ({ epoch, kind }) => epoch === 5n && kind === "overt",
  );
  let network: Run["network"];
  let events: Run["events"];
  let due: Run["due"];
  let differences: Run["differences"];
  beforeAll(async () => {
    ({ network, events, due, differences } = await run({ relays, oracles }, attestationParams.committeeSize));
  }, patience);

  it("slash the liar 27.5 % once its second bad epoch is settled, and set its claim to what it carries", () => {
    const [first, ...others] = punishments(events, liarId);
    expect(first).toMatchObject({ epoch: "2", reason: "over-claim", fraction: "0.275000000000000000" });
    expect(BigInt(first!.bond!)).toBe((bondOfRelay(relays[7]!) * 275n) / 1000n);
    expect(others).toEqual([]);
    expect(relayOf(network, liarId).terms!.claimedBps).toBe(mbps(10));
  });

  it("warn the lossy relay before they slash it 1 %, at most once in seven epochs", () => {
    const warned = events.find(({ type, of }) => type === "relay_warned" && of.relay === `${lossyId}`);
    expect(warned?.of).toMatchObject({ epoch: "1", rule: "quality" });
    const slashes = punishments(events, lossyId);
    expect(slashes.map(({ epoch, reason }) => `${epoch} ${reason}`)).toEqual(["2 quality", "9 quality", "16 quality"]);
    expect(slashes.every(({ fraction }) => fraction === "0.010000000000000000")).toBe(true);
  });

  it("pay every relay of every epoch to the unit what the model says, and take nothing from any honest one", () => {
    expect(differences).toEqual([]);
    expect(network.refusals).toEqual(new Map());
    for (const { id, spec } of network.relays) {
      if (id === liarId || id === lossyId) continue;
      expect(punishments(events, id)).toEqual([]);
      expect(relayOf(network, id).bond).toBe(`${bondOfRelay(spec)}`);
    }
  });

  it("bring into a relay's record all that its epochs paid, but the one that is not accrued yet", () => {
    for (const { id } of network.relays) {
      const { earned, pending } = earningsOf(network, id);
      const accrued = [...due].filter(([epoch]) => epoch + 1n < pending!.epochPlusOne);
      expect(accrued.length).toBeGreaterThanOrEqual(settledEpochs - 1);
      expect(earned).toBe(accrued.reduce((sum, [, pay]) => sum + pay.get(id)!, 0n));
      expect(earned).toBeGreaterThan(0n);
    }
  });

  it("pay claims out of what was earned", () => {
    const { account, id } = network.relays[1]!;
    const claimant = account.address;
    network.say(account, MsgClaim, MsgClaim.fromPartial({ relayId: id, claimant }));
    network.block();
    const claimed = events.findLast(({ type }) => type === "rewards_claimed")!.of;
    expect(claimed).toMatchObject({ relay: `${id}`, claimant });
    const amount = BigInt(claimed.amount!);
    const half = earningsOf(network, id).earned / 2n;
    expect(amount).toBeGreaterThan((half * 9n) / 10n);
    expect(amount).toBeLessThan(half + half / 1000n);
  });

  it("jail the oracle with two faces and slash it 5 %", () => {
    const slashed = events.filter(
      ({ type, of }) => type.endsWith("EventSlashed") && of.subject === `oracle ${twoFacedId}`,
    );
    expect(slashed.map(({ of }) => of.fraction)).toContain("0.050000000000000000");
    expect(oracleOf(network, twoFacedId).oracle!.standing).toBe(Standing.STANDING_JAILED);
    for (const { readings } of network.notes.values()) expect(readings.has(twoFacedId)).toBe(false);
  });

  it("slash the silent oracle 1 % an epoch, and pay it nothing", () => {
    const fractions = events
      .filter(({ type, of }) => type === "oracle_punished" && of.oracle === `${silentId}`)
      .map(({ of }) => of.fraction);
    expect(fractions.length).toBeGreaterThanOrEqual(settledEpochs);
    expect(new Set(fractions)).toEqual(new Set(["0.010000000000000000"]));
  });

  it("pay the outlier for its covert readings alone, and slash nobody for being alone", () => {
    const owedTo = (id: bigint) =>
      BigInt(
        network
          .ask<rewardsQueries.QueryOracleResponse>("/weir.rewards.v1.Query/Oracle", { oracleId: id })
          .claimable.find(({ denom }) => denom === "uweir")?.amount ?? "0",
      );
    expect(owedTo(outlierId)).toBeLessThan(owedTo(1n) / 10n);
    expect(owedTo(silentId)).toBe(0n);
    expect(oracleOf(network, outlierId).bond).toBe(`${attestationParams.oracleBondMin}`);
  });
});

describe("three oracles and five relays over twenty epochs", () => {
  const relays = named(4, (index) => honestRelay({ name: `relay ${index + 1}`, claimBps: mbps(20 + 5 * index) }));
  const specs = [...relays, liar({ name: "liar", claimBps: mbps(100) }, mbps(10))];
  const oracles = named(3, (index) => honestOracle({ name: `oracle ${index + 1}`, declaredBps: capacity }));
  let network: Run["network"];
  let events: Run["events"];
  let differences: Run["differences"];
  beforeAll(async () => {
    ({ network, events, differences } = await run({ relays: specs, oracles }, 3));
  }, patience);

  it("pay to the unit what the model says", () => {
    expect(differences).toEqual([]);
    expect(network.refusals).toEqual(new Map());
  });

  it("slash the liar as a large network does, and nobody else", () => {
    const punished = events.filter(({ type }) => type === "relay_punished").map(({ of }) => of);
    expect(punished).toMatchObject([{ relay: "5", epoch: "2", fraction: "0.275000000000000000" }]);
    expect(relayOf(network, 5n).terms!.claimedBps).toBe(mbps(10));
    expect(events.filter(({ type }) => type === "oracle_punished")).toEqual([]);
  });
});
