/**
 * Hardware evidence: a relay or an oracle shows by a signed quote that the holder of its transport key is a machine that its owner cannot
 * look into. Owns what a quote must be bound to, how long it counts and who revokes it. It makes a trusted relay's audits rarer
 * (`isEvidenced`) and changes nothing else: what was not measured is not paid.
 *
 * As all that draws read, what happens in an epoch counts from the next one on: attaching, revoking, another transport key.
 */
import type { Context, ReadContext } from "../../chain/context.ts";
import { sha256, sha512 } from "../../chain/crypto/hash.ts";
import { writeUint64 } from "../../chain/keycodec.ts";
import { compareBytes } from "../../chain/store/types.ts";
import { encodeUtf8 } from "../../chain/utf8.ts";
import type { AttachedEvidence, EvidencePolicy } from "../../proto/gen/weir/attestation/v1/evidence.ts";
import { Standing, type Subject } from "../../proto/gen/weir/attestation/v1/state.ts";
import { currentEpoch, epoch as epochOf } from "../beacon/index.ts";
import { epochsRead, valueAt, withValue } from "./epochvalues.ts";
import * as errors from "./evidenceerrors.ts";
import { evidenceAttached, evidenceRevoked, policySet } from "./evidenceevents.ts";
import { type EvidenceFormat, evidenceFormats, isRefusal, type VerifiedEvidence } from "./evidenceformats.ts";
import { evidence, evidencePolicies, evidenceRevocations } from "./evidencestate.ts";
import { oracles, relays } from "./state.ts";
import { isRelay, subjectText } from "./subject.ts";

/** About a season; a machine that is attacked later does not count for ever. */
const lifetimeEpochs = 90n;
const freshEpochs = 2n;

export const defaultPolicy = (format: string): EvidencePolicy => ({
  format,
  accepted: true,
  roots: [],
  measurements: [],
  lifetimeEpochs,
  freshEpochs,
});

export const policyOf = (ctx: ReadContext, format: string): EvidencePolicy =>
  evidencePolicies.get(ctx, format) ?? defaultPolicy(format);

/** What evidence is about, of a relay and of an oracle alike. */
interface Holder {
  readonly operator: string;
  readonly standing: Standing;
  readonly terms: readonly { readonly fromEpoch: bigint; readonly transportKey: Uint8Array }[];
}

const holderOf = (ctx: ReadContext, subject: Subject): Holder | undefined =>
  isRelay(subject) ? relays.get(ctx, subject.id) : oracles.get(ctx, subject.id);

export function requireHolder(ctx: ReadContext, subject: Subject): Holder {
  const holder = holderOf(ctx, subject);
  if (holder === undefined || holder.standing === Standing.STANDING_LEFT || holder.terms.length === 0)
    throw errors.noSubjectOfEvidence(subjectText(subject));
  return holder;
}

// ------------------------------------------------------------------------------------------------------------ what is bound

const domain = encodeUtf8("weir/evidence");

export interface Binding {
  readonly chainId: string;
  readonly subject: Subject;
  readonly transportKey: Uint8Array;
  readonly epoch: bigint;
  readonly seed: Uint8Array;
}

/**
 * 64 bytes: the quote is of this key, for this relay or oracle of this chain, and not older than the seed. All parts have fixed lengths, so
 * that two bindings are never the same bytes.
 */
export function reportDataOf({ chainId, subject, transportKey, epoch, seed }: Binding): Uint8Array {
  const numbers = new Uint8Array(17);
  numbers[0] = subject.kind;
  writeUint64(numbers, 1, subject.id);
  writeUint64(numbers, 9, epoch);
  const parts = [domain, sha256(encodeUtf8(chainId)), numbers, transportKey, seed];
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return sha512(bytes);
}

const announcedKey = ({ terms }: Holder): Uint8Array => terms.at(-1)!.transportKey;

export interface Challenge {
  readonly epoch: bigint;
  readonly reportData: Uint8Array;
}

/** What a quote must bind now; undefined before the first seed. */
export function challengeOf(ctx: ReadContext, subject: Subject): Challenge | undefined {
  const transportKey = announcedKey(requireHolder(ctx, subject));
  const current = currentEpoch(ctx)?.number ?? 0n;
  for (const number of [current, current - 1n]) {
    const seed = number < 0n ? undefined : epochOf(ctx, number)?.seed;
    if (seed === undefined || seed.length === 0) continue;
    const { chainId } = ctx.block;
    return { epoch: number, reportData: reportDataOf({ chainId, subject, transportKey, epoch: number, seed }) };
  }
  return undefined;
}

