/** Epochs settled on a test chain, from signed readings on: what relays, oracles and validators get, and what liars lose. */
import { describe, expect, it } from "vitest";
import { decOne, parseDec } from "../../chain/dec.ts";
import type * as queries from "../../proto/gen/weir/rewards/v1/query.ts";
import { accountOf, type Behaviour } from "../../test/helpers/measuredchain.ts";
import {
  bondOf,
  chainOf,
  claimOf,
  epochOf,
  held,
  mbps,
  message,
  named,
  oracleOf,
  path,
  purse,
  relayOf,
  resultOf,
  weir,
} from "../../test/helpers/rewardedchain.ts";
import { compare, fraction } from "../../test/settlement/fraction.ts";
import { type ReferenceRelay, referencePay } from "../../test/settlement/reference.ts";
import { attestationKind } from "../attestation/attestationbytes.ts";
import { rewards } from "./index.ts";

/** Relay 1 is not what it says; all others are. */
const liar =
  (share: bigint): Behaviour =>
  ({ relay, claimBps }) =>
    relay === 1n ? { measuredBps: (claimBps * share) / 100n } : {};

describe("an epoch", () => {
  it("is settled after the third one behind it has opened, and finalized before the next", () => {
    const measured = chainOf();
    const before = measured.epochs(3);
    expect(named(before, "settlement_begun")).toEqual([]);
    const during = measured.epochs(1);
    expect(named(during, "settlement_begun")).toEqual([{ epoch: "0", is_void: "true" }]);
    const [record] = named(measured.epochs(1), "weir.rewards.v1.EpochRecord");
    expect(record).toMatchObject({ epoch: '"1"', relays: '"3"', paid_relays: '"3"', is_void: '"false"' });
    // The event has the record's fields, each.
    const shown = rewards.genesis.toJson(rewards.genesis.parse(measured.chain.exported().rewards)) as {
      epochs: object[];
    };
    expect(Object.keys(record!).sort()).toEqual(Object.keys(shown.epochs[1]!).sort());
  });

  it("pays each relay as the exact model does, by its weight", () => {
    const measured = chainOf({ relays: 5, claimBps: (id) => id * 30n * mbps, rewards: { reference_bps: "40000000" } });
    measured.epochs(5);
    const record = epochOf(measured, 1);
    const relays = [1, 2, 3, 4, 5].map((id) => ({ id: BigInt(id), ...resultOf(measured, id, 1) }));
    const model = relays.map(({ id, result }): ReferenceRelay & { x: bigint } => ({
      id,
      x: result!.weight,
      claimBps: result!.claimBps,
      measuredBps: result!.measuredBps,
      bond: BigInt(result!.bond),
      required: BigInt(result!.requiredBond),
      loss: result!.loss,
      rttRatio: result!.rttRatio,
      uptime: result!.uptime,
      scarcity: result!.scarcity,
      reputation: result!.reputation,
      covert: [],
      isTransient: true,
      cell: result!.cell,
      family: "",
    }));
    const exact = referencePay(model, BigInt(record.pools!.availability), 40n * mbps);
    // Three families' parts of five: relay 5's third of all weight is below that, so that nobody is cut.
    expect([BigInt(record.families), record.cutWeight]).toEqual([5n, "0"]);
    for (const { id, availability } of relays) {
      const due = exact.pay.get(id)!;
      expect(compare(fraction(BigInt(availability)), due)).toBeLessThanOrEqual(0);
      expect(compare(fraction(BigInt(availability) + 1n), due)).toBeGreaterThan(0);
    }
    expect(relays.map(({ result }) => result!.weight)).toEqual([3n, 6n, 9n, 12n, 15n].map((count) => count * mbps));
  });

  it("gives validators, oracles and relays their shares of what the schedule emits, and nobody the rest", () => {
    const measured = chainOf();
    measured.epochs(6);
    const first = epochOf(measured, 1);
    const emission = BigInt(first.emission);
    // 20 s of day 0, by the difference of two sums that are cut off.
    expect(emission - (379_626_000_000n * 20n) / 86_400n).toBeLessThanOrEqual(1n);
    expect(emission - (379_626_000_000n * 20n) / 86_400n).toBeGreaterThanOrEqual(0n);
    expect(first.paid).toEqual({
      validators: `${emission / 10n}`,
      oracles: `${emission / 20n}`,
      // Three relays of 100 Mbps with a tenth of reputation: K_ref, to the bit.
      availability: first.pools!.availability,
      usage: "0",
    });
    expect(BigInt(first.forfeited)).toBe(emission - emission / 10n - emission / 20n - (emission * 6n) / 10n);
    const supply = measured.chain.query<{ scheduledMinted: string; scheduledForfeited: string }>(
      "/weir.mint.v1.Query/Supply",
      {},
    );
    const records = [0, 1, 2].map((number) => epochOf(measured, number));
    const sum = (of: (record: (typeof records)[number]) => bigint) =>
      records.reduce((total, record) => total + of(record), 0n);
    const used = BigInt(supply.scheduledMinted) + BigInt(supply.scheduledForfeited);
    expect(used).toBe(sum(({ emission: all }) => BigInt(all)));
  });

  it("that nobody could measure emits the validators' part only, and punishes and pays nobody else", () => {
    const measured = chainOf();
    for (let epoch = 0; epoch < 5; epoch++) measured.toNextEpoch();
    const record = epochOf(measured, 1);
    expect(record).toMatchObject({ isVoid: true, totalWeight: "0", paidRelays: 0n, slashed: "0" });
    expect(record.paid).toEqual({ validators: record.pools!.validators, oracles: "0", availability: "0", usage: "0" });
    expect(held(measured)).toBe(0n);
    expect(() => resultOf(measured, 1, 1)).toThrow(/no result of relay 1 in epoch 1/);
    expect(
      measured.chain.query<queries.QueryExplainResponse>(path("Explain"), { relay: "1", epoch: "1" }).lines[1],
    ).toContain("was not measured");
  });

  it("of a halted chain counts for two at most", () => {
    const measured = chainOf();
    measured.epochs(1);
    measured.block(100_000n);
    for (let epoch = 0; epoch < 5; epoch++) measured.toNextEpoch();
    const ordinary = BigInt(epochOf(measured, 0).emission);
    const long = BigInt(epochOf(measured, 1).emission);
    expect(long - 2n * ordinary).toBeGreaterThanOrEqual(-2n);
    expect(long - 2n * ordinary).toBeLessThanOrEqual(2n);
  });

  it("with nothing measured pays by an index of 0, and mints nothing for it", () => {
    const measured = chainOf();
    measured.epochs(5, () => "zero");
    const record = epochOf(measured, 1);
    expect(record).toMatchObject({ isVoid: false, totalWeight: "0", paidRelays: 0n });
    expect(record.paid!.availability).toBe("0");
    expect(record.paid!.oracles).toBe(record.pools!.oracles);
  });

  it("waits for its turn when pages do not finish before the next one opens, and is settled all the same", () => {
    // Three relays and two oracles a page of ten rules out nothing, so the page is the least there is and the epochs are two blocks.
    const measured = chainOf({ relays: 25, oracles: 3, blocksPerEpoch: 4n, rewards: { sweep_page: "10" } });
    measured.epochs(9);
    const { clock } = measured.chain.query<queries.QuerySettlementResponse>(path("Settlement"), {});
    expect(clock!.nextEpoch).toBeGreaterThanOrEqual(4n);
    expect(epochOf(measured, 2)).toMatchObject({ relays: 25n, paidRelays: 25n });
    expect(BigInt(epochOf(measured, 2).totalWeight)).toBe(25n * 10n * mbps);
  });
});

