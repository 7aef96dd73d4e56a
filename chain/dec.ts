/**
 * Decimals as cosmossdk.io/math LegacyDec: a bigint that counts 10^-18. Owns the arithmetic, its roundings, its bound and its text.
 *
 * A Dec is a plain bigint, because that is what the wire and the state hold; the name of the type and of the functions tell it from an
 * integer. What Go panics with is thrown as a ChainError: the operands may be a user's.
 */
import { ChainError, sdk } from "./errors.ts";
import { requireIntRange } from "./int.ts";

export type Dec = bigint;

export const decPrecision = 18;
export const decOne: Dec = 10n ** BigInt(decPrecision);
const decHalf: Dec = decOne / 2n;
/** 2^256 · 10^18 - 1, a number of 316 bits. */
const decMax: Dec = (1n << 256n) * decOne - 1n;

export const isDecInRange = (value: Dec): boolean => value <= decMax && value >= -decMax;

function inRange(value: Dec): Dec {
  if (!isDecInRange(value)) throw sdk.logic("Int overflow");
  return value;
}

function nonZero(divisor: bigint): bigint {
  if (divisor === 0n) throw sdk.logic("division by zero");
  return divisor;
}

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

/** Drops 18 digits; exactly half goes to the even neighbour (banker's rounding), alike below and above zero. */
function chopAndRound(value: bigint): bigint {
  const whole = value / decOne;
  const rest = magnitude(value % decOne);
  if (rest < decHalf || (rest === decHalf && whole % 2n === 0n)) return whole;
  return value < 0n ? whole - 1n : whole + 1n;
}

export const decFromInt = (value: bigint): Dec => value * decOne;
/** `decFromRatio(1n, 3n)`: a third, rounded to even as decQuo rounds. */
export const decFromRatio = (numerator: bigint, denominator: bigint): Dec =>
  decQuo(decFromInt(numerator), decFromInt(denominator));

export const decAdd = (a: Dec, b: Dec): Dec => inRange(a + b);
export const decSub = (a: Dec, b: Dec): Dec => inRange(a - b);

/** Rounds half to even. */
export const decMul = (a: Dec, b: Dec): Dec => inRange(chopAndRound(a * b));
/** Rounds toward zero. */
export const decMulTruncate = (a: Dec, b: Dec): Dec => inRange((a * b) / decOne);
/** Rounds toward positive infinity. */
export const decMulRoundUp = (a: Dec, b: Dec): Dec => inRange(divideUp(a * b, decOne));
export const decMulInt = (a: Dec, b: bigint): Dec => inRange(a * b);

/** Truncates at 36 digits and then rounds half to even at 18, as Go does: not always the nearest to the true quotient. */
export const decQuo = (a: Dec, b: Dec): Dec => inRange(chopAndRound((a * decOne * decOne) / nonZero(b)));
/** Rounds toward zero. */
export const decQuoTruncate = (a: Dec, b: Dec): Dec => inRange((a * decOne) / nonZero(b));
/**
 * Rounds toward positive infinity when both are positive. Below zero Go compares the divisor's sign with the quotient's, not with the
 * dividend's, and so adds one now and then where it need not; the same here, for one rule has one result.
 */
export function decQuoRoundUp(a: Dec, b: Dec): Dec {
  const dividend = a * decOne;
  const whole = dividend / nonZero(b);
  const rest = dividend % b;
  const sameSigns = whole < 0n === b < 0n;
  return inRange((rest > 0n && sameSigns) || (rest < 0n && !sameSigns) ? whole + 1n : whole);
}
/** Rounds toward zero. */
export const decQuoInt = (a: Dec, b: bigint): Dec => a / nonZero(b);

function divideUp(dividend: bigint, divisor: bigint): bigint {
  const whole = dividend / divisor;
  const isAbove = dividend % divisor !== 0n && dividend < 0n === divisor < 0n;
  return isAbove ? whole + 1n : whole;
}

