/**
 * What oracles did in an epoch: counted relay by relay with the tallies, excused from what they could not carry at once when all is counted. Owns
 * the counts; what they cost or earn is for who settles.
 */
import type { Context, ReadContext } from "../../chain/context.ts";
import { decFromProto, decOne } from "../../chain/dec.ts";
import type { MissedReading, OracleTally } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { attestationKind } from "./attestationbytes.ts";
import { measurable } from "./committee.ts";
import type { RelayReadings } from "./readingspacked.ts";
import type { RelayInEpoch } from "./readingsregistry.ts";
import { covertLists, oracleTallies, plans } from "./readingsstate.ts";
import { type EpochView, wasCutShort } from "./readingsview.ts";
import { livenessCommitteeSize, type Tally } from "./tally.ts";

export const noTally: OracleTally = {
  assigned: 0n,
  missing: 0n,
  excused: 0n,
  accepted: 0n,
  covertAssigned: 0n,
  covertGiven: 0n,
  remeasurementsAssigned: 0n,
  remeasurementsMissing: 0n,
  bestMedianBps: 0n,
  readKbps: new Uint8Array(0),
  missed: [],
};

const slotBytes = 4;
const kbit = 1000n;
const kbpsMax = 0xffff_ffffn;

type Counting = OracleTally & { missed: MissedReading[] };

/** What one page of a sweep adds, written once for each oracle. */
export class OracleCounts {
  readonly #view: EpochView;
  readonly #tallies = new Map<bigint, Counting>();

  constructor(view: EpochView) {
    this.#view = view;
  }

  #of(oracle: bigint): Counting {
    let found = this.#tallies.get(oracle);
    if (found === undefined) {
      const stored = oracleTallies.get(this.#view.ctx, [this.#view.number, oracle]) ?? noTally;
      found = { ...stored, readKbps: stored.readKbps.slice(), missed: [...stored.missed] };
      this.#tallies.set(oracle, found);
    }
    return found;
  }

  /** Of a relay whose readings are tallied. */
  add(relay: RelayInEpoch, { isAudited }: RelayReadings, tally: Tally): void {
    const { committee, missing, accepted, status, medianBps } = tally;
    const members = isAudited ? committee : committee.slice(0, livenessCommitteeSize);
    const isMissing = new Set(missing);
    const isAccepted = new Set(accepted);
    for (const [round, oracle] of members.entries()) {
      const counts = this.#of(oracle);
      counts.assigned++;
      const slot = isAudited ? this.#view.slotOf(relay, round) : undefined;
      if (isMissing.has(oracle)) miss(counts, slot, relay.claimBps);
      else if (slot !== undefined) addRead(counts, slot, relay.claimBps);
      if (!isAccepted.has(oracle)) continue;
      counts.accepted++;
      if (status === "conclusive" && medianBps > counts.bestMedianBps) counts.bestMedianBps = medianBps;
    }
  }

  addCovert(oracle: bigint): void {
    this.#of(oracle).covertGiven++;
  }

  addRemeasurement(oracle: bigint, isMissing: boolean): void {
    const counts = this.#of(oracle);
    counts.remeasurementsAssigned++;
    if (isMissing) counts.remeasurementsMissing++;
  }

  store(ctx: Context): void {
    for (const [oracle, tally] of this.#tallies) oracleTallies.set(ctx, [this.#view.number, oracle], tally);
  }
}

/** What nobody could be excused from is missing at once: checks have no slot. */
function miss(counts: Counting, slot: number | undefined, claimBps: bigint): void {
  counts.missing++;
  if (slot !== undefined) counts.missed.push({ slot, claimBps });
}

/** Rounded up to kilobits. */
function addRead(counts: Counting, slot: number, claimBps: bigint): void {
  const end = slotBytes * (slot + 1);
  if (counts.readKbps.length < end) {
    const longer = new Uint8Array(end);
    longer.set(counts.readKbps);
    counts.readKbps = longer;
  }
  const view = new DataView(counts.readKbps.buffer);
  const sum = BigInt(view.getUint32(end - slotBytes)) + (claimBps + kbit - 1n) / kbit;
  view.setUint32(end - slotBytes, Number(sum < kbpsMax ? sum : kbpsMax));
}

function readBps({ readKbps }: OracleTally, slot: number): bigint {
  const end = slotBytes * (slot + 1);
  if (readKbps.length < end) return 0n;
  return BigInt(new DataView(readKbps.buffer, readKbps.byteOffset).getUint32(end - slotBytes)) * kbit;
}

/** Of what it was to read at once, what did not fit any more beside what it read. */
export function excusedCount(tally: OracleTally, capacityBps: bigint): bigint {
  const room = measurable(capacityBps);
  return BigInt(tally.missed.filter(({ slot, claimBps }) => readBps(tally, slot) + claimBps > room).length);
}

/** What remains of a tally once everything is counted. */
export function closeOracleTally(ctx: Context, view: EpochView, oracle: bigint, provenBps: bigint): void {
  const key = [view.number, oracle] as const;
  const stored = oracleTallies.get(ctx, key);
  const covertAssigned = covertAssignedTo(ctx, view, oracle);
  if (stored === undefined && covertAssigned === 0n) return;
  const tally = stored ?? noTally;
  const excused = excusedCount(tally, provenBps);
  const missing = tally.missing - excused;
  const counted = { ...tally, covertAssigned, excused, missing, readKbps: new Uint8Array(0), missed: [] };
  oracleTallies.set(ctx, key, wasCutShort(ctx, view.number) ? withoutBlame(counted) : counted);
}

/** Only what was given was to be given. */
const withoutBlame = (tally: OracleTally): OracleTally => ({
  ...tally,
  excused: tally.excused + tally.missing,
  missing: 0n,
  covertAssigned: tally.covertGiven,
  remeasurementsAssigned: tally.remeasurementsAssigned - tally.remeasurementsMissing,
  remeasurementsMissing: 0n,
});

/** By its proof; of who keeps that to itself, its whole share. */
function covertAssignedTo(ctx: ReadContext, view: EpochView, oracle: bigint): bigint {
  const list = covertLists.get(ctx, [view.number, oracle]);
  if (list !== undefined) return BigInt(list.assignments.length);
  const plan = plans.get(ctx, view.number);
  if (plan === undefined || plan.oracles === 0 || view.oracle(oracle)?.vrfKey === undefined) return 0n;
  return (plan.relayIds * decFromProto(plan.covertRate)) / BigInt(plan.oracles) / decOne;
}

/** As those who settle see it. */
export interface OracleWork {
  /** Readings that it was to give in slots and epochs that were told, and did not give. */
  readonly assigned: bigint;
  readonly missing: bigint;
  /** Within the band. */
  readonly accepted: bigint;
  readonly covertAssigned: bigint;
  readonly covertGiven: bigint;
  readonly bestMedianBps: bigint;
}

export function oracleTallyOf(ctx: ReadContext, epoch: bigint, oracle: bigint): OracleWork {
  const tally = oracleTallies.get(ctx, [epoch, oracle]) ?? noTally;
  const { accepted, covertAssigned, covertGiven, bestMedianBps } = tally;
  return {
    assigned: tally.assigned - tally.excused + tally.remeasurementsAssigned,
    missing: tally.missing + tally.remeasurementsMissing,
    accepted,
    covertAssigned,
    covertGiven,
    bestMedianBps,
  };
}

export const isCovert = ({ kind }: { readonly kind: number }): boolean => kind === attestationKind.covert;
