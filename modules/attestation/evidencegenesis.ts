/** Evidence in genesis, and what is always true of it. */
import type { Context, ReadContext } from "../../chain/context.ts";
import { fieldError } from "../../chain/protojson.ts";
import type {
  AttachedEvidence,
  EvidenceGenesis,
  GenesisEvidenceRevocation,
  GenesisSubjectEvidence,
} from "../../proto/gen/weir/attestation/v1/evidence.ts";
import { epochsRead } from "./epochvalues.ts";
import { isSerial, policyProblem } from "./evidence.ts";
import { evidenceFormats } from "./evidenceformats.ts";
import { evidence, evidencePolicies, evidenceRevocations } from "./evidencestate.ts";
import { isOracle, isRelay, type Subject, subjectText } from "./subject.ts";

const at = "attestation.evidence";
const digestBytes = 32;
const transportKeyBytes = 32;
/** One an epoch that is read, the one that is open and the next one, and one before them. */
const attachedMax = Number(epochsRead) + 3;

const emptyGenesis = (): EvidenceGenesis => ({ policies: [], revocations: [], evidence: [] });

function requireOnce(seen: Set<string>, name: string, path: string): void {
  if (seen.has(name)) throw fieldError(path, `${name} again`, "each once");
  seen.add(name);
}

function checkRevocations(list: readonly GenesisEvidenceRevocation[]): void {
  const seen = new Set<string>();
  for (const [index, { format, serial, revocation }] of list.entries()) {
    const path = `${at}.revocations[${index}]`;
    if (!evidenceFormats.has(format)) throw fieldError(`${path}.format`, format, "a format of the registry");
    if (!isSerial(serial)) throw fieldError(`${path}.serial`, serial, "lower hex of whole octets");
    if (revocation === undefined) throw fieldError(`${path}.revocation`, "nothing", "since when, and why");
    requireOnce(seen, `${format} ${serial}`, path);
  }
}

/** Undefined when all is well. */
function attachedProblem(attached: readonly AttachedEvidence[]): string | undefined {
  if (attached.length === 0 || attached.length > attachedMax)
    return `${attached.length} quotes, expected 1 to ${attachedMax}`;
  for (const [index, each] of attached.entries()) {
    if (!evidenceFormats.has(each.format)) return `the format ${each.format}`;
    if (each.untilEpoch <= each.fromEpoch) return `one that counts until ${each.untilEpoch} from ${each.fromEpoch} on`;
    if (index > 0 && attached[index - 1]!.fromEpoch >= each.fromEpoch) return "epochs that do not ascend";
    if (each.expires === undefined) return "one that never expires";
    if (each.transportKey.length !== transportKeyBytes) return `a key of ${each.transportKey.length} bytes`;
    if (each.digest.length !== digestBytes) return `a digest of ${each.digest.length} bytes`;
    if (!each.serials.every(isSerial)) return `the serials ${each.serials.join(", ")}`;
  }
  return undefined;
}

const isSubject = (subject: Subject | undefined): subject is Subject =>
  subject !== undefined && (isRelay(subject) || isOracle(subject)) && subject.id > 0n;

function checkEvidence(list: readonly GenesisSubjectEvidence[]): void {
  const seen = new Set<string>();
  for (const [index, { subject, evidence: found }] of list.entries()) {
    const path = `${at}.evidence[${index}]`;
    if (!isSubject(subject)) throw fieldError(`${path}.subject`, "nobody", "a relay or an oracle");
    requireOnce(seen, subjectText(subject), path);
    const problem = attachedProblem(found?.attached ?? []);
    if (problem !== undefined) throw fieldError(`${path}.evidence`, problem, "quotes that were attached");
  }
}

/** What genesis.json says was decoded already: here it is judged. Left out is nothing. */
function parse(found: EvidenceGenesis | undefined): EvidenceGenesis {
  if (found === undefined) return emptyGenesis();
  const seen = new Set<string>();
  for (const [index, policy] of found.policies.entries()) {
    const problem = policyProblem(policy);
    if (problem !== undefined) throw fieldError(`${at}.policies[${index}]`, problem, "a policy in its bounds");
    requireOnce(seen, policy.format, `${at}.policies[${index}].format`);
  }
  checkRevocations(found.revocations);
  checkEvidence(found.evidence);
  return found;
}

function init(ctx: Context, found: EvidenceGenesis | undefined): void {
  const { policies, revocations, evidence: list } = found ?? emptyGenesis();
  for (const policy of policies) evidencePolicies.set(ctx, policy.format, policy);
  for (const { format, serial, revocation } of revocations) evidenceRevocations.set(ctx, [format, serial], revocation!);
  for (const { subject, evidence: attached } of list) evidence.set(ctx, subject!, attached!);
}

const exportEvidence = (ctx: ReadContext): EvidenceGenesis => ({
  policies: [...evidencePolicies.iterate(ctx)].map(([, policy]) => policy),
  revocations: [...evidenceRevocations.iterate(ctx)].map(([[format, serial], revocation]) => ({
    format,
    serial,
    revocation,
  })),
  evidence: [...evidence.iterate(ctx)].map(([subject, attached]) => ({ subject, evidence: attached })),
});

export const evidenceGenesis = { default: emptyGenesis, parse, init, export: exportEvidence };

function evidenceIsWhole(ctx: ReadContext): string | undefined {
  for (const [subject, { attached }] of evidence.iterate(ctx)) {
    const problem = attachedProblem(attached);
    if (problem !== undefined) return `the evidence of ${subjectText(subject)} has ${problem}`;
  }
  return undefined;
}

export const evidenceInvariants = { evidenceIsWhole };
