/** Distribution's parameters: their defaults and what is wrong with others, in the words of cosmos-sdk x/distribution. Pure. */
import { type Dec, decFromProto, decOne, decToProto, formatDec, parseDec } from "../../chain/dec.ts";
import type { Params } from "../../proto/gen/cosmos/distribution/v1beta1/distribution.ts";

export const defaultParams: Params = {
  communityTax: decToProto(parseDec("0.02")),
  baseProposerReward: "0",
  bonusProposerReward: "0",
  withdrawAddrEnabled: true,
};

/** Not there is Go's nil, which counts as zero. */
const rewardOf = (text: string): Dec => (text === "" ? 0n : decFromProto(text));

/** What the last block's proposer gets before all others: base, and of the bonus as much as votes were in its commit. */
export interface ProposerReward {
  readonly base: Dec;
  readonly bonus: Dec;
}

export const proposerRewardOf = ({ baseProposerReward, bonusProposerReward }: Params): ProposerReward => ({
  base: rewardOf(baseProposerReward),
  bonus: rewardOf(bonusProposerReward),
});

export const communityTaxOf = ({ communityTax }: Params): Dec => decFromProto(communityTax);

/** Zeros written out, as they are stored. */
export const completeParams = (params: Params): Params => ({
  ...params,
  baseProposerReward: decToProto(rewardOf(params.baseProposerReward)),
  bonusProposerReward: decToProto(rewardOf(params.bonusProposerReward)),
});

/** Undefined when all is well. */
export function paramsProblem(params: Params): string | undefined {
  if (params.communityTax === "") return "community tax must be not nil";
  const tax = communityTaxOf(params);
  if (tax < 0n) return `community tax must be positive: ${formatDec(tax)}`;
  if (tax > decOne) return `community tax too large: ${formatDec(tax)}`;
  const { base, bonus } = proposerRewardOf(params);
  if (base < 0n) return `base proposer reward must be positive: ${formatDec(base)}`;
  if (bonus < 0n) return `bonus proposer reward must be positive: ${formatDec(bonus)}`;
  const sum = tax + base + bonus;
  if (sum <= decOne) return undefined;
  return `sum of base, bonus proposer rewards, and community tax cannot be greater than one: ${formatDec(sum)}`;
}

/** Only a genesis may give proposers something: in the SDK these parameters are deprecated, and no message sets them. */
export const givesProposers = (params: Params): boolean => {
  const { base, bonus } = proposerRewardOf(params);
  return base !== 0n || bonus !== 0n;
};
