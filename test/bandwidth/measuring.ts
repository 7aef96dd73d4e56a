/**
 * What oracles read in an epoch: whom each is to measure, look after, visit unseen or measure again, when, and what it says it found. Asks the
 * chain's own functions over its state, as an oracle's daemon would ask its node.
 */

import type { ReadContext } from "../../chain/context.ts";
import { publicKeyOf } from "../../chain/crypto/ecvrf.ts";
import { covertAssignments, oracleOutput, proveOracle } from "../../modules/attestation/covert.ts";
import { disputeMeasuredIn } from "../../modules/attestation/disputesstate.ts";
import { millisRange, remeasurementTime } from "../../modules/attestation/epochtimes.ts";
import { isRelated } from "../../modules/attestation/readingsregistry.ts";
import { covertTermsOf, knownTurns } from "../../modules/attestation/readingsslots.ts";
import { plans } from "../../modules/attestation/readingsstate.ts";
import { type EpochView, epochView } from "../../modules/attestation/readingsview.ts";
import { partOf, planOfProto, slotBeginNanos, slotTable } from "../../modules/attestation/slots.ts";
import { livenessCommitteeSize } from "../../modules/attestation/tally.ts";
import type { Attestation } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { chainId } from "../helpers/testapplication.ts";
import type { Asked } from "./actors.ts";
import type { EpochNote, OracleActor, RelayActor } from "./network.ts";
import { attestationOf, committed, type Readings, type SignedBy, type Signing, signed } from "./readings.ts";

/** What there is to measure, and who measures. */
export interface Observed {
  /** Of the newest committed state. */
  readonly context: ReadContext;
  readonly epoch: bigint;
  readonly signing: Signing;
  readonly oracles: readonly OracleActor[];
  readonly relays: readonly RelayActor[];
  relayOf(id: bigint): RelayActor | undefined;
}

interface Task {
  readonly relay: RelayActor;
  readonly kind: Asked["kind"];
  readonly startMillis: bigint;
}

/** When a round of a relay begins; undefined where it has none. */
function slotStarts(view: EpochView): (cell: string, relay: bigint, round: number) => bigint | undefined {
  const stored = plans.get(view.ctx, view.number);
  const plan = stored === undefined ? undefined : planOfProto(stored);
  if (plan === undefined) throw new Error(`epoch ${view.number} has no plan of slots yet: give it more blocks`);
  const table = slotTable(plan, knownTurns(view.ctx, view.number, plan));
  const times = { openNanos: view.openNanos, epochNanos: view.lengthNanos };
  const place = { seed: view.epoch.seed, epoch: view.number };
  return (cell, relay, round) => {
    const slot = table[partOf(plan, place, cell, relay)]?.[round] ?? -1;
    if (slot === -1) return undefined;
    const from = slotBeginNanos(times, plan.slotCount, slot);
    return millisRange(from, slotBeginNanos(times, plan.slotCount, slot + 1)).fromMillis;
  };
}

/** By oracle. */
type Tasks = Map<bigint, Task[]>;

function give(tasks: Tasks, oracle: bigint, task: Task): void {
  const list = tasks.get(oracle);
  if (list === undefined) tasks.set(oracle, [task]);
  else list.push(task);
}

function giveCommitteeTasks(network: Observed, view: EpochView, tasks: Tasks): void {
  const startOf = slotStarts(view);
  const anyTime = millisRange(view.openNanos, view.openNanos).fromMillis + 1n;
  for (const relay of network.relays) {
    const found = view.relay(relay.id);
    if (found === undefined) continue;
    const { isAudited, committee } = view.noReadings(relay.id);
    for (const [round, oracle] of committee.entries()) {
      if (isAudited) {
        const startMillis = startOf(found.cell, relay.id, round);
        if (startMillis !== undefined) give(tasks, oracle, { relay, kind: "overt", startMillis });
      } else if (round < livenessCommitteeSize) {
        give(tasks, oracle, { relay, kind: "liveness", startMillis: anyTime });
      }
    }
  }
}