describe("a relay that claims ten times what it carries", () => {
  const measured = chainOf({ relays: 4 });
  const events = measured.epochs(6, liar(10n));

  it("is warned after the first bad epoch and loses .275 of its bond after the second", () => {
    expect(named(events, "relay_warned")).toContainEqual({ relay: "1", epoch: "1", rule: "over-claim" });
    const [punished, ...more] = named(events, "relay_punished");
    expect(more).toEqual([]);
    expect(punished).toMatchObject({ relay: "1", epoch: "2", reason: "over-claim", fraction: "0.275000000000000000" });
    expect(bondOf(measured, 1n)).toBe(7_250n * weir);
    expect(bondOf(measured, 2n)).toBe(10_000n * weir);
  });

  it("is paid for what it carried meanwhile, and claims that from now on", () => {
    expect(resultOf(measured, 1, 1).result).toMatchObject({ bad: true, shortfall: parseDec("0.9"), weight: mbps });
    expect(claimOf(measured, 1n)).toBe(10n * mbps);
    expect(claimOf(measured, 2n)).toBe(100n * mbps);
  });

  it("has its window emptied: the epochs in between, by the old claim, cost nothing more", () => {
    measured.epochs(4, liar(100n));
    expect(bondOf(measured, 1n)).toBe(7_250n * weir);
    expect(resultOf(measured, 1, 3).result!.bad).toBe(true);
    expect(
      measured.chain.query<queries.QueryThresholdsResponse>(path("Thresholds"), { relay: "1" }).thresholds[0],
    ).toMatchObject({
      rule: "over-claim",
      near: false,
    });
  });

  it("loses of what has not vested too", () => {
    expect(relayOf(measured, 1).record!.slashed).toBeGreaterThan(2_750n * weir);
    const [punished] = named(events, "relay_punished");
    expect(BigInt(punished!.unvested!)).toBeGreaterThan(0n);
  });
});

