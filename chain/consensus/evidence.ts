/**
 * Evidence: the list of what waits for a block and of what was committed, and the check of a double vote against the chain, with CometBFT's
 * texts. Attacks on light clients are checked by lightattack.ts.
 */
import { type Misbehavior, MisbehaviorType } from "../../proto/gen/tendermint/abci/types.ts";
import {
  DuplicateVoteEvidence,
  Evidence,
  type LightClientAttackEvidence,
} from "../../proto/gen/tendermint/types/evidence.ts";
import { type BlockID, SignedMsgType, type Vote } from "../../proto/gen/tendermint/types/types.ts";
import { verifyEd25519 } from "../crypto/ed25519.ts";
import { sha256 } from "../crypto/hash.ts";
import { compareBytes } from "../store/types.ts";
import type { BlockStore } from "./block-store.ts";
import { bytesKey, type Database, put, remove, type Write } from "./database.ts";
import { voteSignBytes } from "./hashes.ts";
import { hexUpper } from "./json.ts";
import { attackHash, attackMisbehavior, attackProblem, basicAttackProblem } from "./lightattack.ts";
import type { EngineState } from "./state.ts";
import { compareTimes, goTime, nanosPerSecond, toRfc3339, zeroTime } from "./time.ts";
import { findValidator, totalPower } from "./validators.ts";

const kinds = { pending: "q", committed: "c" } as const;

/** Refuses evidence; the text is for the client. */
export class EvidenceError extends Error {}

/** Pieces that wait at the same time: each has cost its sender a double signature, and a block takes them by its own limit. */
export const pendingEvidenceMax = 1_000;

export type AnyEvidence = DuplicateVoteEvidence | LightClientAttackEvidence;

export const asEvidence = (evidence: AnyEvidence): Evidence =>
  "conflictingBlock" in evidence
    ? { duplicateVoteEvidence: undefined, lightClientAttackEvidence: evidence }
    : { duplicateVoteEvidence: evidence, lightClientAttackEvidence: undefined };

function anyOf({ duplicateVoteEvidence, lightClientAttackEvidence }: Evidence): AnyEvidence {
  const evidence = duplicateVoteEvidence ?? lightClientAttackEvidence;
  if (evidence === undefined) throw new Error("a piece of evidence is of no kind");
  return evidence;
}

export const evidenceHashOf = (evidence: AnyEvidence): Uint8Array =>
  "conflictingBlock" in evidence ? attackHash(evidence) : sha256(DuplicateVoteEvidence.encode(evidence).finish());

/** Height of the infraction, by which its age is counted. */
const heightOf = (evidence: AnyEvidence): bigint =>
  "conflictingBlock" in evidence ? evidence.commonHeight : (evidence.voteA?.height ?? 0n);

/** What the application is told of the evidence in a block. */
export const misbehaviorOf = (list: readonly Evidence[]): Misbehavior[] =>
  list.map(anyOf).flatMap((evidence) => {
    if ("conflictingBlock" in evidence) return attackMisbehavior(evidence);
    const { voteA, validatorPower, timestamp, totalVotingPower } = evidence;
    if (voteA === undefined) throw new Error("evidence of a double vote without a vote");
    const validator = { address: voteA.validatorAddress, power: validatorPower };
    return [
      { type: MisbehaviorType.DUPLICATE_VOTE, validator, height: voteA.height, time: timestamp, totalVotingPower },
    ];
  });

export class EvidencePool {
  readonly #database: Database;
  readonly #pending: Map<string, AnyEvidence>;

  private constructor(database: Database, pending: Map<string, AnyEvidence>) {
    this.#database = database;
    this.#pending = pending;
  }

  static async load(database: Database): Promise<EvidencePool> {
    const pending = new Map<string, AnyEvidence>();
    const range = { gte: bytesKey(kinds.pending, noBytes), lt: bytesKey(kinds.pending, Buffer.alloc(33, 0xff)) };
    for await (const [, value] of database.entries(range)) {
      const evidence = anyOf(Evidence.decode(value));
      pending.set(nameOf(evidence), evidence);
    }
    return new EvidencePool(database, pending);
  }

