/** Integers as cosmossdk.io/math Int: up to 256 bits and a sign, text on the wire. Owns the bound and the strict text. */
import { ChainError, sdk } from "./errors.ts";

export const intBitsMax = 256;
const intMax = (1n << BigInt(intBitsMax)) - 1n;
/** Digits of 2^256 - 1: longer text is refused before it is read. */
const digitsMax = 78;

/** Go reads "0x10", "010" (as eight), "1_0" and "+1" too; here a number has one text, so that bytes that mean the same are the same. */
const canonical = /^(?:0|-?[1-9][0-9]*)$/;

export const isIntInRange = (value: bigint): boolean => value <= intMax && value >= -intMax;

/** Throws what Go panics with, as a refusal of the transaction: amounts are users' to choose. */
export function requireIntRange(value: bigint): bigint {
  if (!isIntInRange(value)) throw sdk.logic("integer overflow");
  return value;
}

/** From a protobuf or JSON field of type cosmos.Int. Throws ChainError (sdk 2, tx parse error), as decoding the field would in Go. */
export function parseIntText(text: string): bigint {
  if (text.length > digitsMax + 1 || !canonical.test(text)) {
    throw sdk.txDecode(`math/big: cannot unmarshal ${JSON.stringify(text.slice(0, digitsMax + 1))} into a *big.Int`);
  }
  const value = BigInt(text);
  if (!isIntInRange(value)) throw sdk.txDecode(`integer out of range: ${text}`);
  return value;
}

/** Divides with truncation toward zero, as Go's Quo and JavaScript's `/`. */
export function quotient(dividend: bigint, divisor: bigint): bigint {
  if (divisor === 0n) throw new ChainError("sdk", 35, "divide by zero");
  return dividend / divisor;
}
