/**
 * The validator set of one height with its proposer rotation, as CometBFT's types/validator_set.go defines it.
 * Owns order, priorities and changes; the set's hash is in hashes.ts.
 */
import type { ValidatorUpdate } from "../../proto/gen/tendermint/abci/types.ts";
import type { PublicKey } from "../../proto/gen/tendermint/crypto/keys.ts";
import type { Validator, ValidatorSet } from "../../proto/gen/tendermint/types/validator.ts";
import { ed25519Address, secp256k1Address } from "../crypto/hash.ts";
import { compareBytes } from "../store/types.ts";

/** An eighth of the largest int64: room for the sums of priorities. */
export const totalPowerMax = ((1n << 63n) - 1n) / 8n;
export const validatorsMax = 10_000;

export function consensusAddress(key: PublicKey): Uint8Array {
  if (key.ed25519 !== undefined) return ed25519Address(key.ed25519);
  if (key.secp256k1 !== undefined) return secp256k1Address(key.secp256k1);
  throw new Error("a validator's public key is neither ed25519 nor secp256k1");
}

export const emptyValidatorSet: ValidatorSet = { validators: [], proposer: undefined, totalVotingPower: 0n };

export const totalPower = (set: ValidatorSet): bigint => set.validators.reduce((sum, v) => sum + v.votingPower, 0n);

export const findValidator = (set: ValidatorSet, address: Uint8Array): Validator | undefined =>
  set.validators.find((validator) => compareBytes(validator.address, address) === 0);

export function proposerOf(set: ValidatorSet): Validator {
  if (set.proposer === undefined) throw new Error("a validator set without validators has no proposer");
  return set.proposer;
}

/** The set at genesis or in an answer to InitChain. */
export function newValidatorSet(updates: readonly ValidatorUpdate[]): ValidatorSet {
  if (updates.length === 0) return emptyValidatorSet;
  const removed = updates.find((update) => update.power === 0n);
  if (removed !== undefined) throw new Error("a first validator set holds a validator without voting power");
  return incrementPriority(changeValidators(emptyValidatorSet, updates));
}

/** Applies updates (power 0 removes) and centres the priorities; the proposer stays until the next increment. */
export function changeValidators(set: ValidatorSet, updates: readonly ValidatorUpdate[]): ValidatorSet {
  if (updates.length === 0) return set;
  const changes = updates.map(validatorOf).sort((a, b) => compareBytes(a.address, b.address));
  checkChanges(set, changes);

  const removedPower = changes
    .filter((change) => change.votingPower === 0n)
    .reduce((sum, change) => sum + (findValidator(set, change.address)?.votingPower ?? 0n), 0n);
  const merged = new Map(set.validators.map((validator) => [addressKey(validator), validator]));
  const kept = changes.filter((change) => change.votingPower > 0n);
  const powerWithRemoved =
    kept.reduce((sum, c) => sum + c.votingPower - (merged.get(addressKey(c))?.votingPower ?? 0n), 0n) + totalPower(set);
  if (powerWithRemoved - removedPower > totalPowerMax) {
    throw new Error(`total voting power of the resulting validator set exceeds the maximum, ${totalPowerMax}`);
  }
  // A newcomer starts behind everyone, so that leaving and coming back gains no turn.
  const newcomerPriority = -(powerWithRemoved + (powerWithRemoved >> 3n));
  for (const change of changes) {
    const key = addressKey(change);
    const priority = merged.get(key)?.proposerPriority ?? newcomerPriority;
    if (change.votingPower === 0n) merged.delete(key);
    else merged.set(key, { ...change, proposerPriority: priority });
  }
  const validators = shiftToAverage(rescale([...merged.values()]));
  validators.sort((a, b) => byPowerThenAddress(a, b));
  return { validators, proposer: set.proposer, totalVotingPower: 0n };
}

