/** What CometBFT 0.38 accepts as consensus parameters (types/params.go ValidateBasic and ValidateUpdate), in its words. Pure. */
import type {
  ABCIParams,
  BlockParams,
  ConsensusParams,
  EvidenceParams,
  ValidatorParams,
} from "../../proto/gen/tendermint/types/params.ts";

/** CometBFT MaxBlockSizeBytes: 100 MiB. */
export const blockBytesMax = 104_857_600n;

export const publicKeyTypes: readonly string[] = ["ed25519", "secp256k1"];

/** CometBFT's defaults, for a genesis that says nothing. */
export const defaultConsensusParams: ConsensusParams = {
  block: { maxBytes: 22_020_096n, maxGas: -1n },
  evidence: { maxAgeNumBlocks: 100_000n, maxAgeDuration: { seconds: 172_800n, nanos: 0 }, maxBytes: 1_048_576n },
  validator: { pubKeyTypes: ["ed25519"] },
  version: { app: 0n },
  abci: { voteExtensionsEnableHeight: 0n },
};

/** Undefined when all is well. */
export function consensusParamsProblem({ block, evidence, validator, abci }: ConsensusParams): string | undefined {
  if (block === undefined || evidence === undefined || validator === undefined) return "all parameters must be present";
  return (
    blockProblem(block) ??
    evidenceProblem(evidence, block) ??
    (abci === undefined ? undefined : abciProblem(abci)) ??
    validatorProblem(validator)
  );
}

function blockProblem({ maxBytes, maxGas }: BlockParams): string | undefined {
  if (maxBytes === 0n) return "block.MaxBytes cannot be 0";
  if (maxBytes < -1n) return `block.MaxBytes must be -1 or greater than 0. Got ${maxBytes}`;
  if (maxBytes > blockBytesMax) return `block.MaxBytes is too big. ${maxBytes} > ${blockBytesMax}`;
  if (maxGas < -1n) return `block.MaxGas must be greater or equal to -1. Got ${maxGas}`;
  return undefined;
}

function evidenceProblem(evidence: EvidenceParams, block: BlockParams): string | undefined {
  const { maxAgeNumBlocks, maxAgeDuration, maxBytes } = evidence;
  if (maxAgeNumBlocks <= 0n) return `evidence.MaxAgeNumBlocks must be greater than 0. Got ${maxAgeNumBlocks}`;
  const { seconds, nanos } = maxAgeDuration ?? { seconds: 0n, nanos: 0 };
  if (seconds < 0n || nanos < 0 || (seconds === 0n && nanos === 0)) {
    return `evidence.MaxAgeDuration must be grater than 0 if provided, Got ${seconds}s`;
  }
  const bound = block.maxBytes === -1n ? blockBytesMax : block.maxBytes;
  if (maxBytes > bound) return `evidence.MaxBytesEvidence is greater than upper bound, ${maxBytes} > ${block.maxBytes}`;
  if (maxBytes < 0n) return `evidence.MaxBytes must be non negative. Got: ${maxBytes}`;
  return undefined;
}

function abciProblem({ voteExtensionsEnableHeight: height }: ABCIParams): string | undefined {
  return height < 0n ? `ABCI.VoteExtensionsEnableHeight cannot be negative. Got: ${height}` : undefined;
}

function validatorProblem({ pubKeyTypes }: ValidatorParams): string | undefined {
  if (pubKeyTypes.length === 0) return "len(Validator.PubKeyTypes) must be greater than 0";
  const unknown = pubKeyTypes.findIndex((type) => !publicKeyTypes.includes(type));
  if (unknown === -1) return undefined;
  return `params.Validator.PubKeyTypes[${unknown}], ${pubKeyTypes[unknown]}, is an unknown pubkey type`;
}

/** The height from which votes carry extensions may be set ahead and moved while it is ahead, never once it is reached. */
export function voteExtensionsProblem(
  current: bigint,
  next: ABCIParams | undefined,
  height: bigint,
): string | undefined {
  if (next === undefined) return undefined;
  const enable = next.voteExtensionsEnableHeight;
  if (enable < 0n) return "VoteExtensionsEnableHeight must be positive";
  if (enable === current || (current <= 0n && enable === 0n)) return undefined;
  const isReached = current > 0n && current <= height;
  if (enable === 0n) {
    if (!isReached) return undefined;
    return `vote extensions cannot be disabled once enabledold enable height: ${current}, current height ${height}`;
  }
  if (enable <= height) {
    return `vote extensions cannot be updated to a past or current height, enable height: ${enable}, current height ${height}`;
  }
  if (!isReached) return undefined;
  return `vote extensions cannot be modified once enabledenable height: ${current}, current height ${height}`;
}