function giveRemeasurements(network: Observed, view: EpochView, tasks: Tasks): void {
  for (const relay of network.relays) {
    const committee = disputeMeasuredIn(view.ctx, view.number, relay.id)?.committee ?? [];
    for (const [round, oracle] of committee.entries()) {
      const { fromMillis } = remeasurementTime(view, round, committee.length);
      give(tasks, oracle, { relay, kind: "remeasurement", startMillis: fromMillis });
    }
  }
}

/** What the oracle's own proof asks of it. */
function giveCovertTasks(
  network: Observed,
  view: EpochView,
  oracle: OracleActor,
  tasks: Tasks,
): Uint8Array | undefined {
  const self = view.oracles().some(({ id }) => id === oracle.id) ? view.oracle(oracle.id) : undefined;
  const terms = covertTermsOf(view.ctx, view.epoch);
  if (self?.vrfKey === undefined || terms === undefined) return undefined;
  const of = { chainId, epoch: view.number, oracle: oracle.id, seed: view.epoch.seed };
  const vrfProof = proveOracle(oracle.vrfSecret, of);
  const output = oracleOutput(publicKeyOf(oracle.vrfSecret), of, vrfProof);
  for (const { relay: id, atMillis } of covertAssignments(output!, terms)) {
    const relay = network.relayOf(id);
    const found = view.relay(id);
    if (relay === undefined || found === undefined || isRelated(found, self)) continue;
    give(tasks, oracle.id, { relay, kind: "covert", startMillis: view.openNanos / 1_000_000n + atMillis + 1n });
  }
  return vrfProof;
}

function attested(view: EpochView, oracle: OracleActor, tasks: readonly Task[]): Attestation[] {
  return tasks.flatMap(({ relay, kind, startMillis }) => {
    const asked = { epoch: view.number, relay: relay.id, oracle: oracle.id, kind };
    const shown = oracle.spec.attests(relay.spec.shows(asked), asked);
    return shown === undefined ? [] : [attestationOf({ asked, shown, startMillis })];
  });
}

/** Of what it is asked to lie about: what it attested, and something else about the same, both signed. */
function contradicted(view: EpochView, oracle: OracleActor, tasks: readonly Task[], by: SignedBy): Contradiction[] {
  return tasks.flatMap(({ relay, kind, startMillis }) => {
    const asked = { epoch: view.number, relay: relay.id, oracle: oracle.id, kind };
    if (oracle.spec.equivocates?.(asked) !== true) return [];
    const shown = relay.spec.shows(asked);
    const [first, second] = [shown, { ...shown, bps: shown.bps / 2n }].map((each) =>
      signed(attestationOf({ asked, shown: each, startMillis }), by),
    );
    return [{ first: first!, second: second! }];
  });
}

export interface Contradiction {
  readonly first: Attestation;
  readonly second: Attestation;
}

export interface OracleReadings extends Readings {
  readonly vrfProof: Uint8Array | undefined;
  readonly contradictions: readonly Contradiction[];
}

/** Readings by oracle, without those that say nothing. */
export function readEpoch(network: Observed): EpochNote {
  const view = epochView(network.context, network.epoch)!;
  const tasks: Tasks = new Map();
  giveCommitteeTasks(network, view, tasks);
  giveRemeasurements(network, view, tasks);
  const readings = new Map<bigint, OracleReadings>();
  for (const oracle of network.oracles) {
    const vrfProof = giveCovertTasks(network, view, oracle, tasks);
    const own = tasks.get(oracle.id) ?? [];
    const relayKey = (id: bigint) => {
      const relay = network.relayOf(id);
      return relay?.spec.countersigns === false ? undefined : relay?.key;
    };
    const { key } = oracle;
    const by = { chainId, epoch: view.number, oracle: oracle.id, key, signing: network.signing, relayKey };
    const found = committed(attested(view, oracle, own), by);
    const contradictions = contradicted(view, oracle, own, by);
    if (found !== undefined) readings.set(oracle.id, { ...found, vrfProof, contradictions });
  }
  const claims = new Map(network.relays.map(({ id }) => [id, view.relay(id)?.claimBps ?? 0n] as const));
  return { number: view.number, openTime: view.epoch.openTime, claims, readings };
}
