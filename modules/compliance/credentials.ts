/**
 * Issuers and what they attest. Owns when a credential counts: while its time runs and the approval stands under which it was issued, so that
 * removing an issuer ends all that it attested at once, however much that is.
 */
import { accountAddress } from "../../chain/address.ts";
import { authorityAddress } from "../../chain/authority.ts";
import type { Context, ReadContext, Timestamp } from "../../chain/context.ts";
import { addDuration, compareTimes } from "../../chain/time.ts";
import type { Credential, Issuer, Requirement } from "../../proto/gen/weir/compliance/v1/state.ts";
import { invalidField, mayNotRevoke, noSuchCredential, notAnIssuer, notItsKind, tooMany } from "./errors.ts";
import * as events from "./events.ts";
import { getParams, requireOn } from "./params.ts";
import { credentials, credentialsByExpiry, issuers, versions } from "./state.ts";

// -------------------------------------------------------------------------------------------------------------------- issuers

/** Approves it, or changes what it may attest: what it attested under an approval that goes on counts on. */
export function setIssuer(ctx: Context, issuer: Omit<Issuer, "version">): bigint {
  requireOn(ctx);
  const address = accountAddress.decode(issuer.address);
  const before = issuers.get(ctx, address);
  const { issuersMax } = getParams(ctx);
  if (before === undefined && [...issuers.keys(ctx)].length >= issuersMax)
    throw tooMany("issuers are approved", issuersMax);
  const approved = { ...issuer, version: before?.version ?? versions.next(ctx) };
  issuers.set(ctx, address, approved);
  ctx.emit(events.issuerApproved(approved));
  return approved.version;
}

export function removeIssuer(ctx: Context, text: string): void {
  requireOn(ctx);
  const address = accountAddress.decode(text);
  const issuer = issuers.get(ctx, address);
  if (issuer === undefined) throw notAnIssuer(text);
  issuers.delete(ctx, address);
  ctx.emit(events.issuerRemoved(issuer));
}

// ---------------------------------------------------------------------------------------------------------------- credentials

export type Attested = Pick<Credential, "issuer" | "subject" | "kind" | "level" | "jurisdiction" | "hash"> & {
  readonly expires: Timestamp;
};

/** A newer one of the same issuer and kind takes the place of the older. */
export function issueCredential(ctx: Context, attested: Attested): void {
  requireOn(ctx);
  const [issuer, subject] = [accountAddress.decode(attested.issuer), accountAddress.decode(attested.subject)];
  const { kind, expires } = attested;
  const approved = issuers.get(ctx, issuer);
  if (approved === undefined) throw notAnIssuer(attested.issuer);
  if (!approved.kinds.includes(kind)) throw notItsKind(kind, approved.kinds);
  const { credentialLifetimeMax, credentialsMax } = getParams(ctx);
  const { time } = ctx.block;
  if (compareTimes(expires, time) <= 0 || compareTimes(expires, addDuration(time, credentialLifetimeMax)) > 0) {
    throw invalidField(`expires must lie ahead, at most ${credentialLifetimeMax.seconds} s`);
  }
  const key = [subject, issuer, kind] as const;
  const before = credentials.get(ctx, key);
  if (before === undefined && credentialsOf(ctx, subject).length >= credentialsMax) {
    throw tooMany(`credentials of ${attested.subject}`, credentialsMax);
  }
  const credential = { ...attested, issued: time, issuerVersion: approved.version };
  credentials.replace(ctx, key, before, credential);
  ctx.emit(events.credentialIssued(credential));
}

export type Named = Pick<Credential, "issuer" | "subject" | "kind">;

export function revokeCredential(ctx: Context, revoker: string, { issuer, subject, kind }: Named): void {
  const key = [accountAddress.decode(subject), accountAddress.decode(issuer), kind] as const;
  if (![issuer, subject, authorityAddress()].includes(revoker)) throw mayNotRevoke(revoker);
  const credential = credentials.get(ctx, key);
  if (credential === undefined) throw noSuchCredential(subject, issuer, kind);
  credentials.replace(ctx, key, credential, undefined);
  ctx.emit(events.credentialRevoked(credential, revoker));
}

/** At most `credentials_max` of them. */
export const credentialsOf = (ctx: ReadContext, subject: Uint8Array): Credential[] =>
  [...credentials.iterate(ctx, { leading: [subject] })].map(([, credential]) => credential);

/** Its time runs, and its issuer is approved as it was then. */
export function counts(ctx: ReadContext, { issuer, kind, expires, issuerVersion }: Credential): boolean {
  if (compareTimes(expires!, ctx.block.time) <= 0) return false;
  const approved = issuers.get(ctx, accountAddress.decode(issuer));
  return approved?.version === issuerVersion && approved.kinds.includes(kind);
}

const meets = (credential: Credential, { kind, levelMin, issuers: accepted, jurisdictions }: Requirement): boolean =>
  credential.kind === kind &&
  credential.level >= levelMin &&
  (accepted.length === 0 || accepted.includes(credential.issuer)) &&
  (jurisdictions.length === 0 || jurisdictions.includes(credential.jurisdiction));

/** Whether one of its credentials is what is required. */
export const qualifies = (ctx: ReadContext, subject: Uint8Array, requirement: Requirement): boolean =>
  credentialsOf(ctx, subject).some((credential) => meets(credential, requirement) && counts(ctx, credential));

/** Forgets at most `limit` of those whose time is over. */
export function pruneCredentials(ctx: Context, limit: number): void {
  const over: (readonly [Uint8Array, Uint8Array, string])[] = [];
  for (const [expires, key] of credentialsByExpiry.keys(ctx)) {
    if (over.length === limit || compareTimes(expires, ctx.block.time) > 0) break;
    over.push(key);
  }
  for (const key of over) credentials.delete(ctx, key);
}
