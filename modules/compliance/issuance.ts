/** Denominations that an enterprise issues: who makes coins of one, and how many there may be. Burns only the issuer's own. */
import { accountAddress } from "../../chain/address.ts";
import type { Coin } from "../../chain/coins.ts";
import type { Context } from "../../chain/context.ts";
import type { Issuance } from "../../proto/gen/weir/compliance/v1/state.ts";
import { burnCoins, mintCoins, sendFromModule, sendToModule, supplyOf } from "../bank/index.ts";
import { beyondCap, madeElsewhere, nativeIsFree, noIssuance, notTheIssuer, tooMany } from "./errors.ts";
import * as events from "./events.ts";
import { getParams, requireOn } from "./params.ts";
import { isNative } from "./rules.ts";
import { issuances, issuingName } from "./state.ts";

/** A denomination that others have made keeps its makers: a vote cannot print what it is worth. Returns the cap, no less than there is. */
export function setIssuance(
  ctx: Context,
  { denom, issuer, cap }: { denom: string; issuer: string; cap: bigint },
): bigint {
  requireOn(ctx);
  if (isNative(ctx, denom)) throw nativeIsFree(denom);
  const supply = supplyOf(ctx, denom);
  const isNew = !issuances.has(ctx, denom);
  if (isNew && issuer === "") throw noIssuance(denom);
  if (isNew && supply > 0n) throw madeElsewhere(denom);
  const { denomsMax } = getParams(ctx);
  if (isNew && [...issuances.keys(ctx)].length >= denomsMax) throw tooMany("denominations are issued", denomsMax);
  const most = issuer === "" || cap < supply ? supply : cap;
  const issuance: Issuance = { denom, issuer, cap: `${most}` };
  issuances.set(ctx, denom, issuance);
  ctx.emit(events.issuanceSet(issuance));
  return most;
}

function requireIssuance(ctx: Context, issuer: string, denom: string): Issuance {
  requireOn(ctx);
  const issuance = issuances.get(ctx, denom);
  if (issuance === undefined) throw noIssuance(denom);
  if (issuance.issuer !== issuer) throw notTheIssuer(issuer, denom, issuance.issuer);
  return issuance;
}

/** Through the restrictions: who gets them receives them. */
export function mintIssued(ctx: Context, issuer: string, recipient: string, coin: Coin): void {
  const { cap } = requireIssuance(ctx, issuer, coin.denom);
  const supply = supplyOf(ctx, coin.denom);
  if (supply + coin.amount > BigInt(cap)) throw beyondCap(coin, supply, BigInt(cap));
  mintCoins(ctx, issuingName, [coin]);
  sendFromModule(ctx, issuingName, accountAddress.decode(recipient), [coin]);
  ctx.emit(events.minted(issuer, recipient, [coin]));
}

export function burnIssued(ctx: Context, issuer: string, coin: Coin): void {
  requireIssuance(ctx, issuer, coin.denom);
  sendToModule(ctx, accountAddress.decode(issuer), issuingName, [coin]);
  burnCoins(ctx, issuingName, [coin]);
  ctx.emit(events.burned(issuer, [coin]));
}
