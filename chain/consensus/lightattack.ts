/**
 * Evidence of an attack on light clients: a block that validators signed and the chain does not have. Owns its check against the chain (as
 * CometBFT's evidence/verify.go, with its texts), its hash, and who is to blame; evidence.ts owns what waits for a block.
 */
import { type Misbehavior, MisbehaviorType } from "../../proto/gen/tendermint/abci/types.ts";
import type { LightClientAttackEvidence } from "../../proto/gen/tendermint/types/evidence.ts";
import type { BlockID, Commit, CommitSig, Header, LightBlock } from "../../proto/gen/tendermint/types/types.ts";
import { SignedMsgType } from "../../proto/gen/tendermint/types/types.ts";
import { BlockIDFlag, type Validator, type ValidatorSet } from "../../proto/gen/tendermint/types/validator.ts";
import { verifyEd25519 } from "../crypto/ed25519.ts";
import { sha256 } from "../crypto/hash.ts";
import { compareBytes } from "../store/types.ts";
import { blockProtocol, emptyBlockId } from "./block.ts";
import type { BlockStore } from "./block-store.ts";
import { headerHash, validatorSetHash, voteSignBytes } from "./hashes.ts";
import { hexUpper } from "./json.ts";
import type { EngineState } from "./state.ts";
import { compareTimes, goTime, zeroTime } from "./time.ts";
import { byPowerThenAddress, consensusAddress, findValidator, totalPower } from "./validators.ts";

/** A conflicting block whose parts are there. */
interface ConflictingBlock {
  readonly header: Header;
  readonly commit: Commit;
  readonly validators: ValidatorSet;
}

interface SignedHeader {
  readonly header: Header;
  readonly commit: Commit;
}

const hashBytes = 32;

function partsOf(block: LightBlock | undefined): ConflictingBlock | string {
  if (block === undefined) return "conflicting block is nil";
  const { signedHeader, validatorSet } = block;
  if (signedHeader === undefined) return "conflicting block missing signed header";
  const { header, commit } = signedHeader;
  if (header === undefined) return "conflicting block missing header";
  if (validatorSet === undefined) return "invalid conflicting light block: missing validator set";
  if (commit === undefined) return "invalid conflicting light block: invalid signed header: missing commit";
  return { header, commit, validators: validatorSet };
}

/** Of what passed the basic check. */
function requireParts({ conflictingBlock }: LightClientAttackEvidence): ConflictingBlock {
  const parts = partsOf(conflictingBlock);
  if (typeof parts === "string") throw new Error(parts);
  return parts;
}

/** types/evidence.go ValidateBasic. */
export function basicAttackProblem(evidence: LightClientAttackEvidence): string | undefined {
  const parts = partsOf(evidence.conflictingBlock);
  if (typeof parts === "string") return parts;
  if (evidence.totalVotingPower <= 0n) return "negative or zero total voting power";
  if (evidence.commonHeight <= 0n) return "negative or zero common height";
  const { height } = parts.header;
  if (evidence.commonHeight > height) {
    return `common height is ahead of the conflicting block height (${evidence.commonHeight} > ${height})`;
  }
  const problem = blockProblem(parts);
  return problem === undefined ? undefined : `invalid conflicting light block: ${problem}`;
}

function blockProblem({ header, commit, validators }: ConflictingBlock): string | undefined {
  const inHeader = headerProblem(header);
  if (inHeader !== undefined) return `invalid signed header: invalid header: ${inHeader}`;
  const inCommit = commitProblem(commit);
  if (inCommit !== undefined) return `invalid signed header: invalid commit: ${inCommit}`;
  if (commit.height !== header.height) {
    return `invalid signed header: header and commit height mismatch: ${header.height} vs ${commit.height}`;
  }
  const signed = commit.blockId?.hash ?? new Uint8Array();
  const hash = headerHash(header);
  if (compareBytes(signed, hash) !== 0) {
    return `invalid signed header: commit signs block ${hexUpper(signed)}, header is block ${hexUpper(hash)}`;
  }
  const inSet = setProblem(validators);
  if (inSet !== undefined) return `invalid validator set: ${inSet}`;
  const setHash = validatorSetHash(validators);
  if (compareBytes(header.validatorsHash, setHash) === 0) return undefined;
  return `expected validator hash of header to match validator set hash (${hexUpper(header.validatorsHash)} != ${hexUpper(setHash)})`;
}

