/** Where evidence is kept: prefixes 96 to 111 of the module's store. Encodings are for ever. */
import { messageCodec } from "../../chain/codec.ts";
import { pair, stringKey } from "../../chain/keycodec.ts";
import * as proto from "../../proto/gen/weir/attestation/v1/evidence.ts";
import { store } from "./state.ts";
import { subjectKey } from "./subject.ts";

export const evidence = store.map(96, "evidence", subjectKey, messageCodec(proto.SubjectEvidence));

/** By format; of those that governance has not spoken of the default holds. */
export const evidencePolicies = store.map(97, "evidence_policies", stringKey, messageCodec(proto.EvidencePolicy));

/** By format and serial of a certificate. */
export const evidenceRevocations = store.map(
  98,
  "evidence_revocations",
  pair(stringKey, stringKey),
  messageCodec(proto.EvidenceRevocation),
);

export const evidenceState = { evidence, evidencePolicies, evidenceRevocations };
