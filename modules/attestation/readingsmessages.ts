/** Messages of readings: what oracles commit to, what anyone submits, disputes and equivocation. */
import { accountAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import type { SignatureCheck } from "../../chain/crypto/types.ts";
import { message } from "../../chain/handlers.ts";
import type { AnyMessageHandler } from "../../chain/module.ts";
import type { Attestation, AttestationRange } from "../../proto/gen/weir/attestation/v1/readings.ts";
import * as proto from "../../proto/gen/weir/attestation/v1/tx.ts";
import { attestationBytesIn, attestationFrame, readingProblem, transcriptBytes } from "./attestationbytes.ts";
import { submissionProblem } from "./attestationslimits.ts";
import { submitAttestations } from "./attestationssubmit.ts";
import { challenge } from "./disputes.ts";
import { equivocationProblem, reportEquivocation } from "./equivocation.ts";
import { commitProblem, commitReadings } from "./readingscommit.ts";
import { badCommit, malformedSubmission, noEquivocation } from "./readingserrors.ts";
import { oracleInEpoch, relayInEpoch } from "./readingsregistry.ts";

const commitHandler = message(proto.MsgCommitReadings, proto.MsgCommitReadingsResponse, {
  signers: (msg) => [msg.operator],
  validate(msg) {
    accountAddress.decode(msg.operator);
    const problem = commitProblem(msg);
    if (problem !== undefined) throw badCommit(problem);
  },
  execute(ctx, msg) {
    commitReadings(ctx, msg);
    return {};
  },
});

/** What an oracle and a relay signed in a range; nothing of what is absurd. */
function* checksOf(ctx: ReadContext, { epoch, oracle, attestations }: AttestationRange): Generator<SignatureCheck> {
  const found = oracleInEpoch(ctx, epoch, oracle);
  if (found === undefined) return;
  const place = { chainId: ctx.block.chainId, epoch, oracle };
  const frame = attestationFrame(place);
  const scheme = "ed25519";
  for (const attestation of attestations) {
    if (readingProblem(attestation) !== undefined) continue;
    const { signature, relaySignature, relay } = attestation;
    yield { scheme, publicKey: found.transportKey, signature, message: attestationBytesIn(frame, attestation) };
    const publicKey = relaySignature.length > 0 ? relayInEpoch(ctx, epoch, relay)?.transportKey : undefined;
    if (publicKey === undefined) continue;
    yield { scheme, publicKey, signature: relaySignature, message: transcriptBytes(place, attestation) };
  }
}

const submitHandler = message(proto.MsgSubmitAttestations, proto.MsgSubmitAttestationsResponse, {
  signers: (msg) => [msg.submitter],
  validate(msg) {
    accountAddress.decode(msg.submitter);
    const problem = submissionProblem(msg.ranges);
    if (problem !== undefined) throw malformedSubmission(problem);
  },
  furtherSignatures: (ctx, msg) => msg.ranges.flatMap((range) => [...checksOf(ctx, range)]),
  execute: (ctx, msg) => ({ results: submitAttestations(ctx, msg.ranges) }),
});

const challengeHandler = message(proto.MsgChallenge, proto.MsgChallengeResponse, {
  signers: (msg) => [msg.challenger],
  validate(msg) {
    accountAddress.decode(msg.challenger);
  },
  execute(ctx, msg) {
    challenge(ctx, msg);
    return {};
  },
});

/** Of a message that `validate` has seen. */
const bothOf = ({ first, second }: proto.MsgReportEquivocation): { first: Attestation; second: Attestation } => ({
  first: first!,
  second: second!,
});

const equivocationHandler = message(proto.MsgReportEquivocation, proto.MsgReportEquivocationResponse, {
  signers: (msg) => [msg.reporter],
  validate(msg) {
    accountAddress.decode(msg.reporter);
    const problem = equivocationProblem(msg.first, msg.second);
    if (problem !== undefined) throw noEquivocation(problem);
  },
  execute(ctx, msg) {
    const { oracle, epoch } = msg;
    reportEquivocation(ctx, { oracle, epoch, ...bothOf(msg) });
    return {};
  },
});

export const readingsMessages: Readonly<Record<string, AnyMessageHandler>> = {
  "/weir.attestation.v1.MsgCommitReadings": commitHandler,
  "/weir.attestation.v1.MsgSubmitAttestations": submitHandler,
  "/weir.attestation.v1.MsgChallenge": challengeHandler,
  "/weir.attestation.v1.MsgReportEquivocation": equivocationHandler,
};
