/**
 * An oracle's step in a made-up world: any order of whatever comes back, failures, and kill -9 between any two of its steps. What is on disk
 * survives, and so does what was already sent.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Effect, Input } from "./inputs.ts";
import { type EpochRecord, type ReadingRecord, readingRecord } from "./journal.ts";
import { initialState, step } from "./step.ts";
import {
  clockProblem,
  type DutyPlan,
  kinds,
  type MeasuredReading,
  type OracleRules,
  type OracleState,
  type Work,
  workKey,
} from "./work.ts";

const rules: OracleRules = {
  dialMillisMax: 5_000,
  dialMillisMin: 250,
  skewMillisMax: 5_000,
  measurementsMax: 8,
  checksMax: 4,
  deliveriesMax: 2,
  txBlocksMax: 3n,
  retryMillis: 200,
};
const lengthMillis = 40_000;
const blockMillis = 1_000;
const roomBps = 100n;
const measureMillis = 2_000;
const slotCount = 6;
const slotMillis = (lengthMillis * 3) / 4 / slotCount;
const target = { endpoints: ["192.0.2.1:443"], transportKey: new Uint8Array(32) };

/** From 0 to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const reading = (bps: bigint): MeasuredReading => ({
  sessionNonce: new Uint8Array(16),
  measuredBps: bps,
  backgroundBps: 0n,
  rttP50Micros: 1,
  rttP95Micros: 1,
  lossPpm: 0,
  bytes: bps,
  startMillis: 1n,
  durationMillis: 2_000,
  transcriptHash: new Uint8Array(32),
  observedAddress: Uint8Array.of(192, 0, 2, 1),
  relaySignature: new Uint8Array(0),
  failure: "",
});

interface Troubles {
  /** Shares of what is done. */
  readonly crashes: number;
  readonly failures: number;
  /** The disk takes its time. */
  readonly delays?: number;
  /** A reading that the chain does not take. */
  readonly refuses?: string;
}

interface Sent {
  readonly epoch: bigint;
  readonly untilHeight: bigint;
  works: readonly string[];
  /** Set when a block takes it. */
  isIn: boolean;
}

/** The chain, the relays and the disk, and everything that must never be. */
class World {
  readonly #random: () => number;
  readonly #troubles: Troubles;
  nowMillis = 1_000_000;
  /** How far the blocks are behind it. */
  skewMillis = 0;
  height = 1n;
  readonly epochRecords = new Map<bigint, EpochRecord>();
  readonly readingRecords = new Map<string, ReadingRecord>();
  readonly measured = new Set<string>();
  readonly measuring = new Map<string, bigint>();
  /** By epoch, what was signed and written down. */
  readonly signed = new Map<bigint, string>();
  readonly commits: Sent[] = [];
  readonly submissions: Sent[] = [];
  readonly deliveries = new Set<string>();
  state: OracleState;
  /** The journal's in the order in which they were wanted; the others in any. */
  #pending: Effect[] = [];

  constructor(seed: number, troubles: Troubles) {
    this.#random = randomOf(seed);
    this.#troubles = troubles;
    this.state = initialState(rules, { epochs: [], readings: [] }, this.nowMillis);
  }

  // -------------------------------------------------------------------------------------------------------------- time

  get epoch(): bigint {
    return BigInt(Math.floor(this.nowMillis / lengthMillis));
  }

  openOf = (epoch: bigint): number => Number(epoch) * lengthMillis;

