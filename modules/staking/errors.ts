/** Staking's errors, with the numbers and texts of cosmos-sdk x/staking/types/errors.go: they are for ever. */
import { ChainError } from "../../chain/errors.ts";

const staking = (code: number, text: string) => (detail?: string) =>
  new ChainError("staking", code, detail === undefined ? text : `${detail}: ${text}`);

export const noValidatorFound = staking(3, "validator does not exist");
export const validatorOwnerExists = staking(
  4,
  "validator already exist for this operator address; must use new validator operator address",
);
export const validatorPubKeyExists = staking(
  5,
  "validator already exist for this pubkey; must use new validator pubkey",
);
export const validatorPubKeyTypeNotSupported = staking(6, "validator pubkey type is not supported");
export const validatorJailed = staking(7, "validator for this address is currently jailed");
export const commissionNegative = staking(9, "commission must be positive");
export const commissionHuge = staking(10, "commission cannot be more than 100%");
export const commissionAboveMaxRate = staking(11, "commission cannot be more than the max rate");
export const commissionUpdateTime = staking(12, "commission cannot be changed more than once in 24h");
export const commissionChangeRateNegative = staking(13, "commission change rate must be positive");
export const commissionChangeRateAboveMaxRate = staking(14, "commission change rate cannot be more than the max rate");
export const commissionAboveMaxChangeRate = staking(15, "commission cannot be changed more than max change rate");
export const selfDelegationBelowMinimum = staking(
  16,
  "validator's self delegation must be greater than their minimum self delegation",
);
export const minSelfDelegationDecreased = staking(17, "minimum self delegation cannot be decrease");
export const noDelegation = staking(19, "no delegation for (address, validator) tuple");
export const noDelegatorForAddress = staking(21, "delegator does not contain delegation");
export const insufficientShares = staking(22, "insufficient delegation shares");
export const notEnoughDelegationShares = staking(24, "not enough delegation shares");
export const noUnbondingDelegation = staking(26, "no unbonding delegation found");
export const maxUnbondingDelegationEntries = staking(
  27,
  "too many unbonding delegation entries for (delegator, validator) tuple",
);
export const noRedelegation = staking(28, "no redelegation found");
export const selfRedelegation = staking(29, "cannot redelegate to the same validator");
export const tinyRedelegationAmount = staking(30, "too few tokens to redelegate (truncates to zero tokens)");
export const badRedelegationDestination = staking(31, "redelegation destination validator not found");
export const transitiveRedelegation = staking(
  32,
  "redelegation to this validator already in progress; first redelegation to this validator must complete before next redelegation",
);
export const maxRedelegationEntries = staking(
  33,
  "too many redelegation entries for (delegator, src-validator, dst-validator) tuple",
);
export const invalidExchangeRate = staking(34, "cannot delegate to validators with invalid (zero) ex-rate");
export const noHistoricalInfo = staking(38, "no historical info found");
export const emptyValidatorPubKey = staking(39, "empty validator public key");
export const commissionBelowMinRate = staking(40, "commission cannot be less than min rate");
export const badRedelegationSource = staking(44, "redelegation source validator not found");

/** Ours: the engine stops on a validator set of more power than it can count. */
export const tooMuchStake = staking(1001, "more tokens than the consensus engine can count would be staked");
