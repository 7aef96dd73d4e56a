/** Readings in genesis: what an exported chain goes on with. Owns what is refused of it before the chain starts. */
import { accountAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { proofLength } from "../../chain/crypto/ecvrf.ts";
import { fieldError, refusedAs, shown } from "../../chain/protojson.ts";
import {
  type Dispute,
  type GenesisReadings,
  type Reading,
  ReadingsGenesis,
  TallyStage,
} from "../../proto/gen/weir/attestation/v1/readings.ts";
import { bpsMax, checksOfLiveness, idMax, isAttestationKind, lossPpmMax, rttMicrosMax } from "./attestationbytes.ts";
import { packPrefixText } from "./attestationprefix.ts";
import { measuredAfter } from "./disputesstate.ts";
import { disputeRecordLength } from "./disputesverdict.ts";
import { commitProblem } from "./readingscommit.ts";
import { committeeSizeMax, readingsFromProto, readingsToProto } from "./readingspacked.ts";
import * as stored from "./readingsstate.ts";

const at = "attestation.readings";

const emptyGenesis = (): ReadingsGenesis => ReadingsGenesis.fromPartial({});

function once(path: string): (...parts: readonly (bigint | string)[]) => void {
  const seen = new Set<string>();
  return (...parts) => {
    const name = parts.join("/");
    if (seen.has(name)) throw fieldError(path, `${name} again`, "each once");
    seen.add(name);
  };
}

function readingProblem(reading: Reading): string | undefined {
  if (reading.oracle < 1n || reading.oracle > idMax) return `oracle ${reading.oracle}`;
  if (!isAttestationKind(reading.kind)) return `kind ${reading.kind}`;
  if (reading.measuredBps > bpsMax || reading.backgroundBps > bpsMax) return `a rate above ${bpsMax}`;
  if (reading.rttP50Micros > rttMicrosMax) return `a round-trip time of ${reading.rttP50Micros} µs`;
  if (reading.lossPpm > lossPpmMax) return `a loss of ${reading.lossPpm} in a million`;
  if (reading.checksPassed > checksOfLiveness) return `${reading.checksPassed} checks passed`;
  return packPrefixText(reading.observedPrefix) === undefined ? `the prefix ${reading.observedPrefix}` : undefined;
}

function checkReadings(list: readonly GenesisReadings[]): void {
  const note = once(`${at}.readings`);
  for (const [index, { epoch, relay, readings }] of list.entries()) {
    const path = `${at}.readings[${index}]`;
    note(epoch, relay);
    if (readings === undefined) throw fieldError(`${path}.readings`, "nothing", "a committee and its readings");
    const { committee } = readings;
    if (committee.length > committeeSizeMax || committee.some((id) => id < 1n || id > idMax)) {
      throw fieldError(`${path}.readings.committee`, committee.join(), `at most ${committeeSizeMax} ids`);
    }
    const noteReading = once(`${path}.readings.readings`);
    for (const reading of readings.readings) {
      const problem = readingProblem(reading);
      if (problem !== undefined) throw fieldError(`${path}.readings.readings`, problem, "readings in their bounds");
      noteReading(reading.oracle, String(reading.kind));
    }
  }
}

function checkDisputes(list: readonly Dispute[]): void {
  const note = once(`${at}.disputes`);
  for (const [index, { relay, epoch, measuredIn, challenger, bond, state }] of list.entries()) {
    const path = `${at}.disputes[${index}]`;
    note(epoch, relay);
    if (measuredIn !== epoch + measuredAfter) {
      throw fieldError(`${path}.measured_in`, `${measuredIn}`, `${epoch + measuredAfter}`);
    }
    refusedAs(`${path}.challenger`, shown(challenger), "an account", () => accountAddress.decode(challenger));
    if (state < 1 || state > 5) throw fieldError(`${path}.state`, `${state}`, "a state of a dispute");
    if (!/^[0-9]{1,40}$/.test(bond)) throw fieldError(`${path}.bond`, shown(bond), "0 or more");
  }
}

/** What genesis.json says was decoded already: here it is judged. Left out is nothing. */
function parse(found: ReadingsGenesis | undefined): ReadingsGenesis {
  if (found === undefined) return emptyGenesis();
  const noteCommit = once(`${at}.commits`);
  for (const { epoch, oracle, commit } of found.commits) {
    noteCommit(epoch, oracle);
    const problem = commit === undefined ? "nothing" : commitProblem(commit);
    if (problem !== undefined) throw fieldError(`${at}.commits`, problem, "a root and a count");
  }
  checkReadings(found.readings);
  checkDisputes(found.disputes);
  const notePlan = once(`${at}.plans`);
  for (const { epoch, plan, oracles } of found.plans) {
    notePlan(epoch);
    if (plan === undefined) throw fieldError(`${at}.plans`, "nothing", "a plan");
    const bad = (oracles?.oracles ?? []).find(({ id, bond }) => id > idMax || !/^[0-9]{1,40}$/.test(bond));
    if (bad !== undefined) throw fieldError(`${at}.plans.oracles`, shown(bad.bond), "oracles with their bonds");
  }
  const noteCovert = once(`${at}.covert`);
  for (const { epoch, oracle, assignments } of found.covert) {
    noteCovert(epoch, oracle);
    const length = assignments?.vrfProof.length ?? 0;
    if (length !== proofLength) throw fieldError(`${at}.covert`, `a proof of ${length} bytes`, `${proofLength} bytes`);
  }
  checkCounts(found);
  return found;
}

function checkCounts({ oracleTallies, disputeRecords, sweep, refutations, equivocations }: ReadingsGenesis): void {
  const noteTally = once(`${at}.oracle_tallies`);
  for (const { epoch, oracle, tally } of oracleTallies) {
    noteTally(epoch, oracle);
    if (tally === undefined) throw fieldError(`${at}.oracle_tallies`, "nothing", "a tally");
  }
  const noteRecord = once(`${at}.dispute_records`);
  for (const { oracle, record } of disputeRecords) {
    noteRecord(oracle);
    const length = record?.outside.length ?? 0;
    if (length < 1 || length > disputeRecordLength) {
      throw fieldError(`${at}.dispute_records`, `${length} disputes`, `1 to ${disputeRecordLength}`);
    }
  }
  if (sweep !== undefined && (sweep.stage < TallyStage.TALLY_STAGE_RELAYS || sweep.stage > 3)) {
    throw fieldError(`${at}.sweep.stage`, `${sweep.stage}`, "a stage of the tally");
  }
  const noteRefutation = once(`${at}.refutations`);
  for (const { relay, cell } of refutations) {
    noteRefutation(relay);
    if (cell === "") throw fieldError(`${at}.refutations`, "no cell", "the cell that is refuted");
  }
  const noteEquivocation = once(`${at}.equivocations`);
  for (const { epoch, oracle } of equivocations) noteEquivocation(epoch, oracle);
}

function init(ctx: Context, found: ReadingsGenesis | undefined): void {
  const genesis = found ?? emptyGenesis();
  for (const { epoch, oracle, commit } of genesis.commits) stored.commits.set(ctx, [epoch, oracle], commit!);
  for (const { epoch, relay, readings } of genesis.readings) {
    stored.readings.set(ctx, [epoch, relay], readingsFromProto(readings!));
  }
  for (const { epoch, plan, oracles } of genesis.plans) {
    stored.plans.set(ctx, epoch, plan!);
    if (oracles !== undefined) stored.oracleSets.set(ctx, epoch, oracles);
  }
  for (const { epoch, oracle, assignments } of genesis.covert) {
    stored.covertLists.set(ctx, [epoch, oracle], assignments!);
  }
  for (const { epoch, oracle, tally } of genesis.oracleTallies) {
    stored.oracleTallies.set(ctx, [epoch, oracle], tally!);
  }
  for (const dispute of genesis.disputes) stored.disputes.set(ctx, [dispute.epoch, dispute.relay], dispute);
  for (const { oracle, record } of genesis.disputeRecords) stored.disputeRecords.set(ctx, oracle, record!);
  if (genesis.sweep !== undefined) stored.tallySweep.set(ctx, genesis.sweep);
  for (const { relay, cell } of genesis.refutations) stored.refutations.set(ctx, relay, cell);
  for (const { epoch, oracle } of genesis.equivocations) stored.equivocations.add(ctx, [epoch, oracle]);
}

const exportReadings = (ctx: ReadContext): ReadingsGenesis => ({
  commits: [...stored.commits.iterate(ctx)].map(([[epoch, oracle], commit]) => ({ epoch, oracle, commit })),
  readings: [...stored.readings.iterate(ctx)].map(([[epoch, relay], record]) => ({
    epoch,
    relay,
    readings: readingsToProto(record),
  })),
  plans: [...stored.plans.iterate(ctx)].map(([epoch, plan]) => ({
    epoch,
    plan,
    oracles: stored.oracleSets.get(ctx, epoch),
  })),
  covert: [...stored.covertLists.iterate(ctx)].map(([[epoch, oracle], assignments]) => ({
    epoch,
    oracle,
    assignments,
  })),
  oracleTallies: [...stored.oracleTallies.iterate(ctx)].map(([[epoch, oracle], tally]) => ({ epoch, oracle, tally })),
  disputes: [...stored.disputes.iterate(ctx)].map(([, dispute]) => dispute),
  disputeRecords: [...stored.disputeRecords.iterate(ctx)].map(([oracle, record]) => ({ oracle, record })),
  sweep: stored.tallySweep.get(ctx),
  refutations: [...stored.refutations.iterate(ctx)].map(([relay, cell]) => ({ relay, cell })),
  equivocations: [...stored.equivocations.keys(ctx)].map(([epoch, oracle]) => ({ epoch, oracle })),
});

export const readingsGenesis = { default: emptyGenesis, parse, init, export: exportReadings };
