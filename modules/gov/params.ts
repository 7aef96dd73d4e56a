/** Gov's parameters: their defaults and what is wrong with others, in the words of cosmos-sdk x/gov/types/v1/params.go. Pure. */
import { accountAddress } from "../../chain/address.ts";
import { coinsFromProto, formatCoins, isAllGte, isValidCoins, type ProtoCoin } from "../../chain/coins.ts";
import { type Dec, decOne, formatDec, parseDec } from "../../chain/dec.ts";
import { ChainError } from "../../chain/errors.ts";
import type { Duration } from "../../chain/time.ts";
import type { Params } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import type { Params as WeirParams } from "../../proto/gen/weir/gov/v1/state.ts";

export type { Params, WeirParams };

const days = (count: bigint): Duration => ({ seconds: count * 86_400n, nanos: 0 });

const dec = (text: string): string => formatDec(parseDec(text));

/** The SDK's shares; deposits and times are this chain's own. */
export const defaultParams: Params = {
  minDeposit: [{ denom: "uweir", amount: "10000000000" }],
  maxDepositPeriod: days(7n),
  votingPeriod: days(7n),
  quorum: dec("0.334"),
  threshold: dec("0.5"),
  vetoThreshold: dec("0.334"),
  minInitialDepositRatio: dec("0.1"),
  proposalCancelRatio: dec("0.5"),
  proposalCancelDest: "",
  expeditedVotingPeriod: days(2n),
  expeditedThreshold: dec("0.667"),
  expeditedMinDeposit: [{ denom: "uweir", amount: "50000000000" }],
  burnVoteQuorum: false,
  burnProposalDepositPrevote: false,
  burnVoteVeto: true,
  minDepositRatio: dec("0.01"),
};

export const defaultWeirParams: WeirParams = {
  economicVotingPeriod: days(14n),
  economicDelay: days(14n),
  executionGasMax: 50_000_000n,
  votingProposalsMax: 100n,
  tallyPage: 10_000n,
};

export const secondsOf = (duration: Duration | undefined): bigint => duration?.seconds ?? 0n;

const nanosOf = (duration: Duration | undefined): bigint =>
  (duration?.seconds ?? 0n) * 1_000_000_000n + BigInt(duration?.nanos ?? 0);

/** As Go writes a time.Duration of whole seconds: "48h0m0s". */
function goDuration(duration: Duration | undefined): string {
  const seconds = secondsOf(duration);
  const [hours, minutes] = [seconds / 3_600n, (seconds / 60n) % 60n];
  if (hours > 0n) return `${hours}h${minutes}m${seconds % 60n}s`;
  return minutes > 0n ? `${minutes}m${seconds % 60n}s` : `${seconds}s`;
}

function depositsProblem({ minDeposit, expeditedMinDeposit }: Params): string | undefined {
  const [least, expedited] = [minDeposit, expeditedMinDeposit].map((coins: ProtoCoin[]) => coinsFromProto(coins));
  if (least!.length === 0 || !isValidCoins(least!)) return `invalid minimum deposit: ${formatCoins(least!)}`;
  if (expedited!.length === 0 || !isValidCoins(expedited!)) {
    return `invalid expedited minimum deposit: ${formatCoins(expedited!)}`;
  }
  if (!isAllGte(least!, expedited!)) return undefined;
  return `expedited minimum deposit must be greater than minimum deposit: ${formatCoins(expedited!)}`;
}

/** A share's value, or what is wrong with it in the SDK's words: its names and its bounds differ from one to the next. */
function shareOf(text: string, unreadable: string): Dec {
  try {
    return parseDec(text);
  } catch (error) {
    if (error instanceof ChainError) throw new ChainError("undefined", 1, `${unreadable}: ${error.message}`);
    throw error;
  }
}