function setProblem({ validators, proposer }: ValidatorSet): string | undefined {
  if (validators.length === 0) return "validator set is nil or empty";
  for (const [i, validator] of validators.entries()) {
    const problem = validatorProblem(validator);
    if (problem !== undefined) return `invalid validator #${i}: ${problem}`;
  }
  const problem = validatorProblem(proposer);
  if (problem !== undefined) return `proposer failed validate basic, error: ${problem}`;
  const isIn = validators.some(({ address }) => compareBytes(address, proposer?.address ?? address) === 0);
  return isIn ? undefined : "proposer not in validator set";
}

function validatorProblem(validator: Validator | undefined): string | undefined {
  if (validator === undefined) return "nil validator";
  const { address, pubKey, votingPower } = validator;
  if (pubKey === undefined) return "validator does not have a public key";
  if (votingPower < 0n) return "validator has negative voting power";
  const derived = consensusAddress(pubKey);
  if (compareBytes(derived, address) === 0) return undefined;
  return `validator address is incorrectly derived from pubkey. Exp: ${hexUpper(derived)}, got ${hexUpper(address)}`;
}

function headerProblem(header: Header): string | undefined {
  const { version, time, lastBlockId, height } = header;
  if (version?.block !== blockProtocol) {
    return `block protocol is incorrect: got: ${version?.block ?? 0n}, want: ${blockProtocol} `;
  }
  if (height <= 0n) return height === 0n ? "zero Height" : "negative Height";
  if (time === undefined || lastBlockId === undefined) return "a header names its time and the block before";
  const hashes = {
    LastCommitHash: header.lastCommitHash,
    DataHash: header.dataHash,
    EvidenceHash: header.evidenceHash,
    ValidatorsHash: header.validatorsHash,
    NextValidatorsHash: header.nextValidatorsHash,
    ConsensusHash: header.consensusHash,
    LastResultsHash: header.lastResultsHash,
  };
  for (const [name, { length }] of Object.entries(hashes)) {
    if (length !== 0 && length !== hashBytes) return `wrong ${name}: expected size to be 32 bytes, got ${length} bytes`;
  }
  return undefined;
}

function commitProblem({ height, round, blockId, signatures }: Commit): string | undefined {
  if (height < 0n) return "negative Height";
  if (round < 0) return "negative Round";
  if (height === 0n) return undefined;
  if ((blockId?.hash.length ?? 0) === 0) return "commit cannot be for nil block";
  return signatures.length === 0 ? "no signatures in commit" : undefined;
}

/** types/evidence.go Hash: the last byte of the block's hash is not in it, and the height is a signed varint. */
export function attackHash(evidence: LightClientAttackEvidence): Uint8Array {
  const { header } = requireParts(evidence);
  const height: number[] = [];
  let rest = evidence.commonHeight << 1n;
  for (; rest >= 0x80n; rest >>= 7n) height.push(Number(rest & 0x7fn) | 0x80);
  height.push(Number(rest));
  const bytes = new Uint8Array(hashBytes + height.length);
  bytes.set(headerHash(header).subarray(0, hashBytes - 1));
  bytes.set(height, hashBytes);
  return sha256(bytes);
}

export const attackMisbehavior = (evidence: LightClientAttackEvidence): Misbehavior[] =>
  evidence.byzantineValidators.map(({ address, votingPower }) => ({
    type: MisbehaviorType.LIGHT_CLIENT_ATTACK,
    validator: { address, power: votingPower },
    height: evidence.commonHeight,
    time: evidence.timestamp,
    totalVotingPower: evidence.totalVotingPower,
  }));

async function signedHeader(blocks: BlockStore, height: bigint): Promise<SignedHeader | string> {
  const meta = await blocks.meta(height);
  if (meta === undefined) return `don't have header at height #${height}`;
  const commit = await blocks.commit(height);
  return commit === undefined ? `don't have commit at height #${height}` : { header: meta.header, commit };
}

