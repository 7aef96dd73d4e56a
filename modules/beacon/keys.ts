/**
 * Beacon keys of validators: which one counts in which epoch. Owns the delay: a key that could be used at once would be ground, by trying
 * keys until one gives an output that one likes.
 */
import { validatorAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { isUsableKey } from "../../chain/crypto/ecvrf.ts";
import { compareBytes } from "../../chain/store/types.ts";
import type { Key, Proposer } from "../../proto/gen/weir/beacon/v1/state.ts";
import { getValidatorByConsAddr, operatorOf, requireValidator } from "../staking/index.ts";
import { currentNumber } from "./epochs.ts";
import { falsePossession, sameKey, unusableKey } from "./errors.ts";
import { keyRegistered } from "./events.ts";
import { getParams } from "./params.ts";
import { isPossession } from "./proof.ts";
import { finesDue, proposers } from "./state.ts";

/** One in use and one that will follow. */
export const keysMax = 2;

export const newProposer = (keys: readonly Key[] = []): Proposer => ({
  keys: [...keys],
  proposed: 0n,
  proven: 0n,
  withheld: 0n,
  fined: "0",
});

export const getProposer = (ctx: ReadContext, operator: Uint8Array): Proposer | undefined =>
  proposers.get(ctx, operator);

/** The last one that is usable by then. */
export const usableKeyOf = (keys: readonly Key[], epoch: bigint): Key | undefined =>
  keys.findLast(({ usableFrom }) => usableFrom <= epoch);

export function usableKey(ctx: ReadContext, operator: Uint8Array): Uint8Array | undefined {
  const { keys } = getProposer(ctx, operator) ?? newProposer();
  return usableKeyOf(keys, currentNumber(ctx))?.publicKey;
}

/** Of a validator's consensus address; undefined where there is no validator or it has no usable key. */
export function proposersKey(ctx: ReadContext, consensusAddress: Uint8Array): Uint8Array | undefined {
  const validator = getValidatorByConsAddr(ctx, consensusAddress);
  return validator === undefined ? undefined : usableKey(ctx, operatorOf(validator));
}

export interface Registration {
  readonly operator: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly possession: Uint8Array;
}

/** Takes the place of one that waits still. Returns the first epoch in which it counts. */
export function registerKey(ctx: Context, { operator, publicKey, possession }: Registration): bigint {
  requireValidator(ctx, operator);
  if (!isUsableKey(publicKey)) throw unusableKey();
  if (!isPossession(publicKey, ctx.block.chainId, operator, possession)) throw falsePossession();
  const proposer = getProposer(ctx, operator) ?? newProposer();
  if (proposer.keys.some((key) => compareBytes(key.publicKey, publicKey) === 0)) throw sameKey();
  const epoch = currentNumber(ctx);
  const usableFrom = epoch + getParams(ctx).keyDelayEpochs;
  const inUse = usableKeyOf(proposer.keys, epoch);
  const keys = [...(inUse === undefined ? [] : [inUse]), { publicKey, usableFrom }];
  proposers.set(ctx, operator, { ...proposer, keys });
  ctx.emit(keyRegistered(validatorAddress.encode(operator), publicKey, usableFrom));
  return usableFrom;
}

/** Called by staking: who is no validator any more proposes nothing, and owes nothing that could be taken. */
export function afterValidatorRemoved(ctx: Context, operator: Uint8Array): void {
  proposers.delete(ctx, operator);
  finesDue.delete(ctx, operator);
}

/** What is wrong with a list of keys, or undefined. */
export function keysProblem(keys: readonly Key[]): string | undefined {
  if (keys.length > keysMax) return `${keys.length} keys`;
  if (keys.some(({ publicKey }) => !isUsableKey(publicKey))) return "a key that is no point, or one of small order";
  const [first, second] = keys;
  const isOrdered = second === undefined || first!.usableFrom < second.usableFrom;
  return isOrdered ? undefined : "keys that are not in the order in which they become usable";
}
