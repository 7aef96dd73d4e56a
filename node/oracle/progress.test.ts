/** What an operator is told: of an epoch's work, of fines, and of what to do. */
import { describe, expect, it } from "vitest";
import { Registry } from "../../chain/server/metrictext.ts";
import { defaultParams } from "../../modules/rewards/params.ts";
import { OracleView } from "../../proto/gen/weir/attestation/v1/query.ts";
import { OracleTally } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { Oracle, Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import { defaultsOf } from "../daemon/settings.ts";
import { adviceOnOracle, type DaemonFacts } from "./advice.ts";
import { addOracleMetrics } from "./metrics.ts";
import { nextSlots, oracleProgress, progressOf } from "./progress.ts";
import { inBand, judged, type OracleReport, type Worked } from "./report.ts";
import { type OracleSettings, oracleSchema, rulesOf } from "./settings.ts";
import { initialState } from "./step.ts";
import {
  type EpochWork,
  type Kind,
  kinds,
  newWork,
  noTransaction,
  type OracleState,
  type Work,
  workKey,
} from "./work.ts";

const rules = rulesOf(defaultsOf(oracleSchema) as OracleSettings);
const reading = {
  sessionNonce: new Uint8Array(16),
  measuredBps: 5n,
  backgroundBps: 0n,
  rttP50Micros: 1,
  rttP95Micros: 1,
  lossPpm: 0,
  bytes: 5n,
  startMillis: 1n,
  durationMillis: 1,
  transcriptHash: new Uint8Array(32),
  observedAddress: new Uint8Array(4),
  relaySignature: new Uint8Array(64),
  failure: "",
};

const workOf = (relay: bigint, kind: Kind, changes: Partial<Work>): Work => ({
  ...newWork({
    relay,
    kind,
    claimBps: 1n,
    target: { endpoints: [], transportKey: new Uint8Array(32) },
    time: { fromMillis: 2_000, untilMillis: 3_000 },
    checksAtMillis: kind === kinds.covert ? [] : [1, 2, 3, 4],
  }),
  ...changes,
});

const epochOf = (works: readonly Work[], changes: Partial<EpochWork> = {}): EpochWork => ({
  number: 7n,
  isPlanned: true,
  openMillis: 1_000,
  lengthMillis: 10_000,
  roomBps: 10n,
  measureMillis: 100,
  proof: "good",
  slotCount: 3,
  slotsKnown: 1,
  works: new Map(works.map((work) => [workKey(work.relay, work.kind), work])),
  vrfProof: new Uint8Array(0),
  isSigning: false,
  tree: undefined,
  commit: noTransaction,
  submit: noTransaction,
  deliveries: new Map(),
  refused: new Map(),
  ...changes,
});

const stateOf = (...epochs: EpochWork[]): OracleState => ({
  ...initialState(rules, { epochs: [], readings: [] }, 1_500),
  epochs: new Map(epochs.map((epoch) => [epoch.number, epoch])),
});

const zero = { ...reading, measuredBps: 0n, relaySignature: new Uint8Array(0) };
const works = [
  workOf(1n, kinds.overt, { stage: "read", reading, checksDone: 4, checksPassed: 4, leaf: 0 }),
  workOf(2n, kinds.overt, { stage: "read", reading: zero }),
  workOf(3n, kinds.overt, { stage: "excused" }),
  workOf(4n, kinds.overt, {}),
  workOf(5n, kinds.liveness, { checksDone: 2 }),
  workOf(6n, kinds.overt, { stage: "missed", reason: "too late" }),
  workOf(1n, kinds.covert, { stage: "missed", reason: "no wallet" }),
];

describe("the progress of an epoch", () => {
  it("counts what was measured, found nobody, is to come, is excused, and was missed and why", () => {
    expect(progressOf(epochOf(works))).toMatchObject({
      epoch: 7n,
      assigned: 7,
      measured: 2,
      zeros: 1,
      countersigned: 1,
      waiting: 1,
      excused: 1,
      checks_made: 6,
      checks_due: 24,
      signed: 1,
      commit: "none",
      missed: [{ relay: 6n, kind: "overt", reason: "too late" }],
    });
  });

  it("tells whom it visits unseen only once that is on the chain", () => {
    const done = { ...noTransaction, sending: { at: "done" } } as const;
    expect(progressOf(epochOf(works, { submit: done })).missed.map(({ kind }) => kind)).toEqual(["overt", "covert"]);
    const visit = workOf(9n, kinds.covert, {});
    expect(nextSlots(stateOf(epochOf([visit, ...works]))).map(({ relay }) => relay)).toEqual([4n]);
  });

  it("says what is wrong: the clock, the line, a commitment that was lost, what the chain refused", () => {
    const unreached = [1n, 2n, 3n].map((relay) => workOf(relay, kinds.overt, { stage: "read", reading: zero }));
    const lost = { ...noTransaction, sending: { at: "lost", reason: "no gas" } } as const;
    const before = epochOf(works, { number: 6n, commit: lost, refused: new Map([["1/1", "absurd"]]) });
    const state = { ...stateOf(before, epochOf(unreached)), aheadMillis: [60_000, 61_000, 62_000] };
    const { problems } = oracleProgress(state);
    expect(problems).toHaveLength(4);
    expect(problems[0]).toContain("clock is 60.0 s ahead");
    expect(problems[1]).toContain("none of 3 relays was reached in epoch 7");
    expect(problems[2]).toContain("epoch 6 is not committed to: no gas");
    expect(problems[3]).toContain("refused 1 readings of epoch 6: absurd");
    expect(oracleProgress(stateOf(epochOf(works))).problems).toEqual([]);
  });

  it("is measured for Prometheus", () => {
    const registry = new Registry();
    addOracleMetrics(registry, () => stateOf(epochOf(works, { number: 6n }), epochOf(works)));
    const text = registry.text();
    expect(text).toContain("weir_oracle_epoch 7");
    expect(text).toContain("weir_oracle_missed 2");
    expect(text).toContain('weir_oracle_transaction{what="commit",epoch="6",at="none"} 1');
  });
});

const tally = (changes: Partial<OracleTally>): OracleTally => OracleTally.fromPartial(changes);

describe("the distance to a fine", () => {
  it.each([
    [300n, 0n, 0n, { isPaid: true, sparedMisses: 30n }],
    [300n, 29n, 0n, { isPaid: true, sparedMisses: 1n }],
    [300n, 30n, 0n, { isPaid: true, sparedMisses: 0n }],
    [300n, 31n, 0n, { isPaid: false, sparedMisses: 0n }],
    [310n, 30n, 10n, { isPaid: true, sparedMisses: 0n }],
    [0n, 0n, 0n, { isPaid: true, sparedMisses: 0n }],
    [5n, 0n, 0n, { isPaid: true, sparedMisses: 0n }],
  ])("of %s assigned, %s missed and %s excused is what the rules say", (assigned, missing, excused, expected) => {
    expect(judged(tally({ assigned, missing, excused }), defaultParams)).toMatchObject(expected);
  });

  it("counts the band over what was given in epochs that are counted", () => {
    const worked = [true, false, true].map((isFinal, index): Worked => {
      const counts = tally({ assigned: 10n, missing: 2n, excused: 1n, accepted: 5n });
      return { epoch: BigInt(index), tally: counts, isFinal, isPaid: true, slash: 0n, sparedMisses: 0n };
    });
    expect(inBand(worked)).toEqual({ accepted: 10n, given: 14n });
  });
});

const vrfKey = new Uint8Array(32).fill(1);
const healthy: DaemonFacts = { problems: [], operatorKey: "operator", vrfKey };

function reportOf(changes: Partial<OracleReport> = {}, oracle: Partial<Oracle> = {}): OracleReport {
  const own = Oracle.fromPartial({
    id: 3n,
    operator: "weir1operator",
    standing: Standing.STANDING_ACTIVE,
    vrfKeys: [{ fromEpoch: 2n, publicKey: vrfKey }],
    ...oracle,
  });
  return {
    oracle: own,
    view: OracleView.fromPartial({ oracle: own, bond: "50000000000" }),
    epoch: 9n,
    worked: [],
    record: undefined,
    claimable: [],
    bondFloor: 25_000_000_000n,
    bondMin: 50_000_000_000n,
    balance: 10_000_000n,
    ...changes,
  };
}

describe("advice", () => {
  const problems = (report: OracleReport, daemon = healthy) =>
    adviceOnOracle(report, daemon).map(({ problem, fix }) => `${problem} → ${fix}`);

  it("is none where all is well", () => expect(problems(reportOf())).toEqual([]));

  it("names what is wrong with the command that mends it, the most urgent first", () => {
    const bad: Worked = {
      epoch: 8n,
      tally: tally({ assigned: 40n, missing: 9n, accepted: 10n }),
      isFinal: true,
      isPaid: false,
      slash: 1n,
      sparedMisses: 0n,
    };
    const report = reportOf(
      {
        view: OracleView.fromPartial({ bond: "20000000000" }),
        worked: [bad],
        balance: 0n,
        claimable: [{ denom: "uweir", amount: "2000000" }],
      },
      { standing: Standing.STANDING_JAILED, jailedUntil: 8n, vrfKeys: [] },
    );
    const found = problems(report, { ...healthy, problems: undefined });
    expect(found).toEqual([
      expect.stringContaining("weir tx attestation unjail 3 --from operator"),
      expect.stringContaining(
        "below 25,000 WEIR: it takes no part → weir tx attestation bond oracle 3 30000000000uweir",
      ),
      expect.stringContaining("weir oracle start"),
      expect.stringContaining("epoch 8 is unpaid and cost bond: 9 of 40 readings were missing"),
      expect.stringContaining("covert readings count as missed"),
      expect.stringContaining("10 of 31 readings were within the band"),
      expect.stringContaining("left for fees"),
      expect.stringContaining("weir tx rewards claim-oracle 3 --from operator"),
    ]);
  });
});