/** evidence/verify.go, after the time and the age were checked. */
export async function attackProblem(
  evidence: LightClientAttackEvidence,
  state: EngineState,
  blocks: BlockStore,
): Promise<string | undefined> {
  const conflicting = requireParts(evidence);
  const common = await signedHeader(blocks, evidence.commonHeight);
  if (typeof common === "string") return common;
  const commonSet = await blocks.validators(evidence.commonHeight);
  if (commonSet === undefined) return `could not find validator set for height #${evidence.commonHeight}`;
  const { header } = conflicting;
  // A block ahead of the chain is compared with the newest that there is.
  const isAhead = header.height > state.lastBlockHeight;
  const trusted = await signedHeader(blocks, isAhead ? state.lastBlockHeight : header.height);
  if (typeof trusted === "string") return trusted;
  const [known, shown] = [trusted.header.time ?? zeroTime, header.time ?? zeroTime];
  if (isAhead && compareTimes(known, shown) < 0) {
    return `latest block time (${goTime(known)}) is before conflicting block time (${goTime(shown)})`;
  }
  return (
    signatureProblem(evidence, conflicting, trusted, commonSet, state.chainId) ??
    blameProblem(evidence, conflicting, trusted, commonSet)
  );
}

function signatureProblem(
  evidence: LightClientAttackEvidence,
  { header, commit, validators }: ConflictingBlock,
  trusted: SignedHeader,
  commonSet: ValidatorSet,
  chainId: string,
): string | undefined {
  if (header.height !== evidence.commonHeight) {
    const problem = tally(commit, chainId, totalPower(commonSet) / 3n, ({ validatorAddress }) =>
      findValidator(commonSet, validatorAddress),
    );
    if (problem !== undefined) return `skipping verification of conflicting block failed: ${problem}`;
  } else if (isInvalid(header, trusted.header)) {
    return (
      "common height is the same as conflicting block height so expected the conflicting" +
      " block to be correctly derived yet it wasn't"
    );
  }
  const own = ownCommitProblem(commit, validators, chainId);
  if (own !== undefined) return `invalid commit from conflicting block: ${own}`;
  const total = totalPower(commonSet);
  if (evidence.totalVotingPower !== total) {
    return `total voting power from the evidence and our validator set does not match (${evidence.totalVotingPower} != ${total})`;
  }
  const [shown, known] = [header.time ?? zeroTime, trusted.header.time ?? zeroTime];
  if (header.height > trusted.header.height && compareTimes(shown, known) > 0) {
    return `conflicting block doesn't violate monotonically increasing time (${goTime(shown)} is after ${goTime(known)})`;
  }
  const hash = headerHash(trusted.header);
  if (compareBytes(hash, headerHash(header)) !== 0) return undefined;
  return `trusted header hash matches the evidence's conflicting header hash: ${hexUpper(hash)}`;
}

function ownCommitProblem(commit: Commit, { validators }: ValidatorSet, chainId: string): string | undefined {
  if (validators.length !== commit.signatures.length) {
    return `invalid commit -- wrong set size: ${validators.length} vs ${commit.signatures.length}`;
  }
  const misplaced = commit.signatures.findIndex(
    ({ blockIdFlag, validatorAddress }, i) =>
      blockIdFlag === BlockIDFlag.BLOCK_ID_FLAG_COMMIT && compareBytes(validators[i]!.address, validatorAddress) !== 0,
  );
  if (misplaced >= 0) {
    const [expected, got] = [validators[misplaced]!.address, commit.signatures[misplaced]!.validatorAddress];
    return `validator address mismatch at index ${misplaced}: expected ${hexUpper(expected)}, got ${hexUpper(got)}`;
  }
  const total = validators.reduce((sum, { votingPower }) => sum + votingPower, 0n);
  return tally(commit, chainId, (total * 2n) / 3n, (_, i) => validators[i]);
}

