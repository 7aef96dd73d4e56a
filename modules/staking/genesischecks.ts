/** What must hold of staking's part of genesis.json before the chain starts. Each refusal names its path. Pure. */
import { type AddressFormat, accountAddress, validatorAddress } from "../../chain/address.ts";
import { publicKeyAddress } from "../../chain/crypto/publickey.ts";
import { fieldError, refusedAs, shown } from "../../chain/protojson.ts";
import type { Delegation, Redelegation, UnbondingDelegation } from "./delegation.ts";
import type { Params } from "./params.ts";
import { paramsProblem } from "./params.ts";
import {
  bonded,
  consensusKeyOf,
  isBonded,
  isUnbonding,
  potentialPower,
  powerReduction,
  totalPowerMax,
  unbonded,
  unbonding,
  type Validator,
} from "./validator.ts";

export interface LastPower {
  readonly address: string;
  readonly power: bigint;
}

export interface StakingGenesis {
  readonly params: Params;
  readonly lastTotalPower: bigint;
  readonly lastValidatorPowers: readonly LastPower[];
  readonly validators: readonly Validator[];
  readonly delegations: readonly Delegation[];
  readonly unbondingDelegations: readonly UnbondingDelegation[];
  readonly redelegations: readonly Redelegation[];
  /** The state of a chain that ran: its validator set is taken as it is, and those who follow staking have their own part of it. */
  readonly exported: boolean;
  /** The SDK begins to count anew; here a number that was given is not given again. */
  readonly lastUnbondingId: bigint;
}

export interface Parties {
  readonly delegator: Uint8Array;
  readonly operator: Uint8Array;
}

export const partiesOf = (record: Pick<Delegation, "delegatorAddress" | "validatorAddress">): Parties => ({
  delegator: accountAddress.decode(record.delegatorAddress),
  operator: validatorAddress.decode(record.validatorAddress),
});

const readAddress = (format: AddressFormat, text: string, path: string): Uint8Array =>
  refusedAs(path, shown(text), `an address that begins with ${format.prefix}`, () => format.decode(text));

/** Refuses a second record of one key. */
function once(seen: Set<string>, key: string, path: string): void {
  if (seen.has(key)) throw fieldError(path, `${key} again`, "each one once");
  seen.add(key);
}

export function checkGenesis(genesis: StakingGenesis, section: string): void {
  const problem = paramsProblem(genesis.params);
  if (problem !== undefined) throw fieldError(`${section}.params`, problem, "parameters that the chain accepts");
  const shares = checkValidators(genesis.validators, `${section}.validators`);
  const seats = genesis.params.maxValidators;
  const seated = genesis.validators.filter(isBonded).length;
  if (seated > seats)
    throw fieldError(`${section}.validators`, `${seated} that are bonded`, `at most max_validators, ${seats}`);
  checkDelegations(genesis.delegations, shares, `${section}.delegations`);
  checkEntries(genesis, section);
  checkLastPowers(genesis, section);
}

// ---------------------------------------------------------------------------------------------------------------- validators

/** Shares that delegations still have to account for, by operator. */
type SharesLeft = Map<string, bigint>;

function checkValidators(validators: readonly Validator[], path: string): SharesLeft {
  const keys = new Set<string>();
  const shares: SharesLeft = new Map();
  let power = 0n;
  for (const [index, validator] of validators.entries()) {
    const at = `${path}[${index}]`;
    const { operatorAddress } = validator;
    readAddress(validatorAddress, operatorAddress, `${at}.operator_address`);
    if (shares.has(operatorAddress)) throw fieldError(at, `${operatorAddress} again`, "each operator once");
    shares.set(operatorAddress, validator.delegatorShares);
    once(keys, consensusAddressAt(validator, at), `${at}.consensus_pubkey`);
    checkValidator(validator, at);
    power += potentialPower(validator);
  }
  if (power <= totalPowerMax) return shares;
  throw fieldError(path, `a voting power of ${power} in all`, `at most ${totalPowerMax}, which CometBFT can count`);
}

function consensusAddressAt(validator: Validator, at: string): string {
  const path = `${at}.consensus_pubkey`;
  const key = refusedAs(path, shown(validator.consensusPubkey.typeUrl), "a public key", () =>
    consensusKeyOf(validator),
  );
  if (key.scheme === "multisig") throw fieldError(path, "a multisig key", "a single key");
  return publicKeyAddress(key).join(".");
}

