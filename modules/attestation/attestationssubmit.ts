/**
 * Submitting readings: many of many relays, by anyone, each refused or taken for itself. Owns which reading counts and what is said of one that
 * does not; what is stored is readingspacked.ts, what it comes to is tally.ts.
 */
import type { Context } from "../../chain/context.ts";
import { ChainError } from "../../chain/errors.ts";
import { compareBytes } from "../../chain/store/types.ts";
import type { Attestation, AttestationRange, ItemResult } from "../../proto/gen/weir/attestation/v1/readings.ts";
import {
  attestationBytesIn,
  attestationFrame,
  attestationKind,
  attestationSignatureBytes,
  compareReadings,
  kindNames,
  readingProblem,
  sessionNonceBytes,
  transcriptBytes,
  transcriptHashBytes,
} from "./attestationbytes.ts";
import { packPrefix } from "./attestationprefix.ts";
import { requireTime } from "./attestationstimes.ts";
import { covertListOf, publishCovert } from "./covertlists.ts";
import { disputeMeasuredIn } from "./disputesstate.ts";
import { leafHash, rootOfRange } from "./leaves.ts";
import * as refusals from "./readingserrors.ts";
import { attestationsSubmitted } from "./readingsevents.ts";
import type { RelayReadings } from "./readingspacked.ts";
import { commits, readings } from "./readingsstate.ts";
import { type EpochView, epochNow, epochView, isVoidEpoch } from "./readingsview.ts";
import { livenessCommitteeSize, type StoredReading } from "./tally.ts";

/** For each leaf and each hash of a path. */
const hashGas = 100n;

/** What one message changes, written once at its end: nine oracles' readings of one relay are one record. */
class Batch {
  readonly ctx: Context;
  readonly views = new Map<bigint, EpochView>();
  readonly #records = new Map<string, { key: readonly [bigint, bigint]; record: RelayReadings; isChanged: boolean }>();

  constructor(ctx: Context) {
    this.ctx = ctx;
  }

  /** Of the one epoch whose readings are taken now. */
  viewOf(epoch: bigint): EpochView {
    const known = this.views.get(epoch);
    if (known !== undefined) return known;
    const current = epochNow(this.ctx);
    if (epoch >= current) throw refusals.tooEarly(epoch, current);
    if (epoch < current - 1n) throw refusals.tooLate(epoch, current);
    const view = epochView(this.ctx, epoch);
    if (view === undefined || isVoidEpoch(this.ctx, epoch)) throw refusals.voidEpoch(epoch);
    this.views.set(epoch, view);
    return view;
  }

  recordOf(view: EpochView, relay: bigint): RelayReadings {
    const name = `${view.number}/${relay}`;
    let found = this.#records.get(name);
    if (found === undefined) {
      found = { key: [view.number, relay], record: view.readings(relay), isChanged: false };
      this.#records.set(name, found);
    }
    return found.record;
  }

  add(view: EpochView, relay: bigint, reading: StoredReading): void {
    const found = this.#records.get(`${view.number}/${relay}`)!;
    found.record = { ...found.record, readings: [...found.record.readings, reading] };
    found.isChanged = true;
  }

  store(): void {
    for (const { key, record, isChanged } of this.#records.values()) {
      if (isChanged) readings.set(this.ctx, key, record);
    }
  }
}

const taken: ItemResult = { code: 0, text: "" };

/** A refusal of ours is this item's; running out of gas is the whole transaction's, and a defect is nobody's. */
function resultOf(body: () => void): ItemResult {
  try {
    body();
    return taken;
  } catch (error) {
    if (!(error instanceof ChainError) || error.codespace !== refusals.readingsCodespace) throw error;
    return { code: error.code, text: error.message };
  }
}

/** One result an attestation, in the order of the message. */
export function submitAttestations(ctx: Context, ranges: readonly AttestationRange[]): ItemResult[] {
  const batch = new Batch(ctx);
  const results = ranges.flatMap((range) => takeRange(batch, range));
  batch.store();
  const accepted = results.filter(({ code }) => code === 0).length;
  ctx.emit(attestationsSubmitted(accepted, results.length - accepted));
  return results;
}

function takeRange(batch: Batch, range: AttestationRange): ItemResult[] {
  const { epoch, oracle, attestations, vrfProof } = range;
  const problems = attestations.map(absurdity);
  let proven: ProvenRange | undefined;
  const refused = resultOf(() => {
    const view = batch.viewOf(epoch);
    if (vrfProof.length > 0) publishCovert(batch.ctx, view, oracle, vrfProof);
    proven = provenRange(batch.ctx, view, range, problems);
  });
  return attestations.map((attestation, index) => {
    const absurd = problems[index];
    if (absurd !== undefined) return resultOf(() => refuse(refusals.absurdReading(absurd)));
    if (proven === undefined) return refused;
    return resultOf(() => takeOne(batch, proven!, attestation, index));
  });
}

function refuse(error: ChainError): never {
  throw error;
}

const absurdity = (attestation: Attestation): string | undefined =>
  attestation.signature.length === attestationSignatureBytes
    ? readingProblem(attestation)
    : `signature has ${attestation.signature.length} bytes; expected ${attestationSignatureBytes}`;

