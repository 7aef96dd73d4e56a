/**
 * Counts the votes of proposals whose time is over, so many delegations a block, by the stakes of the block in which the vote ended
 * (docs/adr/0015): validators are noted then, and whoever voted is counted before a delegation of theirs changes (beforeDelegationsChange,
 * which staking calls). Owns the state of a count; what follows from it is conclude.ts, the arithmetic count.ts.
 */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { decFromProto, decToProto } from "../../chain/dec.ts";
import { uncountedGas } from "../../chain/gas.ts";
import type { Vote } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import type { Tally, TallyValidator } from "../../proto/gen/weir/gov/v1/state.ts";
import {
  bondedTokensOf,
  bondedValidatorsByPower,
  delegatorDelegations,
  getDelegation,
  operatorOf,
  totalBondedTokens,
} from "../staking/index.ts";
import { type CountedValidator, countDelegation, countValidator, noVotes, type Sums, weightsOf } from "./count.ts";
import { getParams } from "./keeper.ts";
import type { Params } from "./params.ts";
import { tallies, tallyValidators, votes } from "./state.ts";

/** What a block may still do of work that is spread over blocks; counted in delegations. */
export interface Budget {
  left: bigint;
}

export interface Count {
  readonly params: Params;
  readonly bondedTokens: bigint;
  readonly sums: Sums;
  /** By the operator's address as text. */
  readonly validators: Map<string, NotedValidator>;
  countedVotes: bigint;
}

interface NotedValidator extends CountedValidator {
  readonly operator: Uint8Array;
  /** Changed since it was read. */
  isChanged: boolean;
}

const keyOf = (address: Uint8Array): string => accountAddress.encode(address);

/** As things are now. */
export function beginCount(ctx: ReadContext): Count {
  const validators = new Map<string, NotedValidator>();
  for (const validator of bondedValidatorsByPower(ctx)) {
    const operator = operatorOf(validator);
    validators.set(keyOf(operator), {
      operator,
      bondedTokens: bondedTokensOf(validator),
      delegatorShares: validator.delegatorShares,
      deductions: 0n,
      vote: [],
      isChanged: true,
    });
  }
  return {
    params: getParams(ctx),
    bondedTokens: totalBondedTokens(ctx),
    sums: noVotes(),
    validators,
    countedVotes: 0n,
  };
}

// -------------------------------------------------------------------------------------------------------------- as it is stored

function sumsOf({ yes, abstain, no, noWithVeto, power }: Tally): Sums {
  const [a, b, c, d, e] = [yes, abstain, no, noWithVeto, power].map(decFromProto);
  return { yes: a!, abstain: b!, no: c!, noWithVeto: d!, power: e! };
}

const validatorOf = (operator: Uint8Array, stored: TallyValidator): NotedValidator => ({
  operator,
  bondedTokens: BigInt(stored.bondedTokens),
  delegatorShares: decFromProto(stored.delegatorShares),
  deductions: decFromProto(stored.deductions),
  vote: stored.vote,
  isChanged: false,
});

/** A count that goes on, or undefined. */
export function openCount(ctx: ReadContext, id: bigint): Count | undefined {
  const tally = tallies.get(ctx, id);
  if (tally === undefined) return undefined;
  const validators = new Map<string, NotedValidator>();
  for (const [[, operator], stored] of tallyValidators.iterate(ctx, { leading: [id] })) {
    validators.set(keyOf(operator), validatorOf(operator, stored));
  }
  return {
    params: tally.params!,
    bondedTokens: BigInt(tally.bondedTokens),
    sums: sumsOf(tally),
    validators,
    countedVotes: tally.countedVotes,
  };
}

export function storeCount(
  ctx: Context,
  id: bigint,
  { params, bondedTokens, sums, validators, countedVotes }: Count,
): void {
  tallies.set(ctx, id, {
    params,
    bondedTokens: `${bondedTokens}`,
    yes: decToProto(sums.yes),
    abstain: decToProto(sums.abstain),
    no: decToProto(sums.no),
    noWithVeto: decToProto(sums.noWithVeto),
    power: decToProto(sums.power),
    countedVotes,
  });
  for (const validator of validators.values()) {
    if (!validator.isChanged) continue;
    tallyValidators.set(ctx, [id, validator.operator], {
      bondedTokens: `${validator.bondedTokens}`,
      delegatorShares: decToProto(validator.delegatorShares),
      deductions: decToProto(validator.deductions),
      vote: [...validator.vote],
    });
  }
}