function thresholdsProblem(params: Params): string | undefined {
  const quorum = shareOf(params.quorum, "invalid quorum string");
  if (quorum < 0n) return `quorom cannot be negative: ${formatDec(quorum)}`;
  if (quorum > decOne) return `quorom too large: ${params.quorum}`;
  const threshold = shareOf(params.threshold, "invalid threshold string");
  if (threshold <= 0n) return `vote threshold must be positive: ${formatDec(threshold)}`;
  if (threshold > decOne) return `vote threshold too large: ${formatDec(threshold)}`;
  const expedited = shareOf(params.expeditedThreshold, "invalid expedited threshold string");
  if (expedited <= 0n) return `expedited vote threshold must be positive: ${formatDec(expedited)}`;
  if (expedited > decOne) return `expedited vote threshold too large: ${formatDec(expedited)}`;
  if (expedited <= threshold) {
    return `expedited vote threshold ${formatDec(expedited)}, must be greater than the regular threshold ${formatDec(threshold)}`;
  }
  const veto = shareOf(params.vetoThreshold, "invalid vetoThreshold string");
  if (veto <= 0n) return `veto threshold must be positive: ${formatDec(veto)}`;
  return veto > decOne ? `veto threshold too large: ${formatDec(veto)}` : undefined;
}

function periodsProblem({ maxDepositPeriod, votingPeriod, expeditedVotingPeriod }: Params): string | undefined {
  if (nanosOf(maxDepositPeriod) <= 0n) return `maximum deposit period must be positive: ${nanosOf(maxDepositPeriod)}`;
  if (nanosOf(votingPeriod) <= 0n) return `voting period must be positive: ${goDuration(votingPeriod)}`;
  if (nanosOf(expeditedVotingPeriod) <= 0n) {
    return `expedited voting period must be positive: ${goDuration(expeditedVotingPeriod)}`;
  }
  if (nanosOf(expeditedVotingPeriod) < nanosOf(votingPeriod)) return undefined;
  const [expedited, regular] = [goDuration(expeditedVotingPeriod), goDuration(votingPeriod)];
  return `expedited voting period ${expedited} must be strictly less that the regular voting period ${regular}`;
}

function ratiosProblem(params: Params): string | undefined {
  const initial = shareOf(params.minInitialDepositRatio, "invalid mininum initial deposit ratio of proposal");
  if (initial < 0n) return `mininum initial deposit ratio of proposal must be positive: ${formatDec(initial)}`;
  if (initial > decOne) return `mininum initial deposit ratio of proposal is too large: ${formatDec(initial)}`;
  const cancel = shareOf(params.proposalCancelRatio, "invalid burn rate of cancel proposal");
  if (cancel < 0n) return `burn rate of cancel proposal must be positive: ${formatDec(cancel)}`;
  if (cancel > decOne) return `burn rate of cancel proposal is too large: ${formatDec(cancel)}`;
  // The SDK reads it when a deposit comes; a text that is none would refuse them all.
  shareOf(params.minDepositRatio, "invalid minimum deposit ratio");
  return undefined;
}

function destinationProblem({ proposalCancelDest }: Params): string | undefined {
  if (proposalCancelDest === "") return undefined;
  try {
    accountAddress.decode(proposalCancelDest);
    return undefined;
  } catch (error) {
    if (error instanceof ChainError) return `deposits destination address is invalid: ${proposalCancelDest}`;
    throw error;
  }
}

/** Undefined when all is well. */
export function paramsProblem(params: Params): string | undefined {
  try {
    return (
      depositsProblem(params) ??
      thresholdsProblem(params) ??
      periodsProblem(params) ??
      ratiosProblem(params) ??
      destinationProblem(params)
    );
  } catch (error) {
    if (error instanceof ChainError) return error.message;
    throw error;
  }
}

/** What they mean together with the SDK's: the longer vote is longer. */
export function weirParamsProblem({ economicVotingPeriod }: WeirParams, { votingPeriod }: Params): string | undefined {
  if (nanosOf(economicVotingPeriod) >= nanosOf(votingPeriod)) return undefined;
  const [longer, normal] = [goDuration(economicVotingPeriod), goDuration(votingPeriod)];
  return `economic_voting_period is ${longer}; expected at least the voting_period, ${normal}`;
}

/** A vote may shorten a time of governance by half at most, so that whoever wins one vote has not won the next ones too. */
export function shortened(name: string, now: Duration | undefined, next: Duration | undefined): string | undefined {
  if (nanosOf(next) * 2n >= nanosOf(now)) return undefined;
  return `${name} would become ${goDuration(next)}; from ${goDuration(now)} one proposal may halve it at most`;
}