function checkChanges(set: ValidatorSet, sorted: readonly Validator[]): void {
  sorted.forEach((change, i) => {
    const name = Buffer.from(change.address).toString("hex").toUpperCase();
    const previous = sorted[i - 1];
    if (previous !== undefined && compareBytes(previous.address, change.address) === 0) {
      throw new Error(`validator ${name} is changed twice in one block`);
    }
    if (change.votingPower < 0n)
      throw new Error(`validator ${name} has a negative voting power, ${change.votingPower}`);
    if (change.votingPower > totalPowerMax) {
      throw new Error(`validator ${name} has voting power ${change.votingPower}, above the maximum ${totalPowerMax}`);
    }
    if (change.votingPower === 0n && findValidator(set, change.address) === undefined) {
      throw new Error(`validator ${name} is to be removed and is not in the set`);
    }
  });
  const removals = sorted.filter((change) => change.votingPower === 0n).length;
  const additions = sorted.some((c) => c.votingPower > 0n && findValidator(set, c.address) === undefined);
  if (set.validators.length === removals && !additions) {
    throw new Error("the validator changes would leave no validator");
  }
  if (set.validators.length + sorted.length - removals > validatorsMax) {
    throw new Error(`the validator changes would make more than ${validatorsMax} validators`);
  }
}

const addressKey = (validator: Validator): string => Buffer.from(validator.address).toString("hex");

/** As one who has not had a turn yet. */
export function validatorOf({ pubKey, power }: ValidatorUpdate): Validator {
  if (pubKey === undefined) throw new Error("a validator update has no public key");
  return { address: consensusAddress(pubKey), pubKey, votingPower: power, proposerPriority: 0n };
}

/** The order of a set: the most power first. */
export function byPowerThenAddress(a: Validator, b: Validator): number {
  if (a.votingPower !== b.votingPower) return a.votingPower > b.votingPower ? -1 : 1;
  return compareBytes(a.address, b.address);
}

/** One step of the weighted round robin: everyone gains their power, the first in line proposes and pays the total. */
export function incrementPriority(set: ValidatorSet, times = 1): ValidatorSet {
  let validators = shiftToAverage(rescale(set.validators));
  const total = totalPower(set);
  let proposer: Validator | undefined;
  for (let i = 0; i < times; i++) {
    validators = validators.map((v) => ({ ...v, proposerPriority: v.proposerPriority + v.votingPower }));
    const first = firstInLine(validators);
    first.proposerPriority -= total;
    proposer = first;
  }
  return { validators, proposer, totalVotingPower: 0n };
}

function firstInLine(validators: readonly Validator[]): Validator {
  const [first, ...others] = validators;
  if (first === undefined) throw new Error("a validator set without validators has no proposer");
  return others.reduce((best, candidate) => {
    if (candidate.proposerPriority !== best.proposerPriority) {
      return candidate.proposerPriority > best.proposerPriority ? candidate : best;
    }
    return compareBytes(candidate.address, best.address) < 0 ? candidate : best;
  }, first);
}

/** Keeps the distance between first and last within twice the total power; division truncates toward zero, as Go's. */
function rescale(validators: readonly Validator[]): Validator[] {
  if (validators.length === 0) return [];
  const distanceMax = 2n * validators.reduce((sum, v) => sum + v.votingPower, 0n);
  let lowest = validators[0]!.proposerPriority;
  let highest = lowest;
  for (const { proposerPriority } of validators) {
    if (proposerPriority < lowest) lowest = proposerPriority;
    if (proposerPriority > highest) highest = proposerPriority;
  }
  const distance = highest - lowest;
  if (distanceMax <= 0n || distance <= distanceMax) return validators.map((v) => ({ ...v }));
  const ratio = (distance + distanceMax - 1n) / distanceMax;
  return validators.map((v) => ({ ...v, proposerPriority: v.proposerPriority / ratio }));
}

/** The average rounds down (Go's big.Int.Div is Euclidean). */
function shiftToAverage(validators: Validator[]): Validator[] {
  if (validators.length === 0) return [];
  const sum = validators.reduce((total, v) => total + v.proposerPriority, 0n);
  const count = BigInt(validators.length);
  let average = sum / count;
  if (sum % count < 0n) average -= 1n;
  return validators.map((v) => ({ ...v, proposerPriority: v.proposerPriority - average }));
}
