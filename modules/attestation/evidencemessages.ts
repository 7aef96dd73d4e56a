/** Messages about hardware evidence. */
import { accountAddress } from "../../chain/address.ts";
import { requireAuthority } from "../../chain/authority.ts";
import { message } from "../../chain/handlers.ts";
import * as proto from "../../proto/gen/weir/attestation/v1/tx.ts";
import {
  attachEvidence,
  defaultPolicy,
  policyProblem,
  revocationProblem,
  revokeEvidence,
  setPolicy,
} from "./evidence.ts";
import { evidenceLength, invalidEvidencePolicy, noSubjectOfEvidence, unknownFormat } from "./evidenceerrors.ts";
import { type EvidenceFormat, evidenceFormats } from "./evidenceformats.ts";
import { isOracle, isRelay } from "./subject.ts";

function requireFormat(name: string): EvidenceFormat {
  const format = evidenceFormats.get(name);
  if (format === undefined) throw unknownFormat(name);
  return format;
}

const attach = message(proto.MsgAttachEvidence, proto.MsgAttachEvidenceResponse, {
  signers: ({ operator }) => [operator],
  validate({ operator, subject, format: name, evidence }) {
    accountAddress.decode(operator);
    if (subject === undefined || !(isRelay(subject) || isOracle(subject))) throw noSubjectOfEvidence("relay or oracle");
    const format = requireFormat(name);
    if (evidence.length === 0 || evidence.length > format.bytesMax)
      throw evidenceLength(name, evidence.length, format.bytesMax);
  },
  execute(ctx, { operator, subject, format: name, evidence: quote, epoch }) {
    const format = requireFormat(name);
    const { fromEpoch, untilEpoch } = attachEvidence(ctx, { operator, subject: subject!, format, quote, epoch });
    return { fromEpoch, untilEpoch };
  },
});

const setEvidencePolicy = message(proto.MsgSetEvidencePolicy, proto.MsgSetEvidencePolicyResponse, {
  signers: ({ authority }) => [authority],
  validate({ authority, policy }) {
    requireAuthority(authority);
    const problem = policyProblem(policy ?? defaultPolicy(""));
    if (problem !== undefined) throw invalidEvidencePolicy(problem);
  },
  execute(ctx, { authority, policy }) {
    requireAuthority(authority);
    setPolicy(ctx, policy!);
    return {};
  },
});

const revoke = message(proto.MsgRevokeEvidence, proto.MsgRevokeEvidenceResponse, {
  signers: ({ authority }) => [authority],
  validate({ authority, format, serials, reason }) {
    requireAuthority(authority);
    const problem = revocationProblem(format, serials, reason);
    if (problem !== undefined) throw invalidEvidencePolicy(problem);
  },
  execute(ctx, { authority, format, serials, reason }) {
    requireAuthority(authority);
    return { fromEpoch: revokeEvidence(ctx, format, serials, reason) };
  },
});

export const evidenceMessages = {
  "/weir.attestation.v1.MsgAttachEvidence": attach,
  "/weir.attestation.v1.MsgSetEvidencePolicy": setEvidencePolicy,
  "/weir.attestation.v1.MsgRevokeEvidence": revoke,
};
