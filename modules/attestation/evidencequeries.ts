/** Queries about hardware evidence. */
import type { ReadContext } from "../../chain/context.ts";
import { ChainError, QueryError } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import { PageError, paginate } from "../../chain/pagination.ts";
import * as proto from "../../proto/gen/weir/attestation/v1/query.ts";
import { currentEpoch } from "../beacon/index.ts";
import { challengeOf, evidenceProblem, policyOf, requireHolder } from "./evidence.ts";
import { evidenceFormats } from "./evidenceformats.ts";
import { evidence, evidenceRevocations } from "./evidencestate.ts";
import { oracleSubject, relaySubject, type Subject } from "./subject.ts";

const idPattern = /^[1-9][0-9]{0,18}$/;

function subjectOf(ctx: ReadContext, { kind, id }: { readonly kind: string; readonly id: string }): Subject {
  if (kind !== "relay" && kind !== "oracle")
    throw new QueryError("InvalidArgument", `the kind is "${kind}"; expected relay or oracle`);
  if (!idPattern.test(id)) throw new QueryError("InvalidArgument", `the id is "${id}"; expected decimal digits`);
  const subject = kind === "relay" ? relaySubject(BigInt(id)) : oracleSubject(BigInt(id));
  try {
    requireHolder(ctx, subject);
  } catch (error) {
    if (error instanceof ChainError) throw new QueryError("NotFound", error.message);
    throw error;
  }
  return subject;
}

export const evidenceQueries = {
  "/weir.attestation.v1.Query/Evidence": query(
    proto.QueryEvidenceRequest,
    proto.QueryEvidenceResponse,
    (ctx, request) => {
      const subject = subjectOf(ctx, request);
      const problem = evidenceProblem(ctx, currentEpoch(ctx)?.number ?? 0n, subject);
      const { attached } = evidence.get(ctx, subject) ?? { attached: [] };
      return { attached, counts: problem === undefined, reason: problem ?? "" };
    },
  ),

  "/weir.attestation.v1.Query/EvidenceChallenge": query(
    proto.QueryEvidenceChallengeRequest,
    proto.QueryEvidenceChallengeResponse,
    (ctx, request) => {
      const challenge = challengeOf(ctx, subjectOf(ctx, request));
      if (challenge === undefined) throw new QueryError("NotFound", "no epoch has a seed yet; ask again a block later");
      return challenge;
    },
  ),

  "/weir.attestation.v1.Query/EvidencePolicies": query(
    proto.QueryEvidencePoliciesRequest,
    proto.QueryEvidencePoliciesResponse,
    (ctx) => ({
      policies: [...evidenceFormats.values()].map(({ name, bytesMax, gas }) => ({
        policy: policyOf(ctx, name),
        bytesMax: BigInt(bytesMax),
        gasMax: gas(bytesMax),
      })),
    }),
  ),

  "/weir.attestation.v1.Query/EvidenceRevocations": query(
    proto.QueryEvidenceRevocationsRequest,
    proto.QueryEvidenceRevocationsResponse,
    (ctx, { pagination: asked }) => {
      try {
        const { items, pagination } = paginate(ctx, evidenceRevocations, asked, ([format, serial], revocation) => ({
          format,
          serial,
          revocation,
        }));
        return { revocations: items, pagination };
      } catch (error) {
        if (error instanceof PageError) throw new QueryError("InvalidArgument", error.message);
        throw error;
      }
    },
  ),
};
