/** What is always true of signing infos, bitmaps and keys. */
import { consensusAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import { publicKeyAddress } from "../../chain/crypto/publickey.ts";
import type { Invariant } from "../../chain/module.ts";
import { compareBytes } from "../../chain/store/types.ts";
import { consensusAddressOf, getValidatorByConsAddr, isBonded, iterateValidators } from "../staking/index.ts";
import { getParams, getPublicKey, getSigningInfo } from "./keeper.ts";
import { missedBlocksOf } from "./missedblocks.ts";
import { paramsProblem, paramsToProto } from "./params.ts";
import { missedBlockChunks, publicKeys, signingInfos } from "./state.ts";

const named = (address: Uint8Array): string => consensusAddress.encode(address);

const paramsAreValid: Invariant = (ctx) => paramsProblem(paramsToProto(getParams(ctx)));

const missedBlocksAreCounted: Invariant = (ctx) => {
  for (const [address, { missedBlocksCounter }] of signingInfos.iterate(ctx)) {
    const set = BigInt(missedBlocksOf(ctx, address).filter(({ missed }) => missed).length);
    if (set !== missedBlocksCounter) {
      return `${named(address)} has ${set} missed blocks in its bitmap, but ${missedBlocksCounter} are counted`;
    }
  }
  for (const [address] of missedBlockChunks.keys(ctx)) {
    if (getSigningInfo(ctx, address) === undefined) return `${named(address)} has a bitmap but no signing info`;
  }
  return undefined;
};

const signingInfosAreWhole: Invariant = (ctx) => {
  for (const [address, info] of signingInfos.iterate(ctx)) {
    if (info.address !== named(address)) return `the signing info of ${named(address)} names ${info.address}`;
    if (info.indexOffset < 0n || info.startHeight < 0n) return `the signing info of ${named(address)} counts below 0`;
  }
  return bondedWithout(ctx);
};

function bondedWithout(ctx: ReadContext): string | undefined {
  for (const validator of iterateValidators(ctx)) {
    const address = consensusAddressOf(validator);
    if (isBonded(validator) && getSigningInfo(ctx, address) === undefined) {
      return `${validator.operatorAddress} is bonded but has no signing info`;
    }
  }
  return undefined;
}

const tombstonedAreJailed: Invariant = (ctx) => {
  for (const [address, { tombstoned }] of signingInfos.iterate(ctx)) {
    const validator = tombstoned ? getValidatorByConsAddr(ctx, address) : undefined;
    if (validator?.jailed === false) return `${validator.operatorAddress} signed twice but is not jailed`;
  }
  return undefined;
};

/** In both directions: of every validator, and of nobody else. */
const publicKeysAreOfValidators: Invariant = (ctx) => {
  for (const address of publicKeys.keys(ctx)) {
    const key = getPublicKey(ctx, address);
    if (key === undefined || compareBytes(publicKeyAddress(key), address) !== 0) {
      return `the key under ${named(address)} is another's`;
    }
    if (getValidatorByConsAddr(ctx, address) === undefined) return `${named(address)} has a key but is no validator`;
  }
  for (const validator of iterateValidators(ctx)) {
    const address = consensusAddressOf(validator);
    if (getPublicKey(ctx, address) === undefined) return `the key of ${validator.operatorAddress} is not stored`;
  }
  return undefined;
};

export const invariants: Readonly<Record<string, Invariant>> = {
  paramsAreValid,
  missedBlocksAreCounted,
  signingInfosAreWhole,
  tombstonedAreJailed,
  publicKeysAreOfValidators,
};
