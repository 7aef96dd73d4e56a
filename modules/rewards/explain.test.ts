/** What an operator is told. */
import { describe, expect, it } from "vitest";
import { decOne, decToProto, parseDec } from "../../chain/dec.ts";
import type { RelayResult } from "../../proto/gen/weir/rewards/v1/state.ts";
import { emptyRecord, poolsToProto } from "./epochrecord.ts";
import { type Explained, explain } from "./explain.ts";
import type { Judgement } from "./judgement.ts";
import { defaultParams as rules } from "./params.ts";
import { noAmounts } from "./pools.ts";
import { newRecord } from "./record.ts";
import { thresholdsOf } from "./thresholds.ts";
import { mbpsText, percentText, scaledText, weirText } from "./words.ts";

const mbps = 1_000_000n;
const judgement = (epoch: bigint, changes: Partial<Judgement>): Judgement => ({
  epoch,
  bad: false,
  shortfall: 0n,
  medianBps: 100n * mbps,
  badQuality: false,
  disputed: false,
  challenger: "",
  ...changes,
});
const record = { ...newRecord("weir1operator", 0n), auditedEpochs: 4n };
const result: RelayResult = {
  status: "conclusive",
  claimBps: 100n * mbps,
  measuredBps: 98n * mbps,
  committee: 9,
  present: 8,
  zeros: 1,
  bond: "1000000000",
  requiredBond: "2000000000",
  bondCover: decOne / 2n,
  quality: parseDec("0.75"),
  loss: parseDec("0.006"),
  rttRatio: 0n,
  uptime: decOne,
  scarcity: decOne,
  reputation: decOne / 10n,
  covert: decOne,
  weight: 3_675_000n,
  transient: true,
  cell: "eu-west",
  family: "",
  backgroundBps: 0n,
  bad: false,
  shortfall: 0n,
  badQuality: false,
  slashed: 0n,
  slashedFor: [],
  warnings: [],
  settledValue: 0n,
  unpaidBecause: "",
};
const paid = {
  reward: { availability: 8_370_000n, usage: 0n },
  record: {
    ...emptyRecord(12n),
    totalWeight: `${80n * mbps}`,
    payoutIndex: decToProto(parseDec("2.277756")),
    pools: poolsToProto(noAmounts),
  },
};
const explained = (changes: Partial<Explained> = {}): string[] =>
  explain({ relay: 7n, epoch: 12n, result, paid, record, rules, ...changes });
const of = (changes: Partial<RelayResult>): Partial<Explained> => ({ result: { ...result, ...changes } });

