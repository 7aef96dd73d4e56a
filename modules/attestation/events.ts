/** The registry's events: protobuf messages (events.proto), each attribute one field. */
import type { Timestamp } from "../../chain/context.ts";
import { type Dec, formatDec } from "../../chain/dec.ts";
import { type ChainEvent, typedEvent } from "../../chain/events.ts";
import { formatJsonTime } from "../../chain/rfc3339.ts";
import * as proto from "../../proto/gen/weir/attestation/v1/events.ts";
import { type Subject, subjectText } from "./subject.ts";

export const registered = (subject: Subject, operator: string, fromEpoch: bigint): ChainEvent =>
  typedEvent(proto.EventRegistered.$type, { subject: subjectText(subject), operator, from_epoch: `${fromEpoch}` });

export const termsChanged = (subject: Subject, fromEpoch: bigint, changed: readonly string[]): ChainEvent =>
  typedEvent(proto.EventTermsChanged.$type, {
    subject: subjectText(subject),
    from_epoch: `${fromEpoch}`,
    changed: changed.join(", "),
  });

export const standingChanged = (subject: Subject, standing: string, fromEpoch: bigint): ChainEvent =>
  typedEvent(proto.EventStandingChanged.$type, {
    subject: subjectText(subject),
    standing,
    from_epoch: `${fromEpoch}`,
  });

export const left = (subject: Subject): ChainEvent =>
  typedEvent(proto.EventLeft.$type, { subject: subjectText(subject) });

export const bonded = (subject: Subject, delegator: string, amount: bigint, shares: Dec): ChainEvent =>
  typedEvent(proto.EventBonded.$type, {
    subject: subjectText(subject),
    delegator,
    amount: `${amount}`,
    shares: formatDec(shares),
  });

export const unbonding = (subject: Subject, delegator: string, amount: bigint, completion: Timestamp): ChainEvent =>
  typedEvent(proto.EventUnbonding.$type, {
    subject: subjectText(subject),
    delegator,
    amount: `${amount}`,
    completion_time: formatJsonTime(completion),
  });

export const unbonded = (subject: Subject, delegator: string, amount: bigint): ChainEvent =>
  typedEvent(proto.EventUnbonded.$type, { subject: subjectText(subject), delegator, amount: `${amount}` });

export interface SlashFigures {
  readonly fraction: Dec;
  readonly burned: bigint;
  readonly bounty: bigint;
  readonly reason: string;
}

export const slashed = (subject: Subject, { fraction, burned, bounty, reason }: SlashFigures): ChainEvent =>
  typedEvent(proto.EventSlashed.$type, {
    subject: subjectText(subject),
    fraction: formatDec(fraction),
    burned: `${burned}`,
    bounty: `${bounty}`,
    reason,
  });

export const jailed = (subject: Subject, reason: string): ChainEvent =>
  typedEvent(proto.EventJailed.$type, { subject: subjectText(subject), reason });

export const familyJoined = (family: bigint, operator: string, fromEpoch: bigint): ChainEvent =>
  typedEvent(proto.EventFamilyJoined.$type, { family: `${family}`, operator, from_epoch: `${fromEpoch}` });

export const familyLeft = (family: bigint, operator: string, fromEpoch: bigint): ChainEvent =>
  typedEvent(proto.EventFamilyLeft.$type, { family: `${family}`, operator, from_epoch: `${fromEpoch}` });

export const operatorDenied = (operator: string, reason: string): ChainEvent =>
  typedEvent(proto.EventDenied.$type, { operator, reason });

export const operatorPardoned = (operator: string): ChainEvent => typedEvent(proto.EventPardoned.$type, { operator });

export const softwareGoverned = (version: string, sinceEpoch: bigint): ChainEvent =>
  typedEvent(proto.EventSoftwareGoverned.$type, { version, since_epoch: `${sinceEpoch}` });

export const stageChanged = (stage: string): ChainEvent => typedEvent(proto.EventStageChanged.$type, { stage });
