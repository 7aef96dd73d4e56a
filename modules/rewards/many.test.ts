/** Settlements of many relays: pages, cells, families, classes, disputes; readings are written where attestation keeps them. */
import { describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { authorityAddress } from "../../chain/authority.ts";
import { decOne, parseDec } from "../../chain/dec.ts";
import type { ChainEvent } from "../../chain/events.ts";
import { Dispute, DisputeState } from "../../proto/gen/weir/attestation/v1/readings.ts";
import type * as queries from "../../proto/gen/weir/rewards/v1/query.ts";
import {
  operatorOf,
  type Reads,
  SettledChain,
  type SettledOptions,
  type SettledRelay,
} from "../../test/helpers/settledchain.ts";
import { compare, fraction, minus, plus } from "../../test/settlement/fraction.ts";
import { type ReferenceRelay, referenceCurve, referencePay } from "../../test/settlement/reference.ts";
import { relayBond } from "../attestation/index.ts";
import { disputes } from "../attestation/readingsstate.ts";
import { software } from "../attestation/state.ts";
import { noSettlement, settledToProto } from "../market/settlements.ts";
import { relaySettlements } from "../market/state.ts";
import { afterRelayPardoned } from "./index.ts";
import { caps, cellTotals, curves, familyParts, results } from "./state.ts";

const mbps = 1_000_000n;
const gbps = 1_000n * mbps;
const weir = 1_000_000n;
const path = (name: string) => `/weir.rewards.v1.Query/${name}`;

const chainOf = (relays: readonly SettledRelay[], options: Partial<SettledOptions> = {}) =>
  new SettledChain({ relays, oracles: 3, ...options });
const epochOf = ({ chain }: SettledChain, number: number) =>
  chain.query<queries.QueryEpochResponse>(path("Epoch"), { number: `${number}` }).epoch!;
const resultOf = ({ chain }: SettledChain, relay: number | bigint, epoch: number) =>
  chain.query<queries.QueryResultResponse>(path("Result"), { relay: `${relay}`, epoch: `${epoch}` });
const thresholdOf = ({ chain }: SettledChain, relay: number) =>
  chain.query<queries.QueryThresholdsResponse>(path("Thresholds"), { relay: `${relay}` }).thresholds;
const named = (events: readonly ChainEvent[], type: string) =>
  events
    .filter((event) => event.type === type)
    .map(({ attributes }) => Object.fromEntries(attributes.map(({ key, value }) => [key, value])));

/** Small, so that many relays are above every threshold of sums. */
const loose = { reference_bps: "1000000", bond_epochs: "1" };

/** What the exact model pays, from what the chain weighed. */
function compareWithModel(settled: SettledChain, epoch: number, referenceBps: bigint): void {
  const record = epochOf(settled, epoch);
  const found = settled.relays.map((_, index) => ({ id: BigInt(index + 1), ...resultOf(settled, index + 1, epoch) }));
  const model = found.map(({ id, result }): ReferenceRelay & { x: bigint } => ({
    ...result!,
    id,
    x: result!.weight,
    bond: BigInt(result!.bond),
    required: BigInt(result!.requiredBond),
    covert: [],
    isTransient: result!.transient,
  }));
  const exact = referencePay(model, BigInt(record.pools!.availability), referenceBps);
  expect(compare(fraction(BigInt(record.totalWeight)), exact.totalWeight)).toBe(0);
  expect(Number(record.families)).toBe(exact.families);
  const perWeight = fraction(BigInt(record.pools!.availability) * BigInt(3 + 2 * found.length), BigInt(record.divisor));
  let paid = 0n;
  for (const { id, availability } of found) {
    const due = exact.pay.get(id)!;
    const amount = BigInt(availability);
    paid += amount;
    expect(compare(fraction(amount), plus(due, perWeight))).toBeLessThanOrEqual(0);
    expect(compare(fraction(amount + 1n), minus(due, perWeight))).toBeGreaterThanOrEqual(0);
  }
  expect(paid <= BigInt(record.paid!.availability)).toBe(true);
}

describe("relays of many cells and families", () => {
  const cells = ["asia-east", "europe-west", "us-east"];
  const relays = Array.from(
    { length: 40 },
    (_, index): SettledRelay => ({
      claimBps: BigInt(1 + ((index * 37) % 50)) * 300n * mbps,
      cell: cells[index % 3]!,
      bond: 400_000n * weir,
      ...(index % 4 === 0 ? { family: 1n } : {}),
      ...(index % 10 === 1 ? { family: 2n } : {}),
    }),
  );
  const settled = chainOf(relays, { rewards: loose });
  settled.epochs(6);

  it("are paid as the exact model pays them, by curves and caps", () => {
    compareWithModel(settled, 1, mbps);
    const record = epochOf(settled, 1);
    expect([record.relays, record.paidRelays]).toEqual([40n, 40n]);
    // Ten of family 1, four of family 2, the rest alone.
    expect(record.families).toBe(28n);
    expect(record.cappedFamilies).toBeGreaterThanOrEqual(1n);
    expect(BigInt(record.cutWeight)).toBeGreaterThan(0n);
  });

  it("mint for what is left of a capped family alone", () => {
    const record = epochOf(settled, 1);
    const [pool, paid] = [BigInt(record.pools!.availability), BigInt(record.paid!.availability)];
    const left = BigInt(record.totalWeight) - BigInt(record.cutWeight);
    expect(paid).toBe((pool * left) / BigInt(record.totalWeight));
    expect(paid).toBeLessThan(pool);
  });

  it("leave no sums behind, and reductions for as long as results", () => {
    const ctx = settled.chain.context();
    expect([...cellTotals.keys(ctx)]).toEqual([]);
    expect([...familyParts.keys(ctx)]).toEqual([]);
    settled.epochs(10);
    const after = settled.chain.context();
    const kept = new Set([...caps.keys(after)].map(([epoch]) => epoch));
    expect(Math.min(...[...kept].map(Number))).toBeGreaterThanOrEqual(12 - 7);
    expect(new Set([...results.keys(after, { leading: [1n] })].map(([, epoch]) => epoch)).size).toBe(7);
  });
});

describe("pages", () => {
  const relays = Array.from(
    { length: 45 },
    (_, index): SettledRelay => ({
      claimBps: BigInt(index + 5) * 20n * mbps,
      cell: `cell-${index % 4}`,
      bond: 400_000n * weir,
      ...(index % 5 === 0 ? { family: BigInt(1 + (index % 3)) } : {}),
    }),
  );
  const run = (sweepPage: number, blocksPerEpoch: bigint) => {
    const settled = chainOf(relays, {
      rewards: { ...loose, sweep_page: `${sweepPage}` },
      blocksPerEpoch,
      epochSeconds: 40n,
      checksInvariants: sweepPage === 13,
    });
    settled.epochs(7, (relay) => ({ measuredBps: (settled.claimOf(relay) * (80n + (relay % 21n))) / 100n }));
    return settled;
  };
  const whole = run(500, 5n);

  it.each([10, 13, 46])("of %s relays come to the same as one page", (size) => {
    const paged = run(size, 20n);
    for (const number of [1, 2, 3]) {
      const { finalizedAt: _a, supply: _b, bondRate: _c, ...expected } = epochOf(whole, number);
      expect(epochOf(paged, number)).toMatchObject(expected);
    }
    for (let relay = 1; relay <= relays.length; relay++)
      expect(resultOf(paged, relay, 2)).toEqual(resultOf(whole, relay, 2));
  });
});

describe("a vote in the middle of a sweep", () => {
  it("changes what counts from then on, and nobody is paid what was not minted", () => {
    const relays = Array.from(
      { length: 30 },
      (_, index): SettledRelay => ({ claimBps: 8n * gbps, bond: 900_000n * weir, cell: `cell-${index % 3}` }),
    );
    const settled = chainOf(relays, {
      rewards: { ...loose, sweep_page: "10", transient_full_mbps: "1" },
      blocksPerEpoch: 10n,
    });
    settled.epochs(3);
    const { chain } = settled;
    for (let blocks = 0; blocks < 2; blocks++) settled.block();
    const halfway = chain.query<queries.QuerySettlementResponse>(path("Settlement"), {}).settlement!;
    expect(halfway).toMatchObject({ phase: "relays", relays: 17n });
    const { params } = chain.query<queries.QueryParamsResponse>(path("Params"), {});
    const update = {
      authority: authorityAddress(),
      params: { ...params!, transientFullMbps: 10_000n, familyShareMax: `${decOne / 1000n}` },
    };
    expect(chain.message("/weir.rewards.v1.MsgUpdateParams", update).refusal).toBeUndefined();
    settled.epochs(2);
    const record = epochOf(settled, 0);
    // What was swept before the vote counted for a tenth of that.
    expect(record.curvedCells).toBe(0n);
    expect(BigInt(record.totalWeight)).toBe(24n * gbps);
    const pays = relays.map((_, index) => BigInt(resultOf(settled, index + 1, 0).availability));
    const paid = pays.reduce((sum, amount) => sum + amount, 0n);
    expect(paid).toBeGreaterThan(0n);
    expect(paid).toBeLessThanOrEqual(BigInt(record.paid!.availability));
  });

  it("refuses parameters that do not fit together, and who is not governance", () => {
    const { chain } = chainOf([]);
    const { params } = chain.query<queries.QueryParamsResponse>(path("Params"), {});
    const send = (changes: object, authority = authorityAddress()) =>
      chain.message("/weir.rewards.v1.MsgUpdateParams", { authority, params: { ...params!, ...changes } }).refusal;
    expect(send({})).toBeUndefined();
    expect(send({}, operatorOf("relay", 1n))).toMatchObject({ codespace: "gov", code: 13 });
    for (const changes of [
      { sweepPage: 9n },
      { validatorsShare: "" },
      { vestingDuration: undefined },
      { vestingDuration: { seconds: 100n, nanos: 1 } },
      { validatorsShare: `${decOne / 2n}` },
      { availabilityShareMin: `${(decOne * 7n) / 10n}` },
      { scarcityMin: `${2n * decOne}` },
      { overclaimSlashMin: `${decOne / 2n}` },
      { oracleMissShare: `${decOne}` },
    ]) {
      expect(send(changes)).toMatchObject({ codespace: "rewards", code: 2 });
    }
  });
});

describe("transient relays of a crowded cell", () => {
  it("count together for the curve of their sum, whether one holds it or ten", () => {
    const one = chainOf([{ claimBps: 20n * gbps, bond: 900_000n * weir }], { rewards: loose });
    const ten = chainOf(
      Array.from({ length: 10 }, () => ({ claimBps: 2n * gbps, bond: 900_000n * weir })),
      { rewards: loose },
    );
    // Out of probation what is measured is what weighs.
    for (const settled of [one, ten]) settled.epochs(4 + 30);
    const weights = [one, ten].map((settled) => BigInt(epochOf(settled, 28).totalWeight));
    const [sum] = [one].map((settled) => resultOf(settled, 1, 28).result!.weight);
    expect(sum).toBeGreaterThan(10n * gbps);
    expect(weights[0]).toBe(referenceCurve(sum!));
    expect(weights[1]! <= weights[0]!).toBe(true);
    expect(weights[0]! - weights[1]!).toBeLessThan(10n * mbps);
    const ctx = one.chain.context();
    expect([...curves.keys(ctx)].length).toBeGreaterThan(0);
  });

  it("become stable by 30 epochs of uptime and a promise of notice, and count in full from then on", () => {
    const settled = chainOf(
      [
        { claimBps: 20n * gbps, bond: 900_000n * weir, givesNotice: true },
        { claimBps: 100n * mbps, givesNotice: true },
      ],
      { rewards: loose },
    );
    settled.epochs(4 + 32, (relay) => ({ checksPassed: relay === 2n ? 3 : 4 }));
    expect(resultOf(settled, 1, 28).result).toMatchObject({ transient: true });
    expect(resultOf(settled, 1, 31).result).toMatchObject({ transient: false });
    // Three checks of four are not .95.
    expect(resultOf(settled, 2, 31).result).toMatchObject({ transient: true, uptime: parseDec("0.75") });
    const { record } = settled.chain.query<queries.QueryRelayResponse>(path("Relay"), { relay: "1" });
    expect(record!.uptimes).toHaveLength(30);
  });
});

describe("settled traffic", () => {
  const cell = (name: string, families: number): SettledRelay[] =>
    Array.from({ length: families }, () => ({ cell: name }));
  const settle = (settled: SettledChain, of: ReadonlyMap<bigint, bigint>) => {
    const { epoch } = settled;
    for (const [relay, value] of of) {
      const bytes = 1_000_000n;
      relaySettlements.set(settled.chain.context(), [epoch, relay], settledToProto({ ...noSettlement, value, bytes }));
    }
  };
  const scarcityOf = ({ chain }: SettledChain) =>
    Object.fromEntries(
      chain
        .query<queries.QueryCellsResponse>(path("Cells"), {})
        .cells.map(({ name, cell: found }) => [name, BigInt(found!.scarcity)]),
    );

  it("makes a cell with three families scarcer by a tenth an epoch, up to a half more, and no cell with fewer", () => {
    const settled = chainOf([...cell("busy", 3), ...cell("idle", 3), ...cell("lone", 2)], { checksInvariants: false });
    const wash = new Map([1n, 2n, 3n, 7n, 8n].map((relay) => [relay, 50_000_000n]));
    for (let epoch = 0; epoch < 5; epoch++) {
      settle(settled, wash);
      settled.epochs(1);
    }
    expect(scarcityOf(settled)).toEqual({ busy: parseDec("1.21"), idle: parseDec("0.81"), lone: decOne });
    for (let epoch = 0; epoch < 8; epoch++) {
      settle(settled, wash);
      settled.epochs(1);
    }
    const bound = scarcityOf(settled);
    expect(bound.busy).toBeGreaterThan(parseDec("1.3"));
    expect(bound.busy).toBeLessThanOrEqual(parseDec("1.5"));
    expect(bound.idle).toBe(parseDec("0.5"));
    expect(resultOf(settled, 4, 9).result!.scarcity).toBeLessThan(parseDec("0.6"));
    expect(epochOf(settled, 8)).toMatchObject({ settledValue: "250000000" });
  });

  it("is noted of each relay and in all, and pays nothing where no auction burned", () => {
    const settled = chainOf(cell("busy", 3), { checksInvariants: false });
    settle(settled, new Map([[2n, 7_000_000n]]));
    settled.epochs(5);
    expect(resultOf(settled, 2, 0).result!.settledValue).toBe(7_000_000n);
    expect(resultOf(settled, 1, 0).result!.settledValue).toBe(0n);
    expect(epochOf(settled, 0)).toMatchObject({ settledValue: "7000000", netEmission: "0" });
    expect(epochOf(settled, 0).paid!.usage).toBe("0");
    expect(resultOf(settled, 2, 0).usage).toBe("0");
  });
});

describe("a relay that cannot be paid", () => {
  it("carries less than 5 Mbps: idle junk earns nothing", () => {
    const settled = chainOf([{ claimBps: 4_999_999n }, { claimBps: 5n * mbps }], { rewards: loose });
    settled.epochs(5);
    expect(resultOf(settled, 1, 1).result).toMatchObject({
      weight: 0n,
      unpaidBecause: "it carries less than 5000000 bps",
    });
    expect(resultOf(settled, 2, 1).result).toMatchObject({ weight: 500_000n, unpaidBecause: "" });
    expect(epochOf(settled, 1)).toMatchObject({ relays: 2n, paidRelays: 1n, families: 1n });
  });

  it("has too few oracles: the epoch is void for it, and nothing is held against it", () => {
    const settled = chainOf([{}], { oracles: 2 });
    settled.epochs(5, () => ({ measuredBps: mbps }));
    expect(resultOf(settled, 1, 1).result).toMatchObject({ status: "void", weight: 0n, bad: false });
    expect(thresholdOf(settled, 1)[0]!.near).toBe(false);
  });
});

describe("a relay whose software is behind", () => {
  it("keeps nine tenths of its weight from 30 epochs after the governed version on", () => {
    const settled = chainOf([{}], { checksInvariants: false, rewards: { outdated_epochs: "3" } });
    software.set(settled.chain.context(), { versions: [{ version: "1.2.0", sinceEpoch: 1n }] });
    settled.epochs(8);
    expect(resultOf(settled, 1, 3).result!.quality).toBe(decOne);
    expect(resultOf(settled, 1, 4).result!.quality).toBe(parseDec("0.9"));
  });
});

describe("one lone relay", () => {
  it("in probation cannot take the pool: it is paid for what it is of K_ref", () => {
    const settled = chainOf([{ claimBps: 5n * mbps }]);
    settled.epochs(5);
    const record = epochOf(settled, 1);
    expect(BigInt(record.divisor)).toBe(100n * gbps);
    expect(BigInt(record.paid!.availability)).toBe((BigInt(record.pools!.availability) * 500_000n) / (100n * gbps));
  });
});

describe("bond cover", () => {
  it("does not decay: what a bond must be follows from capacity, not from what was paid", () => {
    const settled = chainOf(
      Array.from({ length: 5 }, () => ({ claimBps: 100n * mbps })),
      {
        rewards: { reference_bps: "500000000" },
      },
    );
    settled.epochs(30);
    for (const epoch of [20, 26]) expect(resultOf(settled, 1, epoch).result!.bondCover).toBe(decOne);
    const rates = [1, 5, 26].map((number) => BigInt(epochOf(settled, number).bondRate));
    expect(rates[2]).toBeGreaterThan((rates[0]! * 9n) / 10n);
  });
});

describe("a trusted relay", () => {
  it("is paid by its last median between audits, and its window counts audited epochs alone", () => {
    const settled = chainOf([{}, {}], { attestation: { audit_one_in: "3" } });
    settled.epochs(44);
    const statuses = Array.from({ length: 7 }, (_, index) => resultOf(settled, 1, 34 + index).result!);
    const unaudited = statuses.filter(({ status }) => status === "unaudited");
    expect(unaudited.length).toBeGreaterThan(0);
    expect(statuses.length - unaudited.length).toBeGreaterThan(0);
    for (const { weight, measuredBps } of unaudited) {
      expect(measuredBps).toBe(100n * mbps);
      expect(weight).toBeGreaterThan(80n * mbps);
    }
    const { record } = settled.chain.query<queries.QueryRelayResponse>(path("Relay"), { relay: "1" });
    expect(record!.auditedEpochs).toBeLessThan(41n);
    expect(record!.judgements.length).toBe(8);
  });
});

describe("a re-measurement", () => {
  const disputed = (settled: SettledChain, epoch: bigint, changes: Partial<Dispute>) =>
    disputes.set(
      settled.chain.context(),
      [epoch, 1n],
      Dispute.fromPartial({
        relay: 1n,
        epoch,
        measuredIn: epoch + 3n,
        challenger: operatorOf("oracle", 3n),
        bond: "1",
        isThirdParty: true,
        state: DisputeState.DISPUTE_STATE_OPEN,
        shortfall: `${decOne / 2n}`,
        secondMedianBps: 50n * mbps,
        ...changes,
      }),
    );
  const bad: Reads = (relay) => (relay === 1n ? { measuredBps: 10n * mbps } : {});
  const good: Reads = () => ({});
  const bondOf = ({ chain }: SettledChain) => relayBond(chain.context(), 1n);

  /** Bad in epochs 1 and 2, of which the second is disputed; then as it should be. */
  function disputedTwice(): SettledChain {
    const settled = chainOf([{}, {}, {}, {}], { checksInvariants: false });
    settled.epochs(1, good);
    settled.epochs(2, bad);
    settled.epochs(1, good);
    disputed(settled, 2n, {});
    return settled;
  }

  it("makes a slash wait, however long it takes, and only the slash", () => {
    const settled = disputedTwice();
    const events = settled.epochs(4, good);
    expect(named(events, "relay_punished")).toEqual([]);
    expect(bondOf(settled)).toBe(10_000n * weir);
    expect(resultOf(settled, 1, 2).result!.weight).toBe(mbps);
    expect(thresholdOf(settled, 1)[0]!.now).toContain("1 of them being measured again");
  });

  it("that confirms lets the slash through, by what the first committee read", () => {
    const settled = disputedTwice();
    settled.epochs(3, good);
    disputed(settled, 2n, { state: DisputeState.DISPUTE_STATE_CONFIRMED });
    const events = settled.epochs(2, good);
    expect(named(events, "relay_punished").map(({ fraction }) => fraction)).toEqual(["0.275000000000000000"]);
    expect(bondOf(settled)).toBe(7_250n * weir);
  });

  it("that lifts it takes the bad epoch away", () => {
    const settled = disputedTwice();
    settled.epochs(3, good);
    disputed(settled, 2n, { state: DisputeState.DISPUTE_STATE_LIFTED });
    expect(named(settled.epochs(5, good), "relay_punished")).toEqual([]);
    expect(bondOf(settled)).toBe(10_000n * weir);
  });

  it("of a third party makes an epoch bad, and a tenth of the slash that follows is the challenger's", () => {
    const settled = chainOf([{}, {}, {}, {}], { checksInvariants: false });
    settled.epochs(1, good);
    settled.epochs(1, bad);
    settled.epochs(2, good);
    disputed(settled, 2n, {});
    settled.epochs(3, good);
    disputed(settled, 2n, { state: DisputeState.DISPUTE_STATE_MADE_BAD });
    const events = settled.epochs(2, good);
    const [punished] = named(events, "relay_punished");
    // The smaller of .9 and .5.
    expect(punished).toMatchObject({ relay: "1", fraction: "0.175000000000000000", bond: `${1_750n * weir}` });
    const paid = named(events, "coin_received").filter(({ receiver }) => receiver === operatorOf("oracle", 3n));
    expect(paid.map(({ amount }) => amount)).toContain(`${175n * weir}uweir`);
    expect(paid).toHaveLength(2);
  });

  it("by who takes no payments burns all of the slash", () => {
    const settled = chainOf([{}, {}, {}, {}], { checksInvariants: false });
    settled.epochs(1, good);
    settled.epochs(2, bad);
    settled.epochs(1, good);
    const challenger = accountAddress.encode(moduleAddress("gov"));
    disputed(settled, 2n, { state: DisputeState.DISPUTE_STATE_OPEN, challenger });
    settled.epochs(3, good);
    disputed(settled, 2n, { state: DisputeState.DISPUTE_STATE_MADE_BAD, challenger });
    const events = settled.epochs(2, good);
    expect(named(events, "relay_punished")).toHaveLength(1);
    expect(named(events, "coin_received").filter(({ receiver }) => receiver === challenger)).toEqual([]);
  });
});

describe("a pardon", () => {
  it("begins probation anew", () => {
    const settled = chainOf([{}]);
    settled.epochs(22);
    const reputation = () => settled.chain.query<queries.QueryRelayResponse>(path("Relay"), { relay: "1" }).reputation;
    expect(BigInt(reputation())).toBeGreaterThan(parseDec("0.5"));
    afterRelayPardoned(settled.chain.context(), 1n);
    expect(BigInt(reputation())).toBe(parseDec("0.1"));
  });
});
