/**
 * What an oracle hands a relay after it has committed: readings of this relay, each checked as the chain will check it, and answered once they are
 * on disk. Owns those checks; does not own the disk (heldreadings.ts) nor when they are brought to the chain (step.ts).
 */
import { verifyEd25519 } from "../../chain/crypto/ed25519.ts";
import { strictDecode } from "../../chain/tx/strict.ts";
import {
  attestationBytesIn,
  attestationFrame,
  attestationKind,
  readingProblem,
  transcriptBytes,
} from "../../modules/attestation/attestationbytes.ts";
import { leafHash, rootOfRange } from "../../modules/attestation/leaves.ts";
import { QueryCommitsRequest, QueryCommitsResponse } from "../../proto/gen/weir/attestation/v1/query.ts";
import type { Attestation, AttestationRange, Commit } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { MsgSubmitAttestations } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import type { ChainAnswers } from "../measurement/epochfacts.ts";
import { type Refusal, refusal } from "../transport/opening.ts";
import { oracleKeyAt } from "./gate.ts";

export interface DeliveryOptions {
  readonly chain: ChainAnswers;
  readonly relay: bigint;
  readonly relayKey: Uint8Array;
  /** The epoch that is open; undefined while the chain has not been heard of. */
  openEpoch(): bigint | undefined;
}

/** Of one oracle about one relay there are no more. */
const rangesMax = 4;
const attestationsMax = 4;
const commitsPage = 1_000n;
const pagesMax = 64;
const retryMillis = 1_000;

const kindsTaken: readonly number[] = [attestationKind.overt, attestationKind.liveness, attestationKind.remeasurement];

const malformed = (text: string): Refusal => refusal(RefusalCode.REFUSAL_CODE_MALFORMED, text);
const later = (text: string): Refusal => refusal(RefusalCode.REFUSAL_CODE_NOT_NOW, text, retryMillis);

/** All of it is good, or a Refusal is thrown. */
export async function checkDelivery(
  bytes: Uint8Array,
  peerKey: Uint8Array,
  options: DeliveryOptions,
): Promise<readonly AttestationRange[]> {
  const ranges = readRanges(bytes);
  const [first] = ranges;
  if (first === undefined) throw malformed("there are no ranges in it");
  const { epoch, oracle } = first;
  const problem = shapeProblem(ranges, first, options.relay);
  if (problem !== undefined) throw malformed(problem);
  requireEpoch(epoch, options.openEpoch());
  const key = await oracleKeyAt(options.chain, oracle, epoch);
  if (key === undefined || Buffer.compare(key, peerKey) !== 0) {
    throw refusal(RefusalCode.REFUSAL_CODE_UNKNOWN_PEER, `this is not the key of oracle ${oracle} in epoch ${epoch}`);
  }
  const commit = await commitOf(options.chain, epoch, oracle);
  if (commit === undefined) throw later(`oracle ${oracle} has committed to nothing in epoch ${epoch} yet`);
  for (const range of ranges) requireProven(range, commit, key, options);
  return ranges;
}

function readRanges(bytes: Uint8Array): readonly AttestationRange[] {
  let message: MsgSubmitAttestations;
  try {
    message = strictDecode<MsgSubmitAttestations>(MsgSubmitAttestations.$type, bytes);
  } catch (error) {
    throw malformed(`cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  if (message.submitter !== "") throw malformed("it names a submitter; the relay is the one");
  return message.ranges;
}

function shapeProblem(
  ranges: readonly AttestationRange[],
  { epoch, oracle }: AttestationRange,
  relay: bigint,
): string | undefined {
  const attestations = ranges.flatMap((range) => range.attestations);
  if (ranges.length > rangesMax || attestations.length > attestationsMax) {
    return `${ranges.length} ranges with ${attestations.length} readings; expected at most ${attestationsMax}`;
  }
  if (ranges.some((range) => range.epoch !== epoch || range.oracle !== oracle)) {
    return "ranges of several epochs or oracles; expected those of one";
  }
  if (ranges.some(({ vrfProof }) => vrfProof.length > 0)) return "a proof of covert readings; those are not delivered";
  return attestations.map((one) => attestationProblem(one, relay)).find((problem) => problem !== undefined);
}

function attestationProblem(attestation: Attestation, relay: bigint): string | undefined {
  if (attestation.relay !== relay) return `a reading of relay ${attestation.relay}; this is relay ${relay}`;
  if (!kindsTaken.includes(attestation.kind))
    return `a reading of the kind ${attestation.kind}, which is not delivered`;
  return readingProblem(attestation);
}

function requireEpoch(epoch: bigint, open: bigint | undefined): void {
  if (open === undefined || epoch > open) throw later(`epoch ${epoch} is not open here yet`);
  if (epoch + 1n < open) throw malformed(`epoch ${epoch} is past: readings are taken in the epoch after their own`);
}

function requireProven(
  { epoch, oracle, firstIndex, path, attestations }: AttestationRange,
  { root, count }: Commit,
  key: Uint8Array,
  { chain, relayKey }: DeliveryOptions,
): void {
  const place = { chainId: chain.chainId, epoch, oracle };
  const frame = attestationFrame(place);
  const messages = attestations.map((attestation) => attestationBytesIn(frame, attestation));
  const found = rootOfRange({ count, first: firstIndex, leafHashes: messages.map(leafHash), path });
  if (found === undefined || Buffer.compare(found, root) !== 0) {
    throw malformed("its path does not lead to what the oracle committed to");
  }
  for (const [index, { signature, relaySignature, ...reading }] of attestations.entries()) {
    if (!verifyEd25519(key, signature, messages[index]!)) throw malformed("it is not signed by the oracle");
    if (relaySignature.length === 0) continue;
    if (!verifyEd25519(relayKey, relaySignature, transcriptBytes(place, reading))) {
      throw malformed("it has another signature than this relay's");
    }
  }
}

/** What an oracle committed to; undefined while it has not. */
async function commitOf(chain: ChainAnswers, epoch: bigint, oracle: bigint): Promise<Commit | undefined> {
  let key = new Uint8Array(0);
  for (let page = 0; page < pagesMax; page++) {
    const pagination = { key, offset: 0n, limit: commitsPage, countTotal: false, reverse: false };
    const request = QueryCommitsRequest.encode({ epoch, pagination }).finish();
    const answer = await chain.query("/weir.attestation.v1.Query/Commits", request, (bytes) =>
      QueryCommitsResponse.decode(bytes),
    );
    const found = answer.commits.find((commit) => commit.oracle === oracle);
    if (found !== undefined) return found.commit;
    key = Uint8Array.from(answer.pagination?.nextKey ?? []);
    if (key.length === 0) return undefined;
  }
  return undefined;
}