function freshSeed(ctx: ReadContext, number: bigint, fresh: bigint): Uint8Array {
  const current = currentEpoch(ctx)?.number ?? 0n;
  const oldest = current < fresh ? 0n : current - fresh;
  const seed = number < oldest || number > current ? undefined : epochOf(ctx, number)?.seed;
  if (seed === undefined || seed.length === 0) throw errors.evidenceStale(number, oldest, current);
  return seed;
}

// --------------------------------------------------------------------------------------------------------------- attaching

export interface Attachment {
  readonly operator: string;
  readonly subject: Subject;
  readonly format: EvidenceFormat;
  readonly quote: Uint8Array;
  readonly epoch: bigint;
}

/** What costs nothing is looked at first; the work is paid for before it is done. */
export function attachEvidence(
  ctx: Context,
  { operator, subject, format, quote, epoch }: Attachment,
): AttachedEvidence {
  const holder = requireHolder(ctx, subject);
  if (holder.operator !== operator) throw errors.notTheSubjectsOperator(subjectText(subject), holder.operator);
  const policy = policyOf(ctx, format.name);
  if (!policy.accepted) throw errors.formatClosed(format.name);
  const seed = freshSeed(ctx, epoch, policy.freshEpochs);
  const digest = sha256(quote);
  const { attached } = evidence.get(ctx, subject) ?? { attached: [] };
  if (attached.some((each) => compareBytes(each.digest, digest) === 0))
    throw errors.evidenceReplayed(subjectText(subject));
  const transportKey = announcedKey(holder);
  const verified = verifiedBy(ctx, format, policy, quote);
  const expected = reportDataOf({ chainId: ctx.block.chainId, subject, transportKey, epoch, seed });
  if (compareBytes(verified.reportData, expected) !== 0) throw errors.evidenceNotBound(subjectText(subject), epoch);
  requireAccepted(ctx, format.name, policy, verified);
  const current = currentEpoch(ctx)?.number ?? 0n;
  const fromEpoch = current + 1n;
  const added: AttachedEvidence = {
    format: format.name,
    fromEpoch,
    untilEpoch: fromEpoch + policy.lifetimeEpochs,
    expires: { seconds: verified.expiresAt, nanos: 0 },
    transportKey,
    serials: [...verified.serials],
    measurement: verified.measurement,
    digest,
  };
  evidence.set(ctx, subject, { attached: withValue(attached, added, current - epochsRead) });
  ctx.emit(evidenceAttached(subject, added));
  return added;
}

