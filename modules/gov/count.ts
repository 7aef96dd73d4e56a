/**
 * The arithmetic of a count of votes, to the last rounding that of cosmos-sdk x/gov/keeper/tally.go: whoever votes speaks for all that it
 * has delegated, a validator for what its delegators did not speak for. Sums only, so that the order of votes does not matter. Pure.
 */
import {
  type Dec,
  decAdd,
  decFromInt,
  decMul,
  decMulInt,
  decQuo,
  decSub,
  decTruncateInt,
  parseDec,
} from "../../chain/dec.ts";
import {
  type Params,
  type TallyResult,
  VoteOption,
  type WeightedVoteOption,
} from "../../proto/gen/cosmos/gov/v1/gov.ts";

/** A validator as it was when the vote ended. */
export interface CountedValidator {
  readonly bondedTokens: bigint;
  readonly delegatorShares: Dec;
  /** Shares whose owners voted themselves. */
  deductions: Dec;
  vote: readonly WeightedVoteOption[];
}

export interface Sums {
  yes: Dec;
  abstain: Dec;
  no: Dec;
  noWithVeto: Dec;
  /** Of all who voted. */
  power: Dec;
}

export const noVotes = (): Sums => ({ yes: 0n, abstain: 0n, no: 0n, noWithVeto: 0n, power: 0n });

type Option = Exclude<keyof Sums, "power">;

const optionNames: ReadonlyMap<number, Option> = new Map([
  [VoteOption.VOTE_OPTION_YES, "yes"],
  [VoteOption.VOTE_OPTION_ABSTAIN, "abstain"],
  [VoteOption.VOTE_OPTION_NO, "no"],
  [VoteOption.VOTE_OPTION_NO_WITH_VETO, "noWithVeto"],
] as const);

export const isOption = (option: number): boolean => optionNames.has(option);

/** A vote as it is counted: its weights read once, not once a delegation. */
export type Weights = readonly (readonly [option: Option, weight: Dec])[];

export const weightsOf = (options: readonly WeightedVoteOption[]): Weights =>
  options.map(({ option, weight }) => [optionNames.get(option)!, parseDec(weight)]);

function addPower(sums: Sums, weights: Weights, power: Dec): void {
  for (const [option, weight] of weights) sums[option] = decAdd(sums[option], decMul(power, weight));
  sums.power = decAdd(sums.power, power);
}

/** What a voter has delegated to a validator speaks as the voter does, and not as the validator. */
export function countDelegation(sums: Sums, weights: Weights, validator: CountedValidator, shares: Dec): void {
  const { bondedTokens, delegatorShares } = validator;
  validator.deductions = decAdd(validator.deductions, shares);
  addPower(sums, weights, decQuo(decMulInt(shares, bondedTokens), delegatorShares));
}

/** Validators speak for those who did not: once, when every vote is counted. */
export function countValidator(sums: Sums, validator: CountedValidator): void {
  const { bondedTokens, delegatorShares, deductions, vote } = validator;
  if (vote.length === 0) return;
  const left = decSub(delegatorShares, deductions);
  addPower(sums, weightsOf(vote), decQuo(decMulInt(left, bondedTokens), delegatorShares));
}

/** Whole tokens: what is below one of each option is cut off. */
export const resultOf = ({ yes, abstain, no, noWithVeto }: Sums): TallyResult => ({
  yesCount: `${decTruncateInt(yes)}`,
  abstainCount: `${decTruncateInt(abstain)}`,
  noCount: `${decTruncateInt(no)}`,
  noWithVetoCount: `${decTruncateInt(noWithVeto)}`,
});

export interface Decision {
  readonly passes: boolean;
  readonly burnsDeposits: boolean;
}

const refusal: Decision = { passes: false, burnsDeposits: false };

export function decide(sums: Sums, bondedTokens: bigint, params: Params, expedited: boolean): Decision {
  if (bondedTokens === 0n) return refusal;
  const { power, abstain } = sums;
  if (decQuo(power, decFromInt(bondedTokens)) < parseDec(params.quorum)) {
    return { passes: false, burnsDeposits: params.burnVoteQuorum };
  }
  const decided = decSub(power, abstain);
  if (decided === 0n) return refusal;
  if (decQuo(sums.noWithVeto, power) > parseDec(params.vetoThreshold)) {
    return { passes: false, burnsDeposits: params.burnVoteVeto };
  }
  const threshold = parseDec(expedited ? params.expeditedThreshold : params.threshold);
  return decQuo(sums.yes, decided) > threshold ? { passes: true, burnsDeposits: false } : refusal;
}