describe("an explanation", () => {
  it("tells measurement, factors, pay, thresholds and advice in words", () => {
    expect(explained()).toEqual([
      "Relay 7 in epoch 12",
      "claimed 100 Mbps, measured 98 Mbps, the lower median; 8 of 9 oracles attested, 1 of them found nobody there.",
      "Weight 3.675 Mbps: the lesser of claim and measurement, times",
      "  bond cover σ 0.5: 1000 WEIR of 2000 WEIR required",
      "  quality q 0.75: loss 0.6%, no oracle of the cell to tell round trips",
      "  uptime u 1",
      "  scarcity m 1 in cell eu-west",
      "  reputation ρ 0.1",
      "  covert κ 1",
      "Paid 8.37 WEIR for availability: 2.277756 WEIR a Mbps of weight, all relays together having weighed 80 Mbps.",
      "Half of it is liquid, half vests over 90 days and counts as bond until then.",
      "Safe from over-claim: 0 bad of the last 0 audited epochs; 10% is slashed at 2 bad of 3: two thirds of the readings more than 20% below the claim.",
      "Safe from quality: 0 of the last 0 audited epochs; 1% is slashed at 2 of 3 with loss above 2% or round trips above twice the claimed, once in 7 epochs.",
      "Safe from downtime: 0 epochs in a row below 50%; 1% is slashed at 7 epochs in a row without a pause.",
      "Safe from covert over-claim: what buyers get is not known yet (0 of 10 readings); 17.5% is slashed at below 50% in the median of 10.",
      "To improve: wait: probation ends after 11 more audited epochs.",
      "To improve: add bond, by own stake or delegation, or claim less.",
      "To improve: lose fewer datagrams, answer faster or raise the claimed round trip, and keep the software current.",
      "To improve: give notice before leaving and keep an uptime of 95% to count as stable.",
    ]);
  });

  it("says that nothing is to improve where nothing is", () => {
    const flawless = {
      bondCover: decOne,
      quality: decOne,
      reputation: decOne,
      transient: false,
      measuredBps: 100n * mbps,
    };
    expect(explained(of(flawless)).at(-1)).toBe("Nothing to improve.");
  });

  it("advises to claim less who delivers less", () => {
    expect(explained(of({ measuredBps: 80n * mbps }))).toContain(
      "To improve: lower the claim: 80 Mbps is what was seen.",
    );
    expect(explained(of({ measuredBps: 95n * mbps })).join()).not.toContain("lower the claim");
  });

  it.each([
    ["inconclusive", "too few: the last median of 98 Mbps stands"],
    ["unaudited", "not audited, as trusted relays are in two of three epochs"],
    ["void", "fewer than 3 oracles could measure it"],
  ])("tells of an epoch that is %s", (status, text) => {
    expect(explained(of({ status }))[1]).toContain(text);
  });

  it("tells what was slashed, and why somebody is not paid", () => {
    const lines = explained(
      of({ slashed: 275_000_000n, slashedFor: ["over-claim", "quality"], unpaidBecause: "too slow" }),
    );
    expect(lines).toContain("Slashed 275 WEIR for over-claim and quality.");
    expect(lines).toContain("Not paid: too slow.");
  });

  it("tells of curves, caps and traffic where they counted", () => {
    const record = { ...paid.record, curvedCells: 1n, cappedFamilies: 1n, familyCap: `${2n * mbps}` };
    const text = explained({ paid: { reward: { availability: 1n, usage: 5_000_000n }, record } }).join("\n");
    expect(text).toContain(
      "transient relays of a crowded cell count for less together; a family counts for 2 Mbps at most",
    );
    expect(text).toContain("Paid 5 WEIR for settled traffic.");
  });

  it("does not invent pay before the epoch is finalized, nor anything where nothing was measured", () => {
    expect(explained({ paid: undefined }).join("\n")).toContain("The epoch is not finalized yet");
    const nothing = explained({ result: undefined });
    expect(nothing[1]).toContain("It was not measured");
    expect(nothing).toHaveLength(6);
  });
});

describe("thresholds", () => {
  it("warn where one more epoch is enough", () => {
    const bad = judgement(3n, { bad: true, shortfall: parseDec("0.5"), badQuality: true });
    const near = thresholdsOf(
      { ...record, judgements: [bad, judgement(4n, {})], downEpochs: 6n, covert: Array(10).fill(600_000) },
      rules,
    );
    expect(near.map(({ rule, near: isNear }) => [rule, isNear])).toEqual([
      ["over-claim", true],
      ["quality", true],
      ["downtime", true],
      ["covert over-claim", true],
    ]);
    expect(near[0]).toMatchObject({ now: "1 bad of the last 2 audited epochs", slash: parseDec("0.175") });
    expect(near[3]).toMatchObject({
      now: "buyers got 60% of what oracles are shown (10 of 10 readings)",
      slash: parseDec("0.15"),
    });
  });

  it("forget what is older than three audited epochs, and say what waits for a second measurement", () => {
    const bad = judgement(1n, { bad: true, shortfall: parseDec("0.5"), disputed: true });
    const [old] = thresholdsOf(
      { ...record, judgements: [bad, judgement(2n, {}), judgement(3n, {}), judgement(4n, {})] },
      rules,
    );
    expect(old).toMatchObject({ near: false, now: "0 bad of the last 3 audited epochs" });
    const [waiting] = thresholdsOf({ ...record, judgements: [bad] }, rules);
    expect(waiting!.now).toBe("1 bad of the last 1 audited epochs, 1 of them being measured again");
  });
});

describe("numbers in words", () => {
  it("are cut off, without zeros at the end", () => {
    expect(scaledText(1_999_999n, 1_000_000n)).toBe("1.9999");
    expect(scaledText(2_000_000n, 1_000_000n)).toBe("2");
    expect([percentText(parseDec("0.12345")), mbpsText(1_500_000n), weirText(1n)]).toEqual([
      "12.34%",
      "1.5 Mbps",
      "0.000001 WEIR",
    ]);
  });
});
