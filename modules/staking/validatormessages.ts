/** Messages about a validator itself: made by its operator, edited by him. Refused as cosmos-sdk x/staking/keeper/msg_server.go does. */
import { validatorAddress } from "../../chain/address.ts";
import { type Coin, coinFromProto, coinProblem, formatCoin } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { type PublicKey, publicKeyAddress, publicKeyFromAny } from "../../chain/crypto/publickey.ts";
import { decFromProto, decOne, formatDec } from "../../chain/dec.ts";
import { sdk } from "../../chain/errors.ts";
import { message } from "../../chain/handlers.ts";
import { parseIntText } from "../../chain/int.ts";
import * as proto from "../../proto/gen/cosmos/staking/v1beta1/tx.ts";
import { consensusParams } from "../consensus/index.ts";
import { decodedAddress, operatorAccount } from "./addresses.ts";
import { changedCommission, describeCommission, requireCommissionRates } from "./commission.ts";
import { delegate } from "./delegate.ts";
import { editedDescription, isEmptyDescription, requireDescriptionLengths } from "./description.ts";
import {
  commissionBelowMinRate,
  emptyValidatorPubKey,
  minSelfDelegationDecreased,
  selfDelegationBelowMinimum,
  validatorOwnerExists,
  validatorPubKeyExists,
  validatorPubKeyTypeNotSupported,
} from "./errors.ts";
import { validatorCreated, validatorEdited } from "./events.ts";
import * as hooks from "./hooks.ts";
import {
  bondDenom,
  getParams,
  getValidator,
  getValidatorByConsAddr,
  requireValidator,
  setByConsensusAddress,
  setByPower,
  setValidator,
} from "./keeper.ts";
import { minCommissionRateOf } from "./params.ts";
import { epoch, ratesFromProto, unbonded, type Validator } from "./validator.ts";

// --------------------------------------------------------------------------------------------------------------------- create

interface Creation {
  readonly operator: Uint8Array;
  readonly key: PublicKey;
  readonly stake: Coin;
  readonly validator: Validator;
}

const isEmptyRates = (rates: proto.MsgCreateValidator["commission"]): boolean =>
  rates === undefined || (rates.rate === "" && rates.maxRate === "" && rates.maxChangeRate === "");

function creationOf(msg: proto.MsgCreateValidator): Creation {
  const operator = decodedAddress(validatorAddress, msg.validatorAddress, "validator");
  if (msg.pubkey === undefined) throw emptyValidatorPubKey();
  const stake = coinFromProto(msg.value ?? { denom: "", amount: "0" });
  if (coinProblem(stake) !== undefined || stake.amount <= 0n) throw sdk.invalidRequest("invalid delegation amount");
  if (isEmptyDescription(msg.description)) throw sdk.invalidRequest("empty description");
  if (isEmptyRates(msg.commission)) throw sdk.invalidRequest("empty commission");
  const rates = ratesFromProto(msg.commission);
  requireCommissionRates(rates);
  const minSelfDelegation = parseIntText(msg.minSelfDelegation || "0");
  if (minSelfDelegation <= 0n) throw sdk.invalidRequest("minimum self delegation must be a positive integer");
  if (stake.amount < minSelfDelegation) throw selfDelegationBelowMinimum();
  requireDescriptionLengths(msg.description!);
  const validator: Validator = {
    operatorAddress: validatorAddress.encode(operator),
    consensusPubkey: msg.pubkey,
    jailed: false,
    status: unbonded,
    tokens: 0n,
    delegatorShares: 0n,
    description: msg.description!,
    unbondingHeight: 0n,
    unbondingTime: epoch,
    commission: { ...rates, updateTime: epoch },
    minSelfDelegation,
    unbondingOnHoldRefCount: 0n,
    unbondingIds: [],
  };
  return { operator, key: publicKeyFromAny(msg.pubkey), stake, validator };
}

/** The names by which consensus parameters and Go know kinds of keys. */
const keyTypeNames = { ed25519: "ed25519", secp256k1: "secp256k1", multisig: "PubKeyMultisigThreshold" } as const;

function requireKeyType(ctx: ReadContext, { scheme }: PublicKey): void {
  const types = consensusParams.get(ctx)?.validator?.pubKeyTypes;
  const name = keyTypeNames[scheme];
  if (types === undefined || types.includes(name)) return;
  throw validatorPubKeyTypeNotSupported(`got: ${name}, expected: [${types.join(" ")}]`);
}