function checkValidator(validator: Validator, at: string): void {
  const { status, jailed, tokens, delegatorShares } = validator;
  if (status !== bonded && status !== unbonding && status !== unbonded) {
    throw fieldError(
      `${at}.status`,
      shown(status),
      "BOND_STATUS_BONDED, BOND_STATUS_UNBONDING or BOND_STATUS_UNBONDED",
    );
  }
  if (jailed && isBonded(validator)) throw fieldError(`${at}.jailed`, "true of a bonded validator", "false");
  if (tokens < 0n) throw fieldError(`${at}.tokens`, shown(tokens), "0 or more");
  if (isBonded(validator) && potentialPower(validator) === 0n) {
    throw fieldError(`${at}.tokens`, shown(tokens), `at least ${powerReduction} of a bonded validator`);
  }
  if (delegatorShares < 0n || (delegatorShares === 0n && !isUnbonding(validator))) {
    throw fieldError(
      `${at}.delegator_shares`,
      shown(delegatorShares),
      "shares above 0 of a validator that is not unbonding",
    );
  }
}

// --------------------------------------------------------------------------------------------------------------- delegations

function checkDelegations(delegations: readonly Delegation[], left: SharesLeft, path: string): void {
  const seen = new Set<string>();
  for (const [index, { delegatorAddress, validatorAddress: operator, shares }] of delegations.entries()) {
    const at = `${path}[${index}]`;
    readAddress(accountAddress, delegatorAddress, `${at}.delegator_address`);
    once(seen, `${delegatorAddress} ${operator}`, at);
    const rest = left.get(operator);
    if (rest === undefined) throw fieldError(`${at}.validator_address`, operator, "a validator of this genesis");
    if (shares <= 0n) throw fieldError(`${at}.shares`, shown(shares), "shares above 0");
    left.set(operator, rest - shares);
  }
  for (const [operator, rest] of left) {
    if (rest === 0n) continue;
    throw fieldError(path, `${rest} fewer than the delegator_shares of ${operator}`, "delegations that add up to them");
  }
}

/** Numbers of entries, and that each of them can be found by its own. */
function checkEntries(genesis: StakingGenesis, section: string): void {
  const ids = new Set<string>();
  const pairs = new Set<string>();
  const checkId = (id: bigint, path: string) => {
    // A genesis made by the SDK has no counter, but its numbers.
    const isGiven = genesis.lastUnbondingId === 0n || id <= genesis.lastUnbondingId;
    if (!isGiven) throw fieldError(path, shown(id), `at most last_unbonding_id, ${genesis.lastUnbondingId}`);
    once(ids, `${id}`, path);
  };
  for (const [index, record] of genesis.unbondingDelegations.entries()) {
    const at = `${section}.unbonding_delegations[${index}]`;
    readAddress(accountAddress, record.delegatorAddress, `${at}.delegator_address`);
    readAddress(validatorAddress, record.validatorAddress, `${at}.validator_address`);
    once(pairs, `${record.delegatorAddress} ${record.validatorAddress}`, at);
    if (record.entries.length === 0) throw fieldError(`${at}.entries`, "none", "at least one");
    for (const [i, entry] of record.entries.entries()) {
      checkId(entry.unbondingId, `${at}.entries[${i}].unbonding_id`);
      if (entry.balance < 0n) throw fieldError(`${at}.entries[${i}].balance`, shown(entry.balance), "0 or more");
    }
  }
  checkRedelegations(genesis.redelegations, section, checkId);
}

function checkRedelegations(
  redelegations: readonly Redelegation[],
  section: string,
  checkId: (id: bigint, path: string) => void,
): void {
  const routes = new Set<string>();
  for (const [index, record] of redelegations.entries()) {
    const at = `${section}.redelegations[${index}]`;
    readAddress(accountAddress, record.delegatorAddress, `${at}.delegator_address`);
    readAddress(validatorAddress, record.validatorSrcAddress, `${at}.validator_src_address`);
    readAddress(validatorAddress, record.validatorDstAddress, `${at}.validator_dst_address`);
    once(routes, `${record.delegatorAddress} ${record.validatorSrcAddress} ${record.validatorDstAddress}`, at);
    if (record.entries.length === 0) throw fieldError(`${at}.entries`, "none", "at least one");
    for (const [i, { unbondingId }] of record.entries.entries()) {
      checkId(unbondingId, `${at}.entries[${i}].unbonding_id`);
    }
  }
}

function checkLastPowers({ lastValidatorPowers, validators }: StakingGenesis, section: string): void {
  const known = new Set(validators.filter(isBonded).map(({ operatorAddress }) => operatorAddress));
  const seen = new Set<string>();
  for (const [index, { address, power }] of lastValidatorPowers.entries()) {
    const at = `${section}.last_validator_powers[${index}]`;
    once(seen, address, `${at}.address`);
    if (!known.has(address)) throw fieldError(`${at}.address`, shown(address), "a bonded validator of this genesis");
    if (power <= 0n || power > totalPowerMax) throw fieldError(`${at}.power`, shown(power), "a voting power above 0");
  }
}