/** Rounds half to even. */
export const decRoundInt = (value: Dec): bigint => requireIntRange(chopAndRound(value));
/** Rounds toward zero. */
export const decTruncateInt = (value: Dec): bigint => requireIntRange(value / decOne);
/** Rounds toward zero, to a whole decimal. */
export const decTruncate = (value: Dec): Dec => (value / decOne) * decOne;
/** Rounds toward positive infinity, to a whole decimal. */
export const decCeil = (value: Dec): Dec => inRange(divideUp(value, decOne) * decOne);
export const decIsInteger = (value: Dec): boolean => value % decOne === 0n;

/** By squaring, each product rounded half to even: the order of the products is part of the result. */
export function decPower(base: Dec, exponent: bigint): Dec {
  if (exponent === 0n) return decOne;
  let square = base;
  let product = decOne;
  for (let left = exponent; left > 1n; left /= 2n) {
    if (left % 2n === 1n) product = decMul(product, square);
    square = decMul(square, square);
  }
  return decMul(square, product);
}

const refuse = (text: string): ChainError => new ChainError("sdk", 18, text);
const digitsMax = 80;
const digits = /^[0-9]*$/;

/** Reads "-12.5". Throws ChainError (sdk 18) with Go's text; only one minus sign and digits with at most one point are read. */
export function parseDec(text: string): Dec {
  const isNegative = text.startsWith("-");
  const unsigned = isNegative ? text.slice(1) : text;
  if (unsigned === "") throw refuse("decimal string cannot be empty");

  const parts = unsigned.split(".", 3);
  const [whole = "", fraction] = parts;
  if (parts.length > 2) throw refuse("invalid decimal string");
  if (fraction === "" || (fraction !== undefined && whole === "")) throw refuse("invalid decimal length");
  const fractionDigits = fraction?.length ?? 0;
  if (fractionDigits > decPrecision) {
    const excess = decPrecision - fractionDigits;
    throw refuse(
      `value '${unsigned}' exceeds max precision by ${excess} decimal places: max precision ${decPrecision}`,
    );
  }

  const scaled = whole + (fraction ?? "").padEnd(decPrecision, "0");
  if (!digits.test(scaled)) throw refuse(`failed to set decimal string with base 10: ${scaled}`);
  const value = scaled.length > digitsMax + decPrecision ? decMax + 1n : BigInt(scaled);
  if (!isDecInRange(value)) throw refuse("out of range: invalid decimal string");
  return isNegative ? -value : value;
}

/** Always 18 digits behind the point, as Go's String and JSON. */
export function formatDec(value: Dec): string {
  const text = magnitude(value)
    .toString()
    .padStart(decPrecision + 1, "0");
  const point = text.length - decPrecision;
  return `${value < 0n ? "-" : ""}${text.slice(0, point)}.${text.slice(point)}`;
}

/** A JSON value, which must be a string. */
export function decFromJson(json: unknown): Dec {
  if (typeof json !== "string") throw refuse(`expected a decimal as a JSON string such as "0.5", found ${typeof json}`);
  return parseDec(json);
}

const canonicalInteger = /^(?:0|-?[1-9][0-9]*)$/;

/** A protobuf field of type cosmos.Dec holds the count of 10^-18 as text. Throws ChainError (sdk 2). */
export function decFromProto(text: string): Dec {
  if (text.length > digitsMax + decPrecision || !canonicalInteger.test(text)) {
    throw sdk.txDecode(`math/big: cannot unmarshal ${JSON.stringify(text.slice(0, digitsMax))} into a *big.Int`);
  }
  const value = BigInt(text);
  if (!isDecInRange(value)) throw sdk.txDecode("decimal out of range");
  return value;
}

export const decToProto = (value: Dec): string => value.toString();

/** Where the field is of type bytes, as in slashing's parameters: the same text, each character a byte. */
export function decFromProtoBytes(bytes: Uint8Array): Dec {
  let text = "";
  for (const byte of bytes.subarray(0, digitsMax + decPrecision + 1)) text += String.fromCharCode(byte);
  return decFromProto(text);
}

export const decToProtoBytes = (value: Dec): Uint8Array => Uint8Array.from(decToProto(value), (c) => c.charCodeAt(0));