interface ProvenRange {
  readonly view: EpochView;
  readonly oracle: bigint;
  readonly transportKey: Uint8Array;
  /** What each of them signed. */
  readonly messages: readonly Uint8Array[];
}

/** A leaf that is absurd has a place in the tree as any other, so that those beside it count. */
const isEncodable = ({ sessionNonce, transcriptHash, observedAddress }: Attestation): boolean =>
  sessionNonce.length === sessionNonceBytes &&
  transcriptHash.length === transcriptHashBytes &&
  [0, 4, 16].includes(observedAddress.length);

function provenRange(
  ctx: Context,
  view: EpochView,
  { epoch, oracle, firstIndex, path, attestations }: AttestationRange,
  problems: readonly (string | undefined)[],
): ProvenRange {
  const commit = commits.get(ctx, [epoch, oracle]);
  const found = view.oracle(oracle);
  if (commit === undefined || found === undefined) throw refusals.noCommit(oracle, epoch);
  if (attestations.some((item, index) => index > 0 && compareReadings(attestations[index - 1]!, item) >= 0)) {
    throw refusals.outOfOrder();
  }
  if (problems.some((problem, index) => problem !== undefined && !isEncodable(attestations[index]!))) {
    throw refusals.noPath(oracle, epoch);
  }
  ctx.gas.consume(hashGas * BigInt(attestations.length + path.length), "path of readings");
  const frame = attestationFrame({ chainId: ctx.block.chainId, epoch, oracle });
  const messages = attestations.map((attestation) => attestationBytesIn(frame, attestation));
  const root = rootOfRange({ count: commit.count, first: firstIndex, leafHashes: messages.map(leafHash), path });
  if (root === undefined || compareBytes(root, commit.root) !== 0) throw refusals.noPath(oracle, epoch);
  return { view, oracle, transportKey: found.transportKey, messages };
}

/** Cheap questions first; the signature last. */
function takeOne(batch: Batch, range: ProvenRange, attestation: Attestation, index: number): void {
  const { view, oracle, transportKey, messages } = range;
  const { relay: id, kind, signature, relaySignature } = attestation;
  const relay = view.relay(id);
  if (relay === undefined) throw refusals.notMeasured(id, view.number);
  const record = batch.recordOf(view, id);
  if (record.readings.some((reading) => reading.oracle === oracle && reading.kind === kind)) {
    throw refusals.alreadyGiven(oracle, id, kindNames[kind]!);
  }
  const turn = turnOf(batch.ctx, view, record, oracle, attestation);
  requireTime(view, relay, turn, attestation.startMillis);
  const { ctx } = batch;
  if (!ctx.verify({ scheme: "ed25519", publicKey: transportKey, signature, message: messages[index]! })) {
    throw refusals.wrongKey(oracle);
  }
  if (relaySignature.length > 0) {
    const message = transcriptBytes({ chainId: ctx.block.chainId, epoch: view.number, oracle }, attestation);
    const check = { scheme: "ed25519", publicKey: relay.transportKey, signature: relaySignature, message } as const;
    if (!ctx.verify(check)) throw refusals.wrongRelayKey(id);
  }
  batch.add(view, id, storedReading(oracle, attestation));
}

function storedReading(oracle: bigint, attestation: Attestation): StoredReading {
  const { kind, measuredBps, backgroundBps, rttP50Micros, lossPpm, checksPassed } = attestation;
  return {
    oracle,
    kind,
    measuredBps,
    backgroundBps,
    rttP50Micros,
    lossPpm,
    checksPassed,
    isCountersigned: attestation.relaySignature.length > 0,
    observedPrefix: packPrefix(attestation.observedAddress),
  };
}

/** Why this oracle was to read this relay: what its time follows from. */
export type Turn =
  | { readonly kind: "overt"; readonly round: number }
  | { readonly kind: "liveness" }
  | { readonly kind: "covert"; readonly atMillis: bigint }
  | { readonly kind: "remeasurement"; readonly round: number; readonly rounds: number };

function turnOf(
  ctx: Context,
  view: EpochView,
  { isAudited, committee }: RelayReadings,
  oracle: bigint,
  { relay, kind }: Attestation,
): Turn {
  const strange = () => refusals.wrongCommittee(oracle, relay, kindNames[kind]!);
  const round = committee.indexOf(oracle);
  switch (kind) {
    case attestationKind.overt:
      if (!isAudited || round === -1) throw strange();
      return { kind: "overt", round };
    case attestationKind.liveness:
      if (isAudited || round === -1 || round >= livenessCommitteeSize) throw strange();
      return { kind: "liveness" };
    case attestationKind.covert: {
      const drawn = covertListOf(ctx, view.number, oracle)?.assignments.find((one) => one.relay === relay);
      if (drawn === undefined)
        throw covertListOf(ctx, view.number, oracle) ? strange() : refusals.noOracleProof(oracle);
      return { kind: "covert", atMillis: drawn.atMillis };
    }
    default: {
      const members = disputeMeasuredIn(ctx, view.number, relay)?.committee ?? [];
      const second = members.indexOf(oracle);
      if (second === -1) throw strange();
      return { kind: "remeasurement", round: second, rounds: members.length };
    }
  }
}