function createValidator(ctx: Context, { operator, key, stake, validator }: Creation): void {
  const minRate = minCommissionRateOf(getParams(ctx));
  if (validator.commission.rate < minRate) {
    throw commissionBelowMinRate(`cannot set validator commission to less than minimum rate of ${formatDec(minRate)}`);
  }
  if (getValidator(ctx, operator) !== undefined) throw validatorOwnerExists();
  if (getValidatorByConsAddr(ctx, publicKeyAddress(key)) !== undefined) throw validatorPubKeyExists();
  const denom = bondDenom(ctx);
  if (stake.denom !== denom) {
    throw sdk.invalidRequest(`invalid coin denomination: got ${stake.denom}, expected ${denom}`);
  }
  requireKeyType(ctx, key);
  const created = { ...validator, commission: { ...validator.commission, updateTime: ctx.block.time } };
  setValidator(ctx, created);
  setByConsensusAddress(ctx, created);
  setByPower(ctx, created);
  hooks.afterValidatorCreated(ctx, operator);
  // An operator delegates from the account of the same bytes.
  delegate(ctx, operator, stake.amount, created);
}

const createMessage = message(proto.MsgCreateValidator, proto.MsgCreateValidatorResponse, {
  signers: (msg) => [operatorAccount(msg.validatorAddress)],
  validate(msg) {
    creationOf(msg);
  },
  execute(ctx, msg) {
    const creation = creationOf(msg);
    createValidator(ctx, creation);
    ctx.emit(validatorCreated(msg.validatorAddress, formatCoin(creation.stake)));
    return {};
  },
});

// ----------------------------------------------------------------------------------------------------------------------- edit

interface Edit {
  readonly operator: Uint8Array;
  readonly description: NonNullable<proto.MsgEditValidator["description"]>;
  /** Undefined where they stay as they are. */
  readonly rate: bigint | undefined;
  readonly minSelfDelegation: bigint | undefined;
}

function editOf(msg: proto.MsgEditValidator): Edit {
  const operator = decodedAddress(validatorAddress, msg.validatorAddress, "validator");
  if (isEmptyDescription(msg.description)) throw sdk.invalidRequest("empty description");
  const minSelfDelegation = msg.minSelfDelegation === "" ? undefined : parseIntText(msg.minSelfDelegation);
  if (minSelfDelegation !== undefined && minSelfDelegation <= 0n) {
    throw sdk.invalidRequest("minimum self delegation must be a positive integer");
  }
  const rate = msg.commissionRate === "" ? undefined : decFromProto(msg.commissionRate);
  if (rate !== undefined && (rate > decOne || rate < 0n)) {
    throw sdk.invalidRequest("commission rate must be between 0 and 1 (inclusive)");
  }
  return { operator, description: msg.description!, rate, minSelfDelegation };
}

function withRate(ctx: Context, validator: Validator, operator: Uint8Array, rate: bigint): Validator {
  const commission = changedCommission(validator.commission, rate, ctx.block.time, minCommissionRateOf(getParams(ctx)));
  hooks.beforeValidatorModified(ctx, operator);
  return { ...validator, commission };
}

/** A promise to the delegators: it only grows. */
function withMinSelfDelegation(validator: Validator, minSelfDelegation: bigint): Validator {
  if (minSelfDelegation <= validator.minSelfDelegation) throw minSelfDelegationDecreased();
  if (minSelfDelegation > validator.tokens) throw selfDelegationBelowMinimum();
  return { ...validator, minSelfDelegation };
}

function editedValidator(ctx: Context, { operator, description, rate, minSelfDelegation }: Edit): Validator {
  const minRate = minCommissionRateOf(getParams(ctx));
  if (rate !== undefined && rate < minRate) {
    throw sdk.invalidRequest(`commission rate cannot be less than the min commission rate ${formatDec(minRate)}`);
  }
  const current = requireValidator(ctx, operator);
  let next: Validator = { ...current, description: editedDescription(current.description, description) };
  if (rate !== undefined) next = withRate(ctx, next, operator, rate);
  if (minSelfDelegation !== undefined) next = withMinSelfDelegation(next, minSelfDelegation);
  return next;
}

const editMessage = message(proto.MsgEditValidator, proto.MsgEditValidatorResponse, {
  signers: (msg) => [operatorAccount(msg.validatorAddress)],
  validate(msg) {
    editOf(msg);
  },
  execute(ctx, msg) {
    const edited = editedValidator(ctx, editOf(msg));
    setValidator(ctx, edited);
    ctx.emit(validatorEdited(describeCommission(edited.commission), `${edited.minSelfDelegation}`));
    return {};
  },
});

export const validatorMessages = {
  "/cosmos.staking.v1beta1.MsgCreateValidator": createMessage,
  "/cosmos.staking.v1beta1.MsgEditValidator": editMessage,
};