describe("an honest relay", () => {
  it("on a bad line for a night is warned, not ruined", () => {
    const measured = chainOf();
    const night = liar(50n);
    const events = [...measured.epochs(1), ...measured.epochs(1, night), ...measured.epochs(6)];
    expect(named(events, "relay_warned").map(({ rule }) => rule)).toContain("over-claim");
    expect(named(events, "relay_punished")).toEqual([]);
    expect(bondOf(measured, 1n)).toBe(10_000n * weir);
  });

  it("is not judged by who could not reach it: zeros count for pay and uptime alone", () => {
    const measured = chainOf();
    const unreachable: Behaviour = ({ relay, oracle }) => (relay === 1n && oracle.id <= 2n ? "zero" : {});
    const events = measured.epochs(8, unreachable);
    expect(named(events, "relay_punished")).toEqual([]);
    expect(resultOf(measured, 1, 2).result).toMatchObject({ bad: false, zeros: 2, measuredBps: 0n });
  });

  it("that claims 19% too much is never slashed, and paid for what it carries", () => {
    const measured = chainOf();
    const events = measured.epochs(8, liar(81n));
    expect(named(events, "relay_punished")).toEqual([]);
    expect(resultOf(measured, 1, 3).result).toMatchObject({ bad: false, weight: (81n * mbps) / 10n });
  });
});

describe("a lossy relay", () => {
  it("loses 1% for two of three audited epochs, once a week", () => {
    const measured = chainOf();
    const lossy: Behaviour = ({ relay }) => (relay === 1n ? { lossPpm: 30_000 } : {});
    const events = measured.epochs(8, lossy);
    expect(named(events, "relay_punished").map(({ epoch, reason, fraction }) => [epoch, reason, fraction])).toEqual([
      ["2", "quality", "0.010000000000000000"],
    ]);
    expect(bondOf(measured, 1n)).toBe(9_900n * weir);
    expect(resultOf(measured, 1, 1).result).toMatchObject({ quality: decOne / 4n, badQuality: true });
    expect(named(measured.epochs(6, lossy), "relay_punished").map(({ epoch }) => epoch)).toEqual(["9"]);
  });
});

describe("a relay that is down", () => {
  it("is warned after six epochs and loses 1% after seven", () => {
    const measured = chainOf();
    const down: Behaviour = ({ relay }) => (relay === 1n ? "zero" : {});
    const events = measured.epochs(13, down);
    expect(named(events, "relay_warned")).toContainEqual({ relay: "1", epoch: "6", rule: "downtime" });
    const punished = named(events, "relay_punished");
    expect(punished.map(({ epoch, reason }) => [epoch, reason])).toEqual([["7", "downtime"]]);
    expect(bondOf(measured, 1n)).toBe(9_900n * weir);
  });

  it("loses nothing while it pauses", () => {
    const measured = chainOf();
    measured.epochs(1);
    const pause = { operator: accountOf("relay 1"), subject: { kind: 1, id: 1n } };
    expect(measured.chain.message("/weir.attestation.v1.MsgPause", pause).refusal).toBeUndefined();
    const events = measured.epochs(10);
    expect(named(events, "relay_punished")).toEqual([]);
    expect(() => resultOf(measured, 1, 5)).toThrow(/no result/);
    expect(relayOf(measured, 1).record!.downEpochs).toBe(0n);
  });
});