function forgetCount(ctx: Context, id: bigint): void {
  if (!tallies.has(ctx, id)) return;
  tallies.delete(ctx, id);
  for (const operator of [...tallyValidators.keys(ctx, { leading: [id] })]) tallyValidators.delete(ctx, operator);
}

// ------------------------------------------------------------------------------------------------------------------- counting

/** What the voter has with bonded validators: whoever spread their stake over more validators than those is looked up by them. */
function* countedDelegations(ctx: ReadContext, voter: Uint8Array, { validators }: Count) {
  const limit = validators.size + 1;
  const listed = [...delegatorDelegations(ctx, voter, limit)];
  if (listed.length < limit) {
    for (const { validatorAddress, shares } of listed) yield { validatorAddress, shares };
    return;
  }
  for (const { operator } of validators.values()) {
    const delegation = getDelegation(ctx, voter, operator);
    if (delegation !== undefined) yield { validatorAddress: delegation.validatorAddress, shares: delegation.shares };
  }
}

/** Adds one vote; says how much work it was. */
function countVote(
  ctx: ReadContext,
  count: Count,
  voter: Uint8Array,
  { options }: Vote,
  byOperator: Operators,
): bigint {
  const weights = weightsOf(options);
  const own = count.validators.get(keyOf(voter));
  if (own !== undefined) {
    own.vote = options;
    own.isChanged = true;
  }
  let work = 1n;
  for (const { validatorAddress, shares } of countedDelegations(ctx, voter, count)) {
    work++;
    const validator = byOperator(validatorAddress);
    if (validator === undefined) continue;
    countDelegation(count.sums, weights, validator, shares);
    validator.isChanged = true;
  }
  count.countedVotes++;
  return work;
}

type Operators = (validatorAddress: string) => NotedValidator | undefined;

/** Delegations name their validator as weirvaloper1…; the same validator as an account is weir1…. */
function operatorsOf(count: Count): Operators {
  const byText = new Map<string, NotedValidator>();
  for (const validator of count.validators.values()) byText.set(validatorAddress.encode(validator.operator), validator);
  return (validatorAddress) => byText.get(validatorAddress);
}

/** Counts and removes votes until all are, or the budget is spent. True when every vote is counted. */
export function countVotes(ctx: Context, id: bigint, count: Count, budget: Budget): boolean {
  const byOperator = operatorsOf(count);
  for (const [key, vote] of votes.iterate(ctx, { leading: [id] })) {
    if (budget.left <= 0n) return false;
    budget.left -= countVote(ctx, count, key[1], vote, byOperator);
    votes.delete(ctx, key);
  }
  return true;
}

/** What remains to be done when every vote is counted. */
export function finishCount(ctx: Context, id: bigint, count: Count): void {
  for (const validator of count.validators.values()) countValidator(count.sums, validator);
  forgetCount(ctx, id);
}

/** How it would end if it ended now, or as it was begun: for queries, which the gas that they may use bounds. */
export function previewCount(ctx: ReadContext, id: bigint): Count {
  const count = openCount(ctx, id) ?? beginCount(ctx);
  const byOperator = operatorsOf(count);
  for (const [key, vote] of votes.iterate(ctx, { leading: [id] })) countVote(ctx, count, key[1], vote, byOperator);
  for (const validator of count.validators.values()) countValidator(count.sums, validator);
  return count;
}

/**
 * Staking calls it before it changes what a delegator has with any validator: in every count that goes on, the delegator's vote is counted
 * as things still are. The work is the block's, not the delegator's, who could not foresee it; a delegation is its bound.
 */
export function beforeDelegationsChange(ctx: Context, delegator: Uint8Array): void {
  ctx.metered(uncountedGas, (unpaid) => {
    for (const id of [...tallies.keys(unpaid)]) {
      const vote = votes.get(unpaid, [id, delegator]);
      if (vote === undefined) continue;
      const count = openCount(unpaid, id)!;
      countVote(unpaid, count, delegator, vote, operatorsOf(count));
      votes.delete(unpaid, [id, delegator]);
      storeCount(unpaid, id, count);
    }
  });
}
