/**
 * Families: operators that say of each other that they belong together, so that none of them measures another. Owns that both sides confirm,
 * that each is of one family at most, and that leaving takes time.
 */
import { accountAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { utf8Length } from "../../chain/utf8.ts";
import type { Membership } from "../../proto/gen/weir/attestation/v1/state.ts";
import { epochsRead, valueAt, withValue } from "./epochvalues.ts";
import { alreadyInFamily, invalidField, noFamily, notAnOperator, notInvited, tooMany } from "./errors.ts";
import { familyJoined, familyLeft } from "./events.ts";
import { getParams } from "./params.ts";
import { epochNow, nextEpoch } from "./records.ts";
import { isOperator } from "./stage.ts";
import * as state from "./state.ts";
import { hasControls } from "./texts.ts";

export const familyMembersMax = 64;
export const familyInvitationsMax = 64;
/** How long an invitation can be taken. */
export const invitationEpochs = 30n;
export const familyNameBytesMax = 64;

export function requireFamilyName(name: string): void {
  if (utf8Length(name) > familyNameBytesMax || hasControls(name)) {
    throw invalidField(`a family's name is at most ${familyNameBytesMax} bytes of text`);
  }
}

const membershipsOf = (ctx: ReadContext, operator: Uint8Array): readonly Membership[] =>
  state.memberships.get(ctx, operator)?.memberships ?? [];

/** 0 where it had none when the epoch opened. */
export const familyOf = (ctx: ReadContext, epoch: bigint, operator: Uint8Array): bigint =>
  valueAt(membershipsOf(ctx, operator), epoch)?.family ?? 0n;

/** What is announced last; who has said that it leaves is of none. */
const announced = (ctx: ReadContext, operator: Uint8Array): bigint => membershipsOf(ctx, operator).at(-1)?.family ?? 0n;

/** Neither now nor in an epoch that is announced. */
function requireNoFamily(ctx: ReadContext, operator: Uint8Array): void {
  const now = epochNow(ctx);
  const found = membershipsOf(ctx, operator).findLast(({ family }) => family !== 0n);
  const last = membershipsOf(ctx, operator).at(-1);
  const hasLeft = last?.family === 0n && last.fromEpoch <= now;
  if (found !== undefined && !hasLeft) throw alreadyInFamily(accountAddress.encode(operator), found.family);
}

function setMembership(ctx: Context, operator: Uint8Array, membership: Membership): void {
  const list = withValue(membershipsOf(ctx, operator), membership, epochNow(ctx) - epochsRead);
  state.memberships.set(ctx, operator, { memberships: list });
}

function enter(ctx: Context, operator: Uint8Array, id: bigint): bigint {
  const family = state.families.get(ctx, id)!;
  if (family.members >= familyMembersMax) throw tooMany("members of a family", familyMembersMax);
  const fromEpoch = nextEpoch(ctx);
  state.families.set(ctx, id, { ...family, members: family.members + 1 });
  state.familyMembers.add(ctx, [id, operator]);
  setMembership(ctx, operator, { fromEpoch, family: id });
  ctx.emit(familyJoined(id, accountAddress.encode(operator), fromEpoch));
  return fromEpoch;
}

function found(ctx: Context, operator: Uint8Array, name: string): bigint {
  requireNoFamily(ctx, operator);
  const id = state.familyCount.next(ctx) + 1n;
  state.families.set(ctx, id, { id, name, members: 0 });
  enter(ctx, operator, id);
  return id;
}

function removeInvitation(ctx: Context, family: bigint, operator: Uint8Array): void {
  state.invitations.delete(ctx, [family, operator]);
  state.invitationsByOperator.delete(ctx, [operator, family]);
}

/** What nobody took goes before it is counted. */
function requireRoomToInvite(ctx: Context, family: bigint): void {
  let open = 0;
  for (const [[, invited], { untilEpoch }] of [...state.invitations.iterate(ctx, { leading: [family] })]) {
    if (untilEpoch <= epochNow(ctx)) removeInvitation(ctx, family, invited);
    else open++;
  }
  if (open >= familyInvitationsMax) throw tooMany("open invitations of a family", familyInvitationsMax);
}

export interface Invitation {
  readonly family: bigint;
  readonly untilEpoch: bigint;
}

/** Founds a family where the operator has none. */
export function inviteToFamily(ctx: Context, operator: Uint8Array, invited: Uint8Array, name: string): Invitation {
  if (!isOperator(ctx, operator)) throw notAnOperator(accountAddress.encode(operator));
  const family = announced(ctx, operator) || found(ctx, operator, name);
  requireRoomToInvite(ctx, family);
  const untilEpoch = epochNow(ctx) + invitationEpochs;
  state.invitations.set(ctx, [family, invited], { inviter: accountAddress.encode(operator), untilEpoch });
  state.invitationsByOperator.add(ctx, [invited, family]);
  return { family, untilEpoch };
}

/** The first epoch in which it is of the family. */
export function joinFamily(ctx: Context, operator: Uint8Array, family: bigint): bigint {
  const invitation = state.invitations.get(ctx, [family, operator]);
  if (invitation === undefined || invitation.untilEpoch <= epochNow(ctx) || !state.families.has(ctx, family)) {
    throw notInvited(accountAddress.encode(operator), family);
  }
  requireNoFamily(ctx, operator);
  removeInvitation(ctx, family, operator);
  return enter(ctx, operator, family);
}

/** The first epoch in which it has none. It waits, so that nobody leaves for the epochs in which it would be measured by its own. */
export function leaveFamily(ctx: Context, operator: Uint8Array): bigint {
  const id = announced(ctx, operator);
  if (id === 0n) throw noFamily(accountAddress.encode(operator));
  const fromEpoch = epochNow(ctx) + 1n + getParams(ctx).familyLeaveEpochs;
  const family = state.families.get(ctx, id)!;
  state.familyMembers.delete(ctx, [id, operator]);
  if (family.members === 1) dissolve(ctx, id);
  else state.families.set(ctx, id, { ...family, members: family.members - 1 });
  setMembership(ctx, operator, { fromEpoch, family: 0n });
  ctx.emit(familyLeft(id, accountAddress.encode(operator), fromEpoch));
  return fromEpoch;
}

/** Nobody is left to invite anybody. */
function dissolve(ctx: Context, id: bigint): void {
  for (const [, invited] of [...state.invitations.keys(ctx, { leading: [id] })]) removeInvitation(ctx, id, invited);
  state.families.delete(ctx, id);
}
