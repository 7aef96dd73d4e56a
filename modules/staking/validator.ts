/**
 * A validator as the chain holds it, and the arithmetic of its shares with the roundings of cosmos-sdk x/staking/types/validator.go.
 * Owns the record and its protobuf; where it is stored is state.ts. Pure.
 */
import { consensusAddress, validatorAddress } from "../../chain/address.ts";
import type { Timestamp } from "../../chain/context.ts";
import { type PublicKey, publicKeyAddress, publicKeyFromAny } from "../../chain/crypto/publickey.ts";
import {
  type Dec,
  decAdd,
  decFromInt,
  decFromProto,
  decMulInt,
  decQuo,
  decQuoInt,
  decQuoRoundUp,
  decQuoTruncate,
  decSub,
  decToProto,
  decTruncateInt,
} from "../../chain/dec.ts";
import { parseIntText, requireIntRange } from "../../chain/int.ts";
import type { ValidatorUpdate } from "../../chain/module.ts";
import * as proto from "../../proto/gen/cosmos/staking/v1beta1/staking.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import { insufficientShares } from "./errors.ts";

export const unbonded = proto.BondStatus.BOND_STATUS_UNBONDED;
export const unbonding = proto.BondStatus.BOND_STATUS_UNBONDING;
export const bonded = proto.BondStatus.BOND_STATUS_BONDED;
export type BondStatus = typeof unbonded | typeof unbonding | typeof bonded;

/** Commission and its bounds, as fractions of one. */
export interface CommissionRates {
  readonly rate: Dec;
  readonly maxRate: Dec;
  /** Of a day, up or down. */
  readonly maxChangeRate: Dec;
}

export interface Commission extends CommissionRates {
  readonly updateTime: Timestamp;
}

export interface Validator {
  /** weirvaloper1… */
  readonly operatorAddress: string;
  readonly consensusPubkey: Any;
  readonly jailed: boolean;
  readonly status: BondStatus;
  readonly tokens: bigint;
  readonly delegatorShares: Dec;
  readonly description: proto.Description;
  /** When it last began to unbond. */
  readonly unbondingHeight: bigint;
  readonly unbondingTime: Timestamp;
  readonly commission: Commission;
  readonly minSelfDelegation: bigint;
  readonly unbondingOnHoldRefCount: bigint;
  readonly unbondingIds: readonly bigint[];
}

/** Tokens that make one unit of voting power (sdk.DefaultPowerReduction). */
export const powerReduction = 1_000_000n;

/** CometBFT's MaxTotalVotingPower: it stops on a validator set of more. */
export const totalPowerMax = ((1n << 63n) - 1n) / 8n;

export const tokensToPower = (tokens: bigint): bigint => tokens / powerReduction;
export const powerToTokens = (power: bigint): bigint => requireIntRange(power * powerReduction);

// ------------------------------------------------------------------------------------------------------------------- protobuf

export const epoch: Timestamp = { seconds: 0n, nanos: 0 };
const emptyAny: Any = { typeUrl: "", value: new Uint8Array(0) };

export const ratesFromProto = (rates: proto.CommissionRates | undefined): CommissionRates => ({
  rate: decFromProto(rates?.rate || "0"),
  maxRate: decFromProto(rates?.maxRate || "0"),
  maxChangeRate: decFromProto(rates?.maxChangeRate || "0"),
});

export const ratesToProto = ({ rate, maxRate, maxChangeRate }: CommissionRates): proto.CommissionRates => ({
  rate: decToProto(rate),
  maxRate: decToProto(maxRate),
  maxChangeRate: decToProto(maxChangeRate),
});

export function validatorFromProto(validator: proto.Validator): Validator {
  const { description, unbondingTime, commission, consensusPubkey } = validator;
  return {
    ...validator,
    consensusPubkey: consensusPubkey ?? emptyAny,
    status: validator.status as BondStatus,
    tokens: parseIntText(validator.tokens),
    delegatorShares: decFromProto(validator.delegatorShares),
    description: description ?? proto.Description.fromPartial({}),
    unbondingTime: unbondingTime ?? epoch,
    commission: { ...ratesFromProto(commission?.commissionRates), updateTime: commission?.updateTime ?? epoch },
    minSelfDelegation: parseIntText(validator.minSelfDelegation),
  };
}

export const validatorToProto = (validator: Validator): proto.Validator => ({
  ...validator,
  tokens: `${validator.tokens}`,
  delegatorShares: decToProto(validator.delegatorShares),
  commission: { commissionRates: ratesToProto(validator.commission), updateTime: validator.commission.updateTime },
  minSelfDelegation: `${validator.minSelfDelegation}`,
  unbondingIds: [...validator.unbondingIds],
});

// ------------------------------------------------------------------------------------------------------------------ what it is

