/** Signing infos, keys by address and the punishments themselves. Owns what evidence asks slashing to do; votes are liveness.ts. */
import { consensusAddress } from "../../chain/address.ts";
import type { Context, ReadContext, Timestamp } from "../../chain/context.ts";
import { type PublicKey, publicKeyFromAny, publicKeyToAny } from "../../chain/crypto/publickey.ts";
import { getValidatorByConsAddr, jail as jailInStaking, slash } from "../staking/index.ts";
import { alreadyTombstoned } from "./errors.ts";
import { jailedEvent, slashedForDoubleSign } from "./events.ts";
import { defaultParams, type Params } from "./params.ts";
import type { SigningInfo } from "./signinginfo.ts";
import * as state from "./state.ts";

export const getParams = (ctx: ReadContext): Params => state.params.get(ctx) ?? defaultParams;

export const getSigningInfo = (ctx: ReadContext, address: Uint8Array): SigningInfo | undefined =>
  state.signingInfos.get(ctx, address);

export const isTombstoned = (ctx: ReadContext, address: Uint8Array): boolean =>
  getSigningInfo(ctx, address)?.tombstoned ?? false;

// ---------------------------------------------------------------------------------------------------------------------- keys

export function getPublicKey(ctx: ReadContext, address: Uint8Array): PublicKey | undefined {
  const any = state.publicKeys.get(ctx, address);
  return any === undefined ? undefined : publicKeyFromAny(any);
}

export const setPublicKey = (ctx: Context, address: Uint8Array, publicKey: PublicKey): void =>
  state.publicKeys.set(ctx, address, publicKeyToAny(publicKey));

/** A key that signed twice would be free to do so again: its evidence is not looked at any more. */
export function refuseTombstoned(ctx: ReadContext, address: Uint8Array): void {
  if (isTombstoned(ctx, address)) throw alreadyTombstoned(consensusAddress.encode(address));
}

// --------------------------------------------------------------------------------------------------------------- punishments

/** 9999-12-31T23:59:59Z: for ever, as near as a Timestamp comes. */
export const endOfTime: Timestamp = { seconds: 253_402_300_799n, nanos: 0 };

export interface DoubleSign {
  /** Consensus address. */
  readonly address: Uint8Array;
  readonly power: bigint;
  /** Whose stake it was: what began to leave the validator at this height or later is slashed with it. */
  readonly distributionHeight: bigint;
}

/** Burns its fraction, jails the validator if it is not yet, for ever, and lets its key never validate again. */
export function punishDoubleSign(ctx: Context, { address, power, distributionHeight }: DoubleSign): void {
  const info = getSigningInfo(ctx, address);
  if (info === undefined) throw new Error(`validator ${consensusAddress.encode(address)} has no signing info`);
  const wasJailed = getValidatorByConsAddr(ctx, address)?.jailed ?? true;
  const burned = slash(ctx, address, distributionHeight, power, getParams(ctx).slashFractionDoubleSign);
  ctx.emit(slashedForDoubleSign(info.address, power, burned));
  if (!wasJailed) {
    jailInStaking(ctx, address);
    ctx.emit(jailedEvent(info.address));
  }
  state.signingInfos.set(ctx, address, { ...info, jailedUntil: endOfTime, tombstoned: true });
}