/** Every signature for the block must be right, and together they need more than `needed`. */
function tally(
  commit: Commit,
  chainId: string,
  needed: bigint,
  validatorOf: (signature: CommitSig, index: number) => Validator | undefined,
): string | undefined {
  const seen = new Set<Validator>();
  let got = 0n;
  for (const [index, signature] of commit.signatures.entries()) {
    if (signature.blockIdFlag !== BlockIDFlag.BLOCK_ID_FLAG_COMMIT) continue;
    const validator = validatorOf(signature, index);
    if (validator === undefined) continue;
    if (seen.has(validator)) return `double vote from ${hexUpper(validator.address)} (at ${index})`;
    seen.add(validator);
    if (!isSigned(commit, signature, validator, chainId)) {
      return `wrong signature (#${index}): ${hexUpper(signature.signature)}`;
    }
    got += validator.votingPower;
  }
  if (got > needed) return undefined;
  return `invalid commit -- insufficient voting power: got ${got}, needed more than ${needed}`;
}

function isSigned(
  { height, round, blockId }: Commit,
  given: CommitSig,
  validator: Validator,
  chainId: string,
): boolean {
  const key = validator.pubKey?.ed25519;
  const type = SignedMsgType.SIGNED_MSG_TYPE_PRECOMMIT;
  const id: BlockID = blockId ?? emptyBlockId;
  const bytes = voteSignBytes(chainId, { type, height, round, blockId: id, timestamp: given.timestamp ?? zeroTime });
  return key !== undefined && given.signature.length === 64 && verifyEd25519(key, given.signature, bytes);
}

const derivedFields = ["validatorsHash", "nextValidatorsHash", "consensusHash", "appHash", "lastResultsHash"] as const;

/** Not what the state before would have led to: a lunatic attack. */
const isInvalid = (conflicting: Header, trusted: Header): boolean =>
  derivedFields.some((field) => compareBytes(conflicting[field], trusted[field]) !== 0);

/** Who signed what they must not have; nobody can be named when the rounds differ (amnesia). */
export function byzantineValidators(
  { header, commit, validators }: ConflictingBlock,
  trusted: SignedHeader,
  commonSet: ValidatorSet,
): Validator[] {
  const signsBlock = (signature: CommitSig | undefined) => signature?.blockIdFlag === BlockIDFlag.BLOCK_ID_FLAG_COMMIT;
  const signed = commit.signatures.filter(signsBlock);
  let guilty: (Validator | undefined)[] = [];
  if (isInvalid(header, trusted.header)) {
    guilty = signed.map(({ validatorAddress }) => findValidator(commonSet, validatorAddress));
  } else if (trusted.commit.round === commit.round) {
    guilty = commit.signatures
      .filter((signature, i) => signsBlock(signature) && signsBlock(trusted.commit.signatures[i]))
      .map(({ validatorAddress }) => findValidator(validators, validatorAddress));
  }
  return guilty.filter((validator) => validator !== undefined).sort(byPowerThenAddress);
}

function blameProblem(
  { byzantineValidators: named }: LightClientAttackEvidence,
  conflicting: ConflictingBlock,
  trusted: SignedHeader,
  commonSet: ValidatorSet,
): string | undefined {
  const guilty = byzantineValidators(conflicting, trusted, commonSet);
  if (guilty.length === 0 && named.length > 0) {
    return `expected nil validators from an amnesia light client attack but got ${named.length}`;
  }
  if (guilty.length !== named.length) {
    return `expected ${guilty.length} byzantine validators from evidence but got ${named.length}`;
  }
  for (const [i, { address, votingPower }] of guilty.entries()) {
    const { address: said, votingPower: power, pubKey } = named[i]!;
    if (compareBytes(said, address) !== 0) {
      return `evidence contained an unexpected byzantine validator address; expected: ${hexUpper(address)}, got: ${hexUpper(said)}`;
    }
    if (power !== votingPower) {
      return `evidence contained unexpected byzantine validator power; expected ${votingPower}, got ${power}`;
    }
    if (pubKey === undefined) return `byzantine validator at index ${i} has nil pubkey`;
    const derived = consensusAddress(pubKey);
    if (compareBytes(derived, said) !== 0) {
      return `byzantine validator at index ${i} has address ${hexUpper(said)} that does not match pubkey address ${hexUpper(derived)}`;
    }
  }
  return undefined;
}