/** The operator's account bytes: what the validator is stored under. */
export const operatorOf = ({ operatorAddress }: Pick<Validator, "operatorAddress">): Uint8Array =>
  validatorAddress.decode(operatorAddress);

export const consensusKeyOf = ({ consensusPubkey }: Pick<Validator, "consensusPubkey">): PublicKey =>
  publicKeyFromAny(consensusPubkey);

const addresses = new WeakMap<Any, Uint8Array>();

/** What votes and evidence name it by. Shared: copy before writing. */
export function consensusAddressOf(validator: Pick<Validator, "consensusPubkey">): Uint8Array {
  const known = addresses.get(validator.consensusPubkey);
  if (known !== undefined) return known;
  const address = publicKeyAddress(consensusKeyOf(validator));
  addresses.set(validator.consensusPubkey, address);
  return address;
}

export const consensusAddressText = (validator: Pick<Validator, "consensusPubkey">): string =>
  consensusAddress.encode(consensusAddressOf(validator));

export const isBonded = ({ status }: Validator): boolean => status === bonded;

export const isUnbonding = ({ status }: Validator): boolean => status === unbonding;

/** Neither bonded nor on its way out: nothing that it holds answers for anything. */
export const isUnbonded = ({ status }: Validator): boolean => status === unbonded;

/** Voting power that its tokens would give it. */
export const potentialPower = ({ tokens }: Validator): bigint => tokensToPower(tokens);

/** Voting power that it has. */
export const powerOf = (validator: Validator): bigint => (isBonded(validator) ? potentialPower(validator) : 0n);

export const bondedTokensOf = (validator: Validator): bigint => (isBonded(validator) ? validator.tokens : 0n);

/** Everything was slashed: a share is worth nothing, so that no number of shares would be right for new tokens. */
export const hasInvalidExchangeRate = ({ tokens, delegatorShares }: Validator): boolean =>
  tokens === 0n && delegatorShares > 0n;

export function validatorUpdate(validator: Validator, power: bigint): ValidatorUpdate {
  const key = consensusKeyOf(validator);
  if (key.scheme === "multisig") {
    throw new Error(
      `validator ${validator.operatorAddress} has a multisig as its consensus key, which no engine knows`,
    );
  }
  return { publicKeyType: key.scheme, publicKey: key.key, power };
}

// ------------------------------------------------------------------------------------------------------- shares and tokens

/** Rounds half to even. */
export const tokensFromShares = ({ tokens, delegatorShares }: Validator, shares: Dec): Dec =>
  decQuo(decMulInt(shares, tokens), delegatorShares);

/** Rounds toward zero. */
export const tokensFromSharesTruncated = ({ tokens, delegatorShares }: Validator, shares: Dec): Dec =>
  decQuoTruncate(decMulInt(shares, tokens), delegatorShares);

/** Rounds toward positive infinity. */
export const tokensFromSharesRoundUp = ({ tokens, delegatorShares }: Validator, shares: Dec): Dec =>
  decQuoRoundUp(decMulInt(shares, tokens), delegatorShares);

/** Rounds toward zero. Refuses a validator without tokens. */
export function sharesFromTokens({ tokens, delegatorShares }: Validator, amount: bigint): Dec {
  if (tokens === 0n) throw insufficientShares();
  return decQuoInt(decMulInt(delegatorShares, amount), tokens);
}

/** As the SDK computes it, by the decimal of the tokens; rounds toward zero. */
export function sharesFromTokensTruncated({ tokens, delegatorShares }: Validator, amount: bigint): Dec {
  if (tokens === 0n) throw insufficientShares();
  return decQuoTruncate(decMulInt(delegatorShares, amount), decFromInt(tokens));
}

/** The first delegation sets the rate to one share a token. */
export function withTokensAdded(
  validator: Validator,
  amount: bigint,
): { readonly validator: Validator; readonly shares: Dec } {
  const { tokens, delegatorShares } = validator;
  const shares = delegatorShares === 0n ? decFromInt(amount) : sharesFromTokens(validator, amount);
  return {
    validator: {
      ...validator,
      tokens: requireIntRange(tokens + amount),
      delegatorShares: decAdd(delegatorShares, shares),
    },
    shares,
  };
}

/** The last share takes all that is left; before it, what does not divide stays with the validator. */
export function withSharesRemoved(
  validator: Validator,
  shares: Dec,
): { readonly validator: Validator; readonly tokens: bigint } {
  const remaining = decSub(validator.delegatorShares, shares);
  const tokens = remaining === 0n ? validator.tokens : decTruncateInt(tokensFromShares(validator, shares));
  if (tokens > validator.tokens) {
    throw new Error(`${validator.operatorAddress} has ${validator.tokens} tokens, but ${tokens} would be removed`);
  }
  return { validator: { ...validator, tokens: validator.tokens - tokens, delegatorShares: remaining }, tokens };
}
