/**
 * The rules by which a header is believed because another one is, as CometBFT's light client has them (light/verifier.go): the next one
 * by the validators that the trusted one names, a later one by more than a third of the trusted one's. Owns the rules; fetches nothing.
 */
import { headerHash, validatorSetHash, voteSignBytes } from "../../chain/consensus/hashes.ts";
import { hexUpper } from "../../chain/consensus/json.ts";
import { addMillis, compareTimes, toRfc3339 } from "../../chain/consensus/time.ts";
import { verifyEd25519 } from "../../chain/crypto/ed25519.ts";
import { compareBytes } from "../../chain/store/types.ts";
import type { Timestamp } from "../../proto/gen/google/protobuf/timestamp.ts";
import { type CommitSig, SignedMsgType } from "../../proto/gen/tendermint/types/types.ts";
import { BlockIDFlag, type Validator } from "../../proto/gen/tendermint/types/validator.ts";
import type { LightHeader, SignedHeader } from "./lightjson.ts";

/** A header with the validators that signed it. */
export interface LightBlock extends SignedHeader {
  readonly validators: readonly Validator[];
}

/** The header is not what it claims to be: somebody lies, or serves another chain. */
export class HeaderRefused extends Error {}

/** Too few of the trusted validators signed it: one in between may still lead there. */
export class TooFewKnown extends Error {}

/** CometBFT's: how far a block may be ahead of this clock. */
const clockDriftMillisMax = 10_000;

export const hashOf = ({ header }: SignedHeader): string => hexUpper(headerHash(header));

const powerOf = (validators: readonly Validator[]): bigint => validators.reduce((sum, v) => sum + v.votingPower, 0n);

export interface Clock {
  readonly now: Timestamp;
  /** How long a header stays trusted: below the time in which stake can be withdrawn. */
  readonly trustMillisMax: number;
}

/** Throws HeaderRefused, or TooFewKnown. */
export function verifyHeader(trusted: LightBlock, next: LightBlock, { now, trustMillisMax }: Clock): void {
  const expires = addMillis(trusted.header.time, trustMillisMax);
  if (compareTimes(expires, now) <= 0) {
    throw new HeaderRefused(
      `the trusted header of height ${trusted.header.height} is of ${toRfc3339(trusted.header.time)}, too long ago to go on from: trust a newer one`,
    );
  }
  verifyConsistent(next, trusted.header.chainId);
  verifyLater(trusted, next, now);
  if (next.header.height === trusted.header.height + 1n) {
    if (compareBytes(next.header.validatorsHash, trusted.header.nextValidatorsHash) !== 0) {
      throw new HeaderRefused(
        `the validators of height ${next.header.height} are not those that the block before it names`,
      );
    }
  } else {
    verifyThird(trusted, next);
  }
  verifyTwoThirds(next);
}

/** What a block says of itself fits together: chain, hash, height and validators. */
export function verifyConsistent(block: LightBlock, chainId: string): void {
  const { header, commit, validators } = block;
  const refuse = (what: string): never => {
    throw new HeaderRefused(`the header of height ${header.height} ${what}`);
  };
  if (header.chainId !== chainId) refuse(`is of the chain ${header.chainId}, not ${chainId}`);
  if (commit.height !== header.height) refuse(`comes with the commit of height ${commit.height}`);
  if (hexUpper(commit.blockId.hash) !== hashOf(block)) refuse("is not the one that was signed");
  const hash = validatorSetHash({ validators: [...validators], proposer: undefined, totalVotingPower: 0n });
  if (compareBytes(hash, header.validatorsHash) !== 0) refuse("comes with other validators than it names");
}

function verifyLater(trusted: LightBlock, { header }: LightBlock, now: Timestamp): void {
  if (header.height <= trusted.header.height) {
    throw new HeaderRefused(
      `the header of height ${header.height} is not above the trusted one, ${trusted.header.height}`,
    );
  }
  if (compareTimes(header.time, trusted.header.time) <= 0) {
    throw new HeaderRefused(`the header of height ${header.height} is of no later time than the trusted one below it`);
  }
  if (compareTimes(header.time, addMillis(now, clockDriftMillisMax)) >= 0) {
    throw new HeaderRefused(
      `the header of height ${header.height} is of ${toRfc3339(header.time)}: is this clock right?`,
    );
  }
}

/** More than two thirds of a block's own validators signed it. */
export function verifyTwoThirds(block: LightBlock): void {
  const { header, commit, validators } = block;
  if (commit.signatures.length !== validators.length) {
    throw new HeaderRefused(
      `the commit of height ${header.height} has ${commit.signatures.length} signatures of ${validators.length} validators`,
    );
  }
  const needed = (powerOf(validators) * 2n) / 3n;
  const signed = signedPower(block, needed, (_, index) => validators[index]);
  if (signed > needed) return;
  throw new HeaderRefused(
    `the header of height ${header.height} is signed by ${signed} of its validators' power, more than ${needed} is needed`,
  );
}

function verifyThird(trusted: LightBlock, next: LightBlock): void {
  const known = new Map(trusted.validators.map((validator) => [hexUpper(validator.address), validator]));
  const needed = powerOf(trusted.validators) / 3n;
  const signed = signedPower(next, needed, ({ validatorAddress }) => known.get(hexUpper(validatorAddress)));
  if (signed > needed) return;
  throw new TooFewKnown(
    `the header of height ${next.header.height} is signed by ${signed} of the power of height ${trusted.header.height}, more than ${needed} is needed`,
  );
}

/** Counts no further than is needed. Each vote counts once, and a wrong signature spoils all. */
function signedPower(
  { header, commit }: LightBlock,
  needed: bigint,
  find: (signature: CommitSig, index: number) => Validator | undefined,
): bigint {
  const counted = new Set<Validator>();
  let power = 0n;
  for (const [index, signature] of commit.signatures.entries()) {
    if (signature.blockIdFlag !== BlockIDFlag.BLOCK_ID_FLAG_COMMIT) continue;
    const validator = find(signature, index);
    if (validator === undefined) continue;
    const name = hexUpper(validator.address);
    if (counted.has(validator))
      throw new HeaderRefused(`the commit of height ${header.height} counts a vote of ${name} twice`);
    if (!isSigned(header.chainId, commit, signature, validator)) {
      throw new HeaderRefused(`the commit of height ${header.height} has a wrong signature of ${name}`);
    }
    counted.add(validator);
    power += validator.votingPower;
    if (power > needed) break;
  }
  return power;
}

function isSigned(
  chainId: string,
  { height, round, blockId }: LightBlock["commit"],
  { timestamp, signature, validatorAddress }: CommitSig,
  { address, pubKey }: Validator,
): boolean {
  const key = pubKey?.ed25519;
  if (key === undefined || timestamp === undefined || compareBytes(validatorAddress, address) !== 0) return false;
  const type = SignedMsgType.SIGNED_MSG_TYPE_PRECOMMIT;
  return verifyEd25519(key, signature, voteSignBytes(chainId, { type, height, round, blockId, timestamp }));
}

/** A header below a trusted one: the chain of hashes leads to it. */
export function verifyBelow(trusted: LightHeader, below: LightHeader): void {
  if (compareBytes(headerHash(below), trusted.lastBlockId.hash) === 0) return;
  throw new HeaderRefused(`the header of height ${below.height} is not the one that the header above it names`);
}
