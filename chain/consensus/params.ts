/** Consensus parameters: defaults, checks and updates as CometBFT's types/params.go has them. Owns no state. */
import type {
  ABCIParams,
  BlockParams,
  ConsensusParams,
  EvidenceParams,
  ValidatorParams,
  VersionParams,
} from "../../proto/gen/tendermint/types/params.ts";
import { nanosPerSecond } from "./time.ts";

/** CometBFT's ceiling for a block. */
export const blockBytesMax = 104_857_600n;

export interface CompleteParams extends ConsensusParams {
  block: BlockParams;
  evidence: EvidenceParams;
  validator: ValidatorParams;
  version: VersionParams;
  abci: ABCIParams;
}

export const defaultConsensusParams = (): CompleteParams => ({
  block: { maxBytes: 22_020_096n, maxGas: -1n },
  evidence: {
    maxAgeNumBlocks: 100_000n,
    maxAgeDuration: { seconds: 48n * 3600n, nanos: 0 },
    maxBytes: 1_048_576n,
  },
  validator: { pubKeyTypes: ["ed25519"] },
  version: { app: 0n },
  abci: { voteExtensionsEnableHeight: 0n },
});

/** An absent part of the update keeps what was there. */
export function updateParams(params: CompleteParams, update: ConsensusParams): CompleteParams {
  const updated = {
    block: update.block ?? params.block,
    evidence: update.evidence ?? params.evidence,
    validator: update.validator ?? params.validator,
    version: update.version ?? params.version,
    abci: update.abci ?? params.abci,
  };
  checkParams(updated);
  return updated;
}

const keyTypes = ["ed25519", "secp256k1"];

export function checkParams({ block, evidence, validator, abci }: CompleteParams): void {
  const refuse = (what: string): never => {
    throw new Error(`consensus parameters: ${what}`);
  };
  if (block.maxBytes === 0n || block.maxBytes < -1n) {
    refuse(`block.max_bytes must be -1 or greater than 0, and is ${block.maxBytes}`);
  }
  if (block.maxBytes > blockBytesMax) refuse(`block.max_bytes ${block.maxBytes} is above ${blockBytesMax}`);
  if (block.maxGas < -1n) refuse(`block.max_gas must be -1 or more, and is ${block.maxGas}`);
  if (evidence.maxAgeNumBlocks <= 0n) {
    refuse(`evidence.max_age_num_blocks must be greater than 0, and is ${evidence.maxAgeNumBlocks}`);
  }
  const age = evidence.maxAgeDuration;
  if (age === undefined || age.seconds * BigInt(nanosPerSecond) + BigInt(age.nanos) <= 0n) {
    refuse("evidence.max_age_duration must be greater than 0");
  }
  const bytesMax = block.maxBytes === -1n ? blockBytesMax : block.maxBytes;
  if (evidence.maxBytes < 0n || evidence.maxBytes > bytesMax) {
    refuse(`evidence.max_bytes must be between 0 and ${bytesMax}, and is ${evidence.maxBytes}`);
  }
  if (abci.voteExtensionsEnableHeight < 0n) refuse("abci.vote_extensions_enable_height cannot be negative");
  if (validator.pubKeyTypes.length === 0) refuse("validator.pub_key_types must name at least one type");
  const unknown = validator.pubKeyTypes.find((type) => !keyTypes.includes(type));
  if (unknown !== undefined) refuse(`validator.pub_key_types names ${unknown}; known are ${keyTypes.join(", ")}`);
}
