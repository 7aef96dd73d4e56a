/** How the command line spells evidence. */
import { parseBase64 } from "../../chain/base64.ts";
import type { MessageForm, ModuleCommands } from "../../chain/commandforms.ts";
import type { MsgAttachEvidence, MsgRevokeEvidence } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { oracleSubject, relaySubject, subjectText } from "./subject.ts";

function subjectOf(kind: string, id: string) {
  if (!/^[1-9][0-9]{0,18}$/.test(id)) throw new Error(`the id is "${id}"; expected a whole number`);
  if (kind !== "relay" && kind !== "oracle") throw new Error(`expected relay or oracle, got "${kind}"`);
  return kind === "relay" ? relaySubject(BigInt(id)) : oracleSubject(BigInt(id));
}

const attach: MessageForm<MsgAttachEvidence> = {
  summary: "attach a quote of the machine that holds a transport key",
  arguments: {
    positionals: ["relay|oracle", "ID", "FORMAT", "EPOCH", "QUOTE"],
    build(given) {
      const [kind, id, format, epoch, text] = given.positionals as [string, string, string, string, string];
      const evidence = parseBase64(text);
      if (evidence === undefined) throw new Error("the quote is not in base64");
      if (!/^[0-9]{1,19}$/.test(epoch)) throw new Error(`the epoch is "${epoch}"; expected a whole number`);
      return { operator: given.from(), subject: subjectOf(kind, id), format, epoch: BigInt(epoch), evidence };
    },
  },
  examples: ["relay 7 tdx-v4 41 BASE64 --from operator"],
  describe: ({ subject, format, epoch, evidence }) => [
    `Attaches ${evidence.length} bytes of ${format} evidence, of epoch ${epoch}, to ${subject === undefined ? "nobody" : subjectText(subject)}`,
  ],
};

const revoke: MessageForm<MsgRevokeEvidence> = {
  summary: "revoke certificates of hardware evidence, by governance, for ever",
  positionals: ["format", "reason", "serials"],
  examples: ['tdx-v4 "leaked" 1f2e… --generate-only'],
  describe: ({ format, serials, reason }) => [
    `Revokes ${serials.length} certificates under which ${format} evidence was made, for ever: ${reason}`,
  ],
};

export const evidenceCommands: ModuleCommands = {
  messages: {
    "/weir.attestation.v1.MsgAttachEvidence": attach,
    "/weir.attestation.v1.MsgSetEvidencePolicy": {
      summary: "set what is accepted of a format of evidence, by governance",
      positionals: ["policy"],
      examples: ["@policy.json --generate-only"],
      describe: () => ["Sets what is accepted of a format of hardware evidence; only governance may"],
    },
    "/weir.attestation.v1.MsgRevokeEvidence": revoke,
  },
  queries: {
    "/weir.attestation.v1.Query/Evidence": {
      summary: "what hardware evidence is attached, and whether it counts",
      positionals: ["kind", "id"],
      examples: ["relay 7"],
    },
    "/weir.attestation.v1.Query/EvidenceChallenge": {
      summary: "what a quote must bind now",
      positionals: ["kind", "id"],
      examples: ["relay 7"],
    },
    "/weir.attestation.v1.Query/EvidencePolicies": {
      summary: "the formats of hardware evidence, and what governance says of them",
      examples: [""],
    },
    "/weir.attestation.v1.Query/EvidenceRevocations": {
      summary: "certificates that were revoked",
      examples: [""],
    },
  },
};