  advance(): void {
    const before = Math.floor(this.nowMillis / blockMillis);
    this.nowMillis += 50 + Math.floor(this.#random() * 250);
    if (Math.floor(this.nowMillis / blockMillis) === before) {
      return void this.hear({ is: "time", nowMillis: this.nowMillis });
    }
    this.height += 1n;
    for (const tx of [...this.commits, ...this.submissions]) this.#include(tx);
    const time = Math.floor(this.nowMillis / blockMillis) * blockMillis;
    this.hear({ is: "block", height: this.height, blockMillis: time - this.skewMillis, nowMillis: this.nowMillis });
  }

  #include(tx: Sent): void {
    const isLast = this.height === tx.untilHeight;
    if (tx.isIn || this.height > tx.untilHeight) return;
    if (this.#random() < 0.7 || (isLast && this.#troubles.failures === 0)) tx.isIn = true;
  }

  // -------------------------------------------------------------------------------------------------------------- duties

  #claimOf = (relay: bigint): bigint => 20n + (relay % 4n) * 20n;

  #timeOf(epoch: bigint, relay: bigint): { fromMillis: number; untilMillis: number; slot: number } {
    const slot = Number((relay * 7n + epoch) % BigInt(slotCount));
    const fromMillis = this.openOf(epoch) + slot * slotMillis;
    return { fromMillis, untilMillis: fromMillis + slotMillis, slot };
  }

  plan(epoch: bigint): Input {
    const open = this.openOf(epoch);
    const checks = (relay: bigint) => [3_000, 9_000, 20_000, 33_000].map((at) => open + at + Number(relay) * 100);
    const base = { target, checksAtMillis: [], time: undefined };
    const duties = [1n, 2n, 3n, 4n, 5n].map((relay) => ({
      ...base,
      relay,
      kind: kinds.overt,
      claimBps: this.#claimOf(relay),
      checksAtMillis: checks(relay),
    }));
    const whole = { fromMillis: open, untilMillis: open + lengthMillis };
    const rest = [
      { ...base, relay: 6n, kind: kinds.liveness, claimBps: 50n, time: whole, checksAtMillis: checks(6n) },
      {
        ...base,
        relay: 2n,
        kind: kinds.covert,
        claimBps: 40n,
        time: { fromMillis: open + 11_000, untilMillis: open + 16_000 },
      },
      {
        ...base,
        relay: 3n,
        kind: kinds.remeasurement,
        claimBps: 60n,
        time: { fromMillis: open + 5_000, untilMillis: open + 10_000 },
      },
    ];
    const times = { number: epoch, openMillis: open, lengthMillis, roomBps, slotCount, measureMillis };
    return { is: "planned", epoch: { ...times, duties: [...duties, ...rest], vrfProof: Uint8Array.of(1) } };
  }

