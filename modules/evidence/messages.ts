/** Evidence's one message, refused in the order and words of cosmossdk.io/x/evidence/keeper/msg_server.go. */
import { accountAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import { ChainError, sdk } from "../../chain/errors.ts";
import { message } from "../../chain/handlers.ts";
import { strictDecode } from "../../chain/tx/strict.ts";
import * as proto from "../../proto/gen/cosmos/evidence/v1beta1/tx.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import { type Equivocation, equivocationProblem, equivocationRoute, equivocationUrl, hashOf } from "./equivocation.ts";
import { evidenceExists, invalidEvidence, noHandler } from "./errors.ts";
import { evidences } from "./state.ts";

const hexUpper = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .toUpperCase();

function requireSubmitter(submitter: string): void {
  try {
    accountAddress.decode(submitter);
  } catch (error) {
    if (error instanceof ChainError) throw sdk.invalidAddress(`invalid submitter address: ${error.message}`);
    throw error;
  }
}

function requireEvidence(evidence: Any | undefined): Any {
  if (evidence === undefined) throw invalidEvidence("missing evidence");
  if (evidence.typeUrl !== equivocationUrl) {
    throw sdk.unpackAny(`${evidence.typeUrl} is no evidence; expected ${equivocationUrl}`);
  }
  const problem = equivocationProblem(strictDecode<Equivocation>(equivocationUrl.slice(1), evidence.value));
  if (problem !== undefined) throw invalidEvidence(`failed basic validation: ${problem}`);
  return evidence;
}

/**
 * No handler of evidence is registered, as in simd: what the engine proves it reports by itself, and a user's word is no proof. Where
 * simd panics the same refusal is an error with the code that the SDK has for it.
 */
function refuse(ctx: ReadContext, evidence: Any): never {
  const hash = hashOf(evidence);
  if (evidences.has(ctx, hash)) throw evidenceExists(hexUpper(hash));
  throw noHandler(equivocationRoute);
}

const submitEvidence = message(proto.MsgSubmitEvidence, proto.MsgSubmitEvidenceResponse, {
  signers: (msg) => [msg.submitter],
  validate(msg) {
    requireSubmitter(msg.submitter);
    requireEvidence(msg.evidence);
  },
  execute: (ctx, msg): proto.MsgSubmitEvidenceResponse => refuse(ctx, requireEvidence(msg.evidence)),
});

export const messages = { "/cosmos.evidence.v1beta1.MsgSubmitEvidence": submitEvidence };