function verifiedBy(ctx: Context, format: EvidenceFormat, policy: EvidencePolicy, quote: Uint8Array): VerifiedEvidence {
  ctx.gas.consume(format.gas(quote.length), `${format.name} evidence`);
  const roots = policy.roots.length === 0 ? format.roots : policy.roots;
  const verified = format.verify(quote, roots, ctx.block.time.seconds);
  if (!isRefusal(verified)) return verified;
  throw verified.kind === "expired"
    ? errors.evidenceExpired(format.name, verified.reason)
    : errors.evidenceForged(format.name, verified.reason);
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** One that is revoked from the next epoch on would never count. */
function requireAccepted(ctx: ReadContext, format: string, policy: EvidencePolicy, found: VerifiedEvidence): void {
  const { measurements } = policy;
  if (measurements.length > 0 && !measurements.some((each) => compareBytes(each, found.measurement) === 0))
    throw errors.measurementRefused(format, hex(found.measurement));
  for (const serial of found.serials) {
    const revocation = evidenceRevocations.get(ctx, [format, serial]);
    if (revocation !== undefined) throw errors.evidenceRevoked(serial, revocation.fromEpoch);
  }
}

// ----------------------------------------------------------------------------------------------------------- what it counts

/** Why evidence does not count in an epoch, in words; undefined where it does. */
export function evidenceProblem(ctx: ReadContext, epoch: bigint, subject: Subject): string | undefined {
  const found = valueAt(evidence.get(ctx, subject)?.attached ?? [], epoch);
  if (found === undefined) return `nothing is attached that counts by epoch ${epoch}`;
  if (epoch >= found.untilEpoch)
    return `what is attached counted until epoch ${found.untilEpoch}: attach another quote`;
  const opened = epochOf(ctx, epoch)?.openTime ?? ctx.block.time;
  if (opened.seconds > found.expires!.seconds)
    return "a certificate of what is attached has expired: attach another quote";
  const key = valueAt(holderOf(ctx, subject)?.terms ?? [], epoch)?.transportKey;
  if (key === undefined || compareBytes(key, found.transportKey) !== 0)
    return "the transport key is another one than the quote's: attach a quote of the new key";
  const revoked = found.serials.find((serial) => {
    const revocation = evidenceRevocations.get(ctx, [found.format, serial]);
    return revocation !== undefined && revocation.fromEpoch <= epoch;
  });
  return revoked === undefined ? undefined : `the certificate of serial ${revoked} is revoked`;
}

/** Answers for the epochs that are not settled yet and the one that is open. */
export const isEvidenced = (ctx: ReadContext, epoch: bigint, subject: Subject): boolean =>
  evidenceProblem(ctx, epoch, subject) === undefined;

/** Called when a record goes for good. */
export const forgetEvidence = (ctx: Context, subject: Subject): void => evidence.delete(ctx, subject);

// -------------------------------------------------------------------------------------------------------------- governance

export const rootsMax = 8;
export const measurementsMax = 64;
export const lifetimeMax = 1_000n;
/** The beacon forgets seeds after sixteen epochs. */
export const freshMax = 10n;
export const serialsMax = 100;
const serialPattern = /^(0|(?!00)([0-9a-f]{2}){1,20})$/;
const reasonLengthMax = 256;

/** Undefined when all is well. */
export function policyProblem(policy: EvidencePolicy): string | undefined {
  const format = evidenceFormats.get(policy.format);
  if (format === undefined) return errors.unknownFormat(policy.format).message;
  const { roots, measurements, lifetimeEpochs: lifetime, freshEpochs: fresh } = policy;
  if (roots.length > rootsMax) return `${roots.length} roots; expected at most ${rootsMax}`;
  if (roots.some(({ length }) => length !== format.rootBytes)) return `a root is no key of ${format.rootBytes} bytes`;
  if (measurements.length > measurementsMax)
    return `${measurements.length} measurements; expected at most ${measurementsMax}`;
  if (measurements.some(({ length }) => length !== format.measurementBytes))
    return `a measurement has not ${format.measurementBytes} bytes`;
  if (lifetime < 1n || lifetime > lifetimeMax) return `lifetime_epochs is ${lifetime}; expected 1 to ${lifetimeMax}`;
  return fresh < 1n || fresh > freshMax ? `fresh_epochs is ${fresh}; expected 1 to ${freshMax}` : undefined;
}

export function setPolicy(ctx: Context, policy: EvidencePolicy): void {
  evidencePolicies.set(ctx, policy.format, policy);
  ctx.emit(policySet(policy));
}

export const isSerial = (text: string): boolean => serialPattern.test(text);

export function revocationProblem(format: string, serials: readonly string[], reason: string): string | undefined {
  if (!evidenceFormats.has(format)) return errors.unknownFormat(format).message;
  if (serials.length === 0 || serials.length > serialsMax)
    return `${serials.length} serials; expected 1 to ${serialsMax}`;
  const wrong = serials.find((serial) => !isSerial(serial));
  if (wrong !== undefined) return `the serial "${wrong}" is not lower hex of whole octets without leading zeros`;
  if (reason === "" || encodeUtf8(reason).length > reasonLengthMax)
    return `the reason has ${encodeUtf8(reason).length} bytes; expected 1 to ${reasonLengthMax}`;
  return undefined;
}

/** From the next epoch on, for ever; those that are revoked already stay so from when they were. */
export function revokeEvidence(ctx: Context, format: string, serials: readonly string[], reason: string): bigint {
  const fromEpoch = (currentEpoch(ctx)?.number ?? 0n) + 1n;
  for (const serial of serials) {
    if (evidenceRevocations.has(ctx, [format, serial])) continue;
    evidenceRevocations.set(ctx, [format, serial], { fromEpoch, reason });
    ctx.emit(evidenceRevoked(format, serial, fromEpoch));
  }
  return fromEpoch;
}
