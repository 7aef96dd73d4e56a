/** What a message of the market can be refused for by itself. Pure. */
import { accountAddress } from "../../chain/address.ts";
import { type Coin, coinFromProto, coinProblem, type ProtoCoin } from "../../chain/coins.ts";
import { type Dec, decFromProto, formatDec } from "../../chain/dec.ts";
import { utf8Length } from "../../chain/utf8.ts";
import { badAmount, badText } from "./errors.ts";

/** A positive amount below 2^128: sums of as many as there can be stay within what a balance holds. */
const amountMax = (1n << 128n) - 1n;

export const requireAddress = (text: string): Uint8Array => accountAddress.decode(text);

export function requireCoin(coin: ProtoCoin | undefined, what: string): Coin {
  if (coin === undefined) throw badAmount(what, "nothing", "an amount with its denomination");
  const found = coinFromProto(coin);
  const problem = coinProblem(found);
  if (problem !== undefined) throw badAmount(what, problem, "an amount with its denomination");
  if (found.amount < 1n || found.amount > amountMax) {
    throw badAmount(what, `${found.amount}`, "more than nothing and less than 2^128");
  }
  return found;
}

export function requireRange(what: string, value: bigint, least: bigint, most: bigint): void {
  if (value < least || value > most) throw badAmount(what, `${value}`, `${least} to ${most}`);
}

export function requireDec(what: string, text: string): Dec {
  const value = text === "" ? -1n : decFromProto(text);
  if (value < 0n) throw badAmount(what, text === "" ? "nothing" : formatDec(value), "0 or more");
  return value;
}

export function requireText(what: string, text: string, bytesMax: number): void {
  const bytes = utf8Length(text);
  if (bytes < 1 || bytes > bytesMax) throw badText(`${what} has ${bytes} bytes`, `1 to ${bytesMax}`);
}