  /** Answers with the hash; the same evidence again is answered alike and changes nothing. */
  async add(evidence: AnyEvidence, state: EngineState, blocks: BlockStore): Promise<Uint8Array> {
    const basic = "conflictingBlock" in evidence ? basicAttackProblem(evidence) : basicProblem(evidence);
    if (basic !== undefined) throw new EvidenceError(`evidence.ValidateBasic failed: ${basic}`);
    const hash = evidenceHashOf(evidence);
    if (this.#pending.has(nameOf(evidence)) || (await this.#isCommitted(hash))) return hash;
    const problem = await chainProblem(evidence, state, blocks);
    if (problem !== undefined) {
      throw new EvidenceError(
        `failed to add evidence: Invalid evidence: ${problem}. Evidence: ${describeEvidence(evidence)}`,
      );
    }
    if (this.#pending.size >= pendingEvidenceMax) {
      throw new EvidenceError(`failed to add evidence: ${pendingEvidenceMax} pieces wait for a block already`);
    }
    await this.#database.batch([put(bytesKey(kinds.pending, hash), Evidence.encode(asEvidence(evidence)).finish())]);
    this.#pending.set(nameOf(evidence), evidence);
    return hash;
  }

  async #isCommitted(hash: Uint8Array): Promise<boolean> {
    return (await this.#database.get(bytesKey(kinds.committed, hash))) !== undefined;
  }

  get isEmpty(): boolean {
    return this.#pending.size === 0;
  }

  /** For the next block: what is not too old, as much as the parameters allow. */
  take(state: EngineState): Evidence[] {
    const taken: Evidence[] = [];
    let bytes = 0n;
    for (const evidence of this.#pending.values()) {
      if (isExpired(state, heightOf(evidence), evidence.timestamp ?? zeroTime)) {
        this.#pending.delete(nameOf(evidence));
        continue;
      }
      // The field's tag and length around the evidence in the list.
      bytes += BigInt(Evidence.encode(asEvidence(evidence)).finish().length + 5);
      if (bytes > state.params.evidence.maxBytes) break;
      taken.push(asEvidence(evidence));
    }
    return taken;
  }

  /** The writes that mark a block's evidence as committed, for the caller to put in its batch. */
  writes(list: readonly Evidence[]): Write[] {
    return list.map(anyOf).flatMap((evidence) => {
      this.#pending.delete(nameOf(evidence));
      const hash = evidenceHashOf(evidence);
      return [remove(bytesKey(kinds.pending, hash)), put(bytesKey(kinds.committed, hash), noBytes)];
    });
  }
}

const noBytes = new Uint8Array();
const nameOf = (evidence: AnyEvidence): string => hexUpper(evidenceHashOf(evidence));

/** types/evidence.go ValidateBasic. */
export function basicProblem({ voteA, voteB }: DuplicateVoteEvidence): string | undefined {
  if (voteA === undefined || voteB === undefined) {
    return `one or both of the votes are empty ${describeVote(voteA)}, ${describeVote(voteB)}`;
  }
  const a = voteProblem(voteA);
  if (a !== undefined) return `invalid VoteA: ${a}`;
  const b = voteProblem(voteB);
  if (b !== undefined) return `invalid VoteB: ${b}`;
  const inOrder = compareBytes(blockKey(voteA.blockId), blockKey(voteB.blockId)) < 0;
  return inOrder ? undefined : "duplicate votes in invalid order";
}

const hashBytes = 32;
const addressBytes = 20;
const signatureBytesMax = 64;

function voteProblem(vote: Vote): string | undefined {
  const isPrecommit = vote.type === SignedMsgType.SIGNED_MSG_TYPE_PRECOMMIT;
  if (!isPrecommit && vote.type !== SignedMsgType.SIGNED_MSG_TYPE_PREVOTE) return "invalid Type";
  if (vote.height <= 0n) return "negative or zero Height";
  if (vote.round < 0) return "negative Round";
  const id = blockIdProblem(vote.blockId);
  if (id !== undefined) return id;
  if (vote.validatorAddress.length !== addressBytes) {
    return `expected ValidatorAddress size to be ${addressBytes} bytes, got ${vote.validatorAddress.length} bytes`;
  }
  if (vote.validatorIndex < 0) return "negative ValidatorIndex";
  if (vote.signature.length === 0) return "signature is missing";
  if (vote.signature.length > signatureBytesMax) return `signature is too big (max: ${signatureBytesMax})`;
  return undefined;
}

function blockIdProblem(id: BlockID | undefined): string | undefined {
  const hash = id?.hash ?? noBytes;
  const parts = id?.partSetHeader ?? { total: 0, hash: noBytes };
  if (hash.length !== 0 && hash.length !== hashBytes) return "wrong BlockID: wrong Hash";
  if (parts.hash.length !== 0 && parts.hash.length !== hashBytes) {
    const text = `expected size to be ${hashBytes} bytes, got ${parts.hash.length} bytes`;
    return `wrong BlockID: wrong PartSetHeader: wrong Hash: ${text}`;
  }
  const isZero = hash.length === 0 && parts.total === 0 && parts.hash.length === 0;
  const isComplete = hash.length === hashBytes && parts.total > 0 && parts.hash.length === hashBytes;
  if (isZero || isComplete) return undefined;
  const shown = `${hexUpper(hash)}:${parts.total}:${hexUpper(parts.hash.subarray(0, 6)).padEnd(12, "0")}`;
  return `blockID must be either empty or complete, got: ${shown}`;
}

/** types/block.go BlockID.Key: the hash, then the parts' header as protobuf. */
function blockKey(id: BlockID | undefined): Buffer {
  const { total, hash } = id?.partSetHeader ?? { total: 0, hash: noBytes };
  const header = Buffer.alloc(4);
  header.writeUInt32BE(total);
  return Buffer.concat([id?.hash ?? noBytes, header, hash]);
}

function isExpired(state: EngineState, height: bigint, time: NonNullable<Vote["timestamp"]>): boolean {
  const { maxAgeNumBlocks, maxAgeDuration } = state.params.evidence;
  const nanos = (at: NonNullable<Vote["timestamp"]>) => at.seconds * BigInt(nanosPerSecond) + BigInt(at.nanos);
  const age = nanos(state.lastBlockTime) - nanos(time);
  const ageMax = (maxAgeDuration?.seconds ?? 0n) * BigInt(nanosPerSecond) + BigInt(maxAgeDuration?.nanos ?? 0);
  return state.lastBlockHeight - height > maxAgeNumBlocks && age > ageMax;
}

/** evidence/verify.go. */
async function chainProblem(
  evidence: AnyEvidence,
  state: EngineState,
  blocks: BlockStore,
): Promise<string | undefined> {
  const height = heightOf(evidence);
  const meta = height > state.lastBlockHeight ? undefined : await blocks.meta(height);
  if (meta === undefined) return `don't have header #${height}`;
  const time = evidence.timestamp ?? zeroTime;
  if (compareTimes(time, meta.header.time) !== 0) {
    const [told, found] = [goTime(time), goTime(meta.header.time)];
    return `evidence has a different time to the block it is associated with (${told} != ${found})`;
  }
  if (isExpired(state, height, time)) {
    const { maxAgeNumBlocks } = state.params.evidence;
    return `evidence from height ${height} (created at: ${goTime(time)}) is too old; min height is ${
      state.lastBlockHeight - maxAgeNumBlocks
    }`;
  }
  if ("conflictingBlock" in evidence) return attackProblem(evidence, state, blocks);
  const set = await blocks.validators(height);
  if (set === undefined) return `could not find validator set for height #${height}`;
  return voteProblems(evidence, state.chainId, set);
}

function voteProblems(
  evidence: DuplicateVoteEvidence,
  chainId: string,
  set: Parameters<typeof findValidator>[0],
): string | undefined {
  const { voteA: a, voteB: b } = evidence;
  if (a === undefined || b === undefined) return "one or both of the votes are empty";
  const validator = findValidator(set, a.validatorAddress);
  if (validator === undefined) {
    return `address ${hexUpper(a.validatorAddress)} was not a validator at height ${a.height}`;
  }
  if (a.height !== b.height || a.round !== b.round || a.type !== b.type) {
    return `h/r/s does not match: ${step(a)} vs ${step(b)}`;
  }
  if (compareBytes(a.validatorAddress, b.validatorAddress) !== 0) {
    return `validator addresses do not match: ${hexUpper(a.validatorAddress)} vs ${hexUpper(b.validatorAddress)}`;
  }
  if (validator.votingPower !== evidence.validatorPower) {
    const [told, found] = [evidence.validatorPower, validator.votingPower];
    return `validator power from evidence and our validator set does not match (${told} != ${found})`;
  }
  const total = totalPower(set);
  if (total !== evidence.totalVotingPower) {
    return `total voting power from the evidence and our validator set does not match (${evidence.totalVotingPower} != ${total})`;
  }
  const key = validator.pubKey?.ed25519;
  if (key === undefined || !isSigned(chainId, a, key)) return "verifying VoteA: invalid signature";
  return isSigned(chainId, b, key) ? undefined : "verifying VoteB: invalid signature";
}

const step = ({ height, round, type }: Vote): string => `${height}/${round}/${typeNames[type]?.[0] ?? type}`;

function isSigned(chainId: string, vote: Vote, key: Uint8Array): boolean {
  const { type, height, round, timestamp } = vote;
  const blockId = vote.blockId ?? { hash: noBytes, partSetHeader: undefined };
  const bytes = voteSignBytes(chainId, { type, height, round, blockId, timestamp: timestamp ?? zeroTime });
  return vote.signature.length === signatureBytesMax && verifyEd25519(key, vote.signature, bytes);
}

const typeNames: Readonly<Record<number, readonly [string, string]>> = {
  [SignedMsgType.SIGNED_MSG_TYPE_PREVOTE]: ["SIGNED_MSG_TYPE_PREVOTE", "Prevote"],
  [SignedMsgType.SIGNED_MSG_TYPE_PRECOMMIT]: ["SIGNED_MSG_TYPE_PRECOMMIT", "Precommit"],
};

const fingerprint = (bytes: Uint8Array): string => hexUpper(bytes.subarray(0, 6)).padEnd(12, "0");

/** types/vote.go String. */
export function describeVote(vote: Vote | undefined): string {
  if (vote === undefined) return "nil-Vote";
  const [type, name] = typeNames[vote.type] ?? [String(vote.type), "unknown"];
  const where = `${vote.validatorIndex}:${fingerprint(vote.validatorAddress)} ${vote.height}/${String(vote.round).padStart(2, "0")}`;
  const what = [vote.blockId?.hash ?? noBytes, vote.signature, vote.extension].map(fingerprint).join(" ");
  return `Vote{${where}/${type}(${name}) ${what} @ ${toRfc3339(vote.timestamp ?? zeroTime)}}`;
}

function describeEvidence(evidence: AnyEvidence): string {
  if ("conflictingBlock" in evidence) {
    const { commonHeight, byzantineValidators, totalVotingPower } = evidence;
    const blamed = byzantineValidators.map(({ address }) => hexUpper(address)).join(" ");
    const what = `CommonHeight: ${commonHeight}, ByzatineValidators: [${blamed}], TotalVotingPower: ${totalVotingPower}`;
    return `LightClientAttackEvidence{${what}}#${nameOf(evidence)}`;
  }
  return `DuplicateVoteEvidence{VoteA: ${describeVote(evidence.voteA)}, VoteB: ${describeVote(evidence.voteB)}}`;
}
