/** Events of hardware evidence. */
import { type ChainEvent, typedEvent } from "../../chain/events.ts";
import { EventEvidenceAttached } from "../../proto/gen/weir/attestation/v1/events.ts";
import {
  type AttachedEvidence,
  EventEvidencePolicySet,
  EventEvidenceRevoked,
  type EvidencePolicy,
} from "../../proto/gen/weir/attestation/v1/evidence.ts";
import { type Subject, subjectText } from "./subject.ts";

export const evidenceAttached = (subject: Subject, { format, untilEpoch }: AttachedEvidence): ChainEvent =>
  typedEvent(EventEvidenceAttached.$type, { subject: subjectText(subject), format, until_epoch: `${untilEpoch}` });

export const policySet = ({ format, accepted }: EvidencePolicy): ChainEvent =>
  typedEvent(EventEvidencePolicySet.$type, { format, accepted: `${accepted}` });

export const evidenceRevoked = (format: string, serial: string, fromEpoch: bigint): ChainEvent =>
  typedEvent(EventEvidenceRevoked.$type, { format, serial, from_epoch: `${fromEpoch}` });
