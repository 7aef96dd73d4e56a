/** What is always true of stakes. */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import type { Invariant } from "../../chain/module.ts";
import { iterateDelegations, iterateValidators } from "./keeper.ts";
import { totalBondedTokens, totalNotBondedTokens } from "./pools.ts";
import * as state from "./state.ts";
import { consensusAddressOf, isBonded, operatorOf, potentialPower } from "./validator.ts";

function poolsHoldWhatIsStaked(ctx: ReadContext): string | undefined {
  let bonded = 0n;
  let notBonded = 0n;
  for (const validator of iterateValidators(ctx)) {
    if (isBonded(validator)) bonded += validator.tokens;
    else notBonded += validator.tokens;
  }
  for (const [, { entries }] of state.unbondingDelegations.iterate(ctx)) {
    for (const { balance } of entries) notBonded += balance;
  }
  const [poolBonded, poolNotBonded] = [totalBondedTokens(ctx), totalNotBondedTokens(ctx)];
  if (poolBonded !== bonded) return `the bonded pool holds ${poolBonded}, but bonded validators have ${bonded}`;
  if (poolNotBonded !== notBonded) return `the not bonded pool holds ${poolNotBonded}, but ${notBonded} is in it`;
  return undefined;
}

function sharesAddUp(ctx: ReadContext): string | undefined {
  const sums = new Map<string, bigint>();
  for (const { validatorAddress: operator, shares } of iterateDelegations(ctx)) {
    sums.set(operator, (sums.get(operator) ?? 0n) + shares);
  }
  for (const { operatorAddress, delegatorShares } of iterateValidators(ctx)) {
    const sum = sums.get(operatorAddress) ?? 0n;
    if (sum !== delegatorShares) return `${operatorAddress} has ${delegatorShares} shares, but delegations of ${sum}`;
    sums.delete(operatorAddress);
  }
  for (const operator of sums.keys()) return `there are delegations to ${operator}, which is no validator`;
  return undefined;
}

function delegationsArePositive(ctx: ReadContext): string | undefined {
  let count = 0;
  for (const { delegatorAddress, validatorAddress: operator, shares } of iterateDelegations(ctx)) {
    if (shares <= 0n) return `the delegation of ${delegatorAddress} to ${operator} has ${shares} shares`;
    const key = [validatorAddress.decode(operator), accountAddress.decode(delegatorAddress)] as const;
    if (!state.delegationsByValidator.has(ctx, key)) return `the delegation of ${delegatorAddress} is not indexed`;
    count++;
  }
  return sameCount("delegations", count, state.delegationsByValidator.keys(ctx));
}

function sameCount(what: string, count: number, keys: Iterable<unknown>): string | undefined {
  let indexed = 0;
  for (const _key of keys) indexed++;
  return indexed === count ? undefined : `there are ${count} ${what}, but ${indexed} are indexed`;
}

/** No validator has less than no power, each that is free has its place by power, and each is found by its key. */
function validatorsAreIndexed(ctx: ReadContext): string | undefined {
  let free = 0;
  let all = 0;
  for (const validator of iterateValidators(ctx)) {
    const operator = operatorOf(validator);
    const { operatorAddress, tokens } = validator;
    if (tokens < 0n) return `${operatorAddress} has ${tokens} tokens`;
    const byKey = state.validatorsByConsensusAddress.get(ctx, consensusAddressOf(validator));
    if (byKey === undefined || validatorAddress.encode(byKey) !== operatorAddress) {
      return `${operatorAddress} is not found by its consensus key`;
    }
    const hasPlace = state.validatorsByPower.has(ctx, [potentialPower(validator), operator]);
    if (hasPlace === validator.jailed) return `${operatorAddress}: jailed ${validator.jailed}, by power ${hasPlace}`;
    if (hasPlace) free++;
    all++;
  }
  return (
    sameCount("free validators", free, state.validatorsByPower.keys(ctx)) ??
    sameCount("validators", all, state.validatorsByConsensusAddress.keys(ctx))
  );
}

/** Everything that unbonds waits in a queue, once, and is found by its number. */
function unbondingsAreQueued(ctx: ReadContext): string | undefined {
  let unbondings = 0;
  let redelegations = 0;
  for (const [, { delegatorAddress, entries }] of state.unbondingDelegations.iterate(ctx)) {
    for (const { completionTime, unbondingId } of entries) {
      unbondings++;
      if (!state.unbondingQueue.has(ctx, [completionTime, unbondingId])) {
        return `unbonding ${unbondingId} of ${delegatorAddress} is not queued`;
      }
      if (!state.unbondingIndex.has(ctx, unbondingId)) return `unbonding ${unbondingId} is not indexed`;
    }
  }
  for (const [, { delegatorAddress, entries }] of state.redelegations.iterate(ctx)) {
    for (const { completionTime, unbondingId } of entries) {
      redelegations++;
      if (!state.redelegationQueue.has(ctx, [completionTime, unbondingId])) {
        return `redelegation ${unbondingId} of ${delegatorAddress} is not queued`;
      }
      if (!state.unbondingIndex.has(ctx, unbondingId)) return `redelegation ${unbondingId} is not indexed`;
    }
  }
  return (
    sameCount("unbonding entries", unbondings, state.unbondingQueue.keys(ctx)) ??
    sameCount("redelegation entries", redelegations, state.redelegationQueue.keys(ctx))
  );
}

export const invariants: Readonly<Record<string, Invariant>> = {
  poolsHoldWhatIsStaked,
  sharesAddUp,
  delegationsArePositive,
  validatorsAreIndexed,
  unbondingsAreQueued,
};