describe("oracles", () => {
  it("share their pool by accepted attestations, and are not paid for what lies outside the band", () => {
    const measured = chainOf();
    const outlier: Behaviour = ({ oracle, claimBps, relay }) =>
      oracle.id === 1n && relay === 1n ? { measuredBps: claimBps / 2n } : {};
    measured.epochs(6, outlier);
    const record = epochOf(measured, 1);
    expect(record.oracleUnits).toBe(11n);
    const pool = BigInt(record.paid!.oracles);
    expect(oracleOf(measured, 1n).claimable).toEqual([{ denom: "uweir", amount: `${2n * ((pool * 2n) / 11n)}` }]);
    expect(oracleOf(measured, 2n).claimable).toEqual([{ denom: "uweir", amount: `${2n * ((pool * 3n) / 11n)}` }]);
  });

  it("that are silent are unpaid and lose 1%; who misses a little more than a tenth, .1%", () => {
    const measured = chainOf({ oracles: 6, relays: 5 });
    const silent: Behaviour = ({ oracle, relay }) =>
      oracle.id === 1n || (oracle.id === 2n && relay === 1n) ? undefined : {};
    const events = measured.epochs(5, silent);
    const punished = named(events, "oracle_punished").filter(({ epoch }) => epoch === "1");
    expect(punished.map(({ oracle, fraction, bond }) => [oracle, fraction, bond])).toEqual([
      ["1", "0.010000000000000000", `${500n * weir}`],
      ["2", "0.001000000000000000", `${50n * weir}`],
    ]);
    expect(epochOf(measured, 1).oracleUnits).toBe(20n);
    expect(oracleOf(measured, 1n).claimable).toEqual([]);
    expect(oracleOf(measured, 1n).record).toMatchObject({ assigned: 5n, missing: 5n, slashed: 500n * weir });
  });

  it("claim what they earned, once", () => {
    const measured = chainOf();
    measured.epochs(6);
    const due = BigInt(oracleOf(measured, 1n).claimable[0]!.amount);
    const before = purse(measured, "oracle 1");
    const claim = { claimant: accountOf("oracle 1"), oracleId: 1n };
    expect(measured.chain.message(message("MsgClaimOracle"), claim).refusal).toBeUndefined();
    expect(purse(measured, "oracle 1") - before).toBe(due);
    expect(measured.chain.message(message("MsgClaimOracle"), claim).refusal).toMatchObject({ code: 3 });
    expect(
      measured.chain.message(message("MsgClaimOracle"), { ...claim, claimant: accountOf("oracle 2") }).refusal,
    ).toMatchObject({ code: 6 });
    expect(measured.chain.message(message("MsgClaimOracle"), { ...claim, oracleId: 99n }).refusal).toMatchObject({
      code: 5,
    });
    expect(measured.chain.broken()).toBeUndefined();
  });
});

describe("withheld attestations", () => {
  it("leave the last median, paid in full and neutral for reputation, for three epochs", () => {
    const measured = chainOf();
    const withheld: Behaviour = ({ relay, oracle }) => (relay === 1n && oracle.id <= 2n ? undefined : {});
    measured.epochs(2);
    measured.epochs(9, withheld);
    const [first, known] = [resultOf(measured, 1, 1), resultOf(measured, 1, 2)];
    expect(first.result!.status).toBe("conclusive");
    expect(known.result).toMatchObject({ status: "inconclusive", measuredBps: 100n * mbps, weight: 10n * mbps });
    expect(resultOf(measured, 1, 4).result!.weight).toBe(10n * mbps);
    expect(resultOf(measured, 1, 5).result).toMatchObject({ weight: 0n, unpaidBecause: "no measurement of it stands" });
    expect(relayOf(measured, 1).record!.auditedEpochs).toBe(1n);
  });
});

describe("covert readings", () => {
  it("that show less than half of what a committee is shown are an over-claim", () => {
    const measured = chainOf({
      params: { covert_rate: "4.000000000000000000", unproven_bps: "2000000000" },
      oracles: 5,
    });
    const served: Behaviour = ({ relay, kind, claimBps }) =>
      relay === 1n && kind === attestationKind.covert ? { measuredBps: claimBps / 4n } : {};
    const events = measured.epochs(9, served);
    const [punished] = named(events, "relay_punished");
    expect(punished).toMatchObject({ relay: "1", reason: "covert over-claim", fraction: "0.237500000000000000" });
    expect(claimOf(measured, 1n)).toBe(25n * mbps);
    expect(named(events, "relay_punished").every(({ relay }) => relay === "1")).toBe(true);
  });
});