  #turns(epoch: bigint, time: number): Input {
    const slotsKnown = Math.min(slotCount, Math.floor((time - this.openOf(epoch)) / slotMillis) + 1);
    const turns = [1n, 2n, 3n, 4n, 5n].flatMap((relay) => {
      const { slot, ...window } = this.#timeOf(epoch, relay);
      return slot < slotsKnown ? [{ relay, time: window, isExcused: false }] : [];
    });
    return { is: "turns", epoch, slotsKnown, turns };
  }

  // -------------------------------------------------------------------------------------------------------------- running

  hear(input: Input): void {
    const { state, effects } = step(this.state, input);
    this.state = state;
    for (const effect of effects) {
      if (effect.do === "measure") this.#requireInTime(effect);
      this.#pending.push(effect);
    }
  }

  /** Any of what is under way comes to its end; what is for the disk in its order. */
  settleOne(): void {
    if (this.#pending.length === 0) return;
    const isJournal = ({ do: what }: Effect) => ["record", "sign", "forget"].includes(what);
    let index = Math.floor(this.#random() * this.#pending.length);
    if (isJournal(this.#pending[index]!)) index = this.#pending.findIndex(isJournal);
    if (isJournal(this.#pending[index]!) && this.#random() < (this.#troubles.delays ?? 0)) return;
    const [effect] = this.#pending.splice(index, 1);
    if (effect!.do === "measure" && !this.#isMeasured(effect!)) return;
    const input = this.#perform(effect!);
    if (input !== undefined) this.hear(input);
  }

  crash(): void {
    // What is under way may have been done, and nobody hears of it.
    for (const effect of this.#pending) {
      if (effect.do === "record" || effect.do === "sign" || effect.do === "forget") continue;
      if (effect.do === "measure") this.#isMeasured(effect);
      else if (this.#random() < 0.5) this.#perform(effect);
    }
    const written = this.#pending.filter(({ do: what }) => what === "record" || what === "sign");
    for (const effect of written.slice(0, Math.floor(this.#random() * (written.length + 1)))) this.#perform(effect);
    this.#pending = [];
    this.measuring.clear();
    const records = { epochs: [...this.epochRecords.values()], readings: [...this.readingRecords.values()] };
    this.state = initialState(rules, records, this.nowMillis);
  }

  run(millis: number): void {
    const until = this.nowMillis + millis;
    while (this.nowMillis < until) {
      this.advance();
      for (let i = 0; i < 6; i++) this.settleOne();
      if (this.#random() < this.#troubles.crashes) this.crash();
    }
  }

  // -------------------------------------------------------------------------------------------------------------- outcomes

  #fails = (): boolean => this.#random() < this.#troubles.failures;

  #perform(effect: Effect): Input | undefined {
    switch (effect.do) {
      case "record":
        for (const reading of effect.readings) this.#write(reading);
        if (effect.epoch !== undefined) this.epochRecords.set(effect.epoch.number, effect.epoch);
        return effect.act === undefined ? undefined : { is: "recorded", act: effect.act };
      case "forget":
        this.epochRecords.delete(effect.epoch);
        for (const key of effect.works) this.readingRecords.delete(`${effect.epoch}/${key}`);
        return undefined;
      case "plan":
        return this.#fails() ? { is: "notPlanned" } : this.plan(this.epoch);
      case "prove":
        return { is: "proven", epoch: effect.epoch, found: this.#fails() ? "unknown" : "same" };
      case "turns":
        return this.#fails() ? { is: "noTurns" } : this.#turns(effect.epoch, effect.blockMillis);
      case "measure": {
        const { epoch, duty } = effect;
        this.measuring.delete(`${epoch}/${workKey(duty.relay, duty.kind)}`);
        const found = this.#fails() ? undefined : reading(this.#random() < 0.2 ? 0n : duty.claimBps);
        return { is: "measured", epoch, relay: duty.relay, kind: duty.kind, reading: found, reason: "no line" };
      }
      case "check":
        return { is: "checked", epoch: effect.epoch, relay: effect.relay, kind: effect.kind, isThere: !this.#fails() };
      case "sign":
        return this.#fails() ? { is: "notSigned", epoch: effect.epoch.number } : this.#sign(effect.epoch, effect.works);
      default:
        return this.#say(effect);
    }
  }

  #write(record: ReadingRecord): void {
    const key = `${record.epoch}/${workKey(record.relay, record.kind)}`;
    const before = this.readingRecords.get(key);
    expect(before?.leaf === undefined || record.leaf === before.leaf, `${key} was signed, and is forgotten`).toBe(true);
    this.readingRecords.set(key, record);
  }

  #say(effect: Effect): Input | undefined {
    switch (effect.do) {
      case "commit":
        return this.#send(this.commits, { ...effect, works: ["commit"] }, "commit");
      case "submit":
        return this.#send(this.submissions, effect, "submit");
      case "lookForCommit": {
        if (this.#fails()) return { is: "commitFound", epoch: effect.epoch, found: "unknown" };
        const isIn = this.commits.some(({ epoch, isIn: isThere }) => epoch === effect.epoch && isThere);
        return { is: "commitFound", epoch: effect.epoch, found: isIn ? "ours" : "none" };
      }
      case "lookForReadings": {
        const { epoch, works } = effect;
        if (this.#fails()) return { is: "readingsFound", epoch, missing: undefined, isProofMissing: false };
        const given = this.#given(epoch);
        const missing = works.map(({ relay, kind }) => workKey(relay, kind)).filter((key) => !given.has(key));
        return { is: "readingsFound", epoch, missing, isProofMissing: false };
      }
      case "deliver": {
        const isTaken = !this.#fails();
        if (isTaken) this.deliveries.add(`${effect.epoch}/${effect.relay}`);
        return { is: "delivered", epoch: effect.epoch, relay: effect.relay, isTaken, isFinal: false };
      }
      default:
        throw new Error(`nobody does ${effect.do} here`);
    }
  }

  #given = (epoch: bigint): Set<string> =>
    new Set(this.submissions.flatMap((tx) => (tx.epoch === epoch && tx.isIn ? tx.works : [])));

  #send(list: Sent[], tx: Pick<Sent, "epoch" | "untilHeight" | "works">, what: "commit" | "submit"): Input {
    const mayStand = list.filter((one) => one.epoch === tx.epoch && (one.isIn || this.height < one.untilHeight));
    const twice = mayStand.flatMap(({ works }) => works).filter((key) => tx.works.includes(key));
    expect(twice, `${what} of epoch ${tx.epoch} is sent twice`).toEqual([]);
    expect(this.signed.has(tx.epoch), `${what} before anything was signed`).toBe(true);
    if (this.#fails() && this.#random() < 0.5) {
      return { is: "notSent", what, epoch: tx.epoch, isCertain: true, reason: "refused" };
    }
    const isIn = this.#troubles.failures === 0 || (this.height < tx.untilHeight && !this.#fails());
    const sent: Sent = { epoch: tx.epoch, untilHeight: tx.untilHeight, works: tx.works, isIn };
    list.push(sent);
    if (!sent.isIn) return { is: "notSent", what, epoch: tx.epoch, isCertain: false, reason: "nobody knows" };
    if (what === "commit") return { is: "sent", what, epoch: tx.epoch };
    const refused = tx.works.filter((key) => key === this.#troubles.refuses);
    sent.works = tx.works.filter((key) => !refused.includes(key));
    return { is: "sent", what, epoch: tx.epoch, refused: refused.map((key) => [key, "absurd"] as const) };
  }

  #sign(epoch: EpochRecord, works: readonly Work[]): Input {
    const { number } = epoch;
    expect(this.signed.has(number), `epoch ${number} is signed twice`).toBe(false);
    const keys = works.map(({ relay, kind }) => workKey(relay, kind)).sort();
    expect(new Set(keys).size).toBe(keys.length);
    const tree = { root: Buffer.from(keys.join()), count: keys.length };
    this.signed.set(number, keys.join());
    this.epochRecords.set(number, { ...epoch, tree });
    const leaves = new Map(keys.map((key, index) => [key, index] as const));
    for (const work of works) {
      this.#write(readingRecord(number, { ...work, leaf: leaves.get(workKey(work.relay, work.kind)) }));
    }
    return { is: "signed", epoch: number, tree, leaves };
  }

  /** At the moment at which it is wanted. */
  #requireInTime({ epoch, duty, untilMillis }: Effect & { readonly do: "measure" }): void {
    const key = `${epoch}/${workKey(duty.relay, duty.kind)}`;
    const { fromMillis, untilMillis: end } = duty.kind === kinds.overt ? this.#timeOf(epoch, duty.relay) : duty.time!;
    expect(this.nowMillis, `${key} is measured early`).toBeGreaterThanOrEqual(fromMillis);
    expect(this.nowMillis, `${key} is measured late`).toBeLessThan(end);
    expect(this.nowMillis + measureMillis, `${key} cannot be over in time`).toBeLessThanOrEqual(untilMillis);
    if (duty.kind === kinds.overt) expect(untilMillis).toBeLessThanOrEqual(end);
    expect(this.measured.has(key), `${key} is measured twice`).toBe(false);
    this.measured.add(key);
    this.measuring.set(key, duty.claimBps);
    const busy = [...this.measuring.values()].reduce((sum, bps) => sum + bps, 0n);
    expect(busy, "more is measured at once than there is room for").toBeLessThanOrEqual(roomBps);
  }

  /** A measurement takes its time. */
  #isMeasured(effect: Effect & { readonly do: "measure" }): boolean {
    if (this.nowMillis >= effect.untilMillis - 1_000 || this.#random() < 0.1) return true;
    this.#pending.push(effect);
    return false;
  }
}

describe("an oracle's step", () => {
  it("reads, signs, commits, delivers and submits everything once where nothing fails", () => {
    const world = new World(7, { crashes: 0, failures: 0 });
    const first = world.epoch + 1n;
    world.run(lengthMillis * 5);
    for (const epoch of [first, first + 1n]) {
      const works = ["1/1", "2/1", "2/3", "3/1", "3/4", "4/1", "5/1", "6/2"];
      expect(world.signed.get(epoch)).toBe(works.join());
      expect(world.commits.filter((tx) => tx.epoch === epoch)).toHaveLength(1);
      expect(
        world.submissions
          .filter((tx) => tx.epoch === epoch)
          .flatMap((tx) => tx.works)
          .toSorted(),
      ).toEqual(works);
      expect([...world.deliveries].filter((key) => key.startsWith(`${epoch}/`))).toHaveLength(6);
      expect(world.state.epochs.get(epoch)!.submit.sending.at).toBe("done");
    }
  });

  it("does not submit again what the chain refused, and keeps the reason", () => {
    const world = new World(3, { crashes: 0, failures: 0, refuses: "4/1" });
    const first = world.epoch + 1n;
    world.run(lengthMillis * 4);
    expect(world.submissions.filter((tx) => tx.epoch === first)).toHaveLength(1);
    expect([...world.state.epochs.get(first)!.refused]).toEqual([["4/1", "absurd"]]);
    expect(world.state.epochs.get(first)!.submit.sending.at).toBe("done");
  });

  it("gives up an epoch of thousands by one write of its readings", () => {
    const duty = (relay: bigint): DutyPlan => {
      const time = { fromMillis: 0, untilMillis: 30_000 };
      return { relay, kind: kinds.liveness, claimBps: 1n, target, time, checksAtMillis: [1_000] };
    };
    const duties = Array.from({ length: 20_000 }, (_, index) => duty(BigInt(index + 1)));
    const times = { number: 0n, openMillis: 0, lengthMillis, roomBps, slotCount: 0, measureMillis };
    const empty = initialState(rules, { epochs: [], readings: [] }, 0);
    const planned = step(empty, { is: "planned", epoch: { ...times, duties, vrfProof: new Uint8Array(0) } });
    const { effects } = step(planned.state, {
      is: "block",
      height: 9n,
      blockMillis: lengthMillis,
      nowMillis: lengthMillis,
    });
    const written = effects.filter((effect) => effect.do === "record");
    expect(written).toHaveLength(2);
    expect(written[0]!.readings).toHaveLength(20_000);
    expect(written[1]).toMatchObject({ epoch: { commit: { at: "lost" } } });
  });

  it("measures nothing by a clock that is wrong, and says so", () => {
    const world = new World(13, { crashes: 0, failures: 0 });
    world.run(lengthMillis / 2);
    world.skewMillis = 6_000;
    world.run(lengthMillis);
    const before = world.measured.size;
    expect(clockProblem(world.state)).toBe(
      "this machine's clock is 6.0 s ahead of the chain's, expected at most 5 s: set it (NTP); nothing is measured until then",
    );
    world.run(lengthMillis);
    expect(world.measured.size).toBe(before);
    const missed = [...world.state.epochs.get(world.epoch - 1n)!.works.values()].filter(
      ({ stage }) => stage === "missed",
    );
    expect(missed.map(({ reason }) => reason)).toContain(clockProblem(world.state));
  });

  it("never measures, signs, commits or submits twice, nor outside a slot, in any order and across any restarts", () => {
    let [crashes, measured, signed] = [0, 0, 0];
    const share = (max: number) => fc.double({ min: 0, max, noNaN: true });
    fc.assert(
      fc.property(fc.integer(), share(0.08), share(0.4), share(0.95), (seed, crash, failures, delays) => {
        const world = new World(seed, { crashes: crash, failures, delays });
        world.run(lengthMillis * 4);
        crashes += crash > 0 ? 1 : 0;
        measured += world.measured.size;
        signed += world.signed.size;
      }),
      { numRuns: 60 },
    );
    expect(Math.min(crashes, measured, signed)).toBeGreaterThan(0);
  });
});
