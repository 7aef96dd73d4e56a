/**
 * ECVRF-EDWARDS25519-SHA512-TAI as RFC 9381 has it: a proof that names its own output, so that who makes it cannot choose.
 * Owns the arithmetic. Does not own what is proven, nor whose keys count.
 */
import { mulAddUnsafe } from "@noble/curves/abstract/curve.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, bytesToNumberLE, concatBytes, equalBytes, numberToBytesLE } from "@noble/curves/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";

const { Point } = ed25519;
type Point = InstanceType<typeof Point>;

export const proofLength = 80;
export const secretKeyLength = 32;
export const publicKeyLength = 32;
export const outputLength = 64;

const pointLength = 32;
const challengeLength = 16;
const groupOrder = Point.Fn.ORDER;
/** A try succeeds half the time; no one finds an input that needs this many. Bounds the work a stranger's proof can ask for. */
const curveTriesMax = 128;

/** §5.5: the suite, then one octet that keeps each use of the hash apart from the others. */
const suite = 0x03;
const encodeFront = Uint8Array.of(suite, 0x01);
const challengeFront = Uint8Array.of(suite, 0x02);
const outputFront = Uint8Array.of(suite, 0x03);
const back = Uint8Array.of(0x00);

/** RFC 8032 §5.1.3, canonical only. Undefined for what is no point. */
function decodePoint(bytes: Uint8Array): Point | undefined {
  try {
    return Point.fromBytes(bytes, false);
  } catch {
    // The library says "no such point" by a throw, and nothing else it says here is of interest.
    return undefined;
  }
}

/** §5.4.1.1, try and increment, with the public key as salt. Undefined when no try succeeds. */
function encodeToCurve(publicKey: Uint8Array, input: Uint8Array): Point | undefined {
  for (let attempt = 0; attempt < curveTriesMax; attempt++) {
    const hash = sha512(concatBytes(encodeFront, publicKey, input, Uint8Array.of(attempt), back));
    const point = decodePoint(hash.subarray(0, pointLength))?.clearCofactor();
    if (point !== undefined && !point.is0()) return point;
  }
  return undefined;
}

/** §5.4.3. */
function challenge(points: readonly Uint8Array[]): Uint8Array {
  return sha512(concatBytes(challengeFront, ...points, back)).subarray(0, challengeLength);
}

const scalarBytes = (value: bigint): Uint8Array => numberToBytesLE(value, 32);

/** §5.2. */
function outputOf(gamma: Point): Uint8Array {
  return sha512(concatBytes(outputFront, gamma.clearCofactor().toBytes(), back));
}

/** §5.4.5: a key of small order would make every output the same. */
function decodeKey(publicKey: Uint8Array): Point | undefined {
  const point = publicKey.length === publicKeyLength ? decodePoint(publicKey) : undefined;
  return point?.isSmallOrder() ? undefined : point;
}

/** Validators prove again and again by the same key: those that were asked for lately, so many. */
const keysKept = 256;
const knownKeys = new Map<string, Point>();

/** As decodeKey, which it gives the result of. */
function knownKey(publicKey: Uint8Array): Point | undefined {
  const name = bytesToHex(publicKey);
  const known = knownKeys.get(name);
  if (known !== undefined) return known;
  const key = decodeKey(publicKey);
  if (key === undefined) return undefined;
  if (knownKeys.size === keysKept) knownKeys.delete(knownKeys.keys().next().value!);
  knownKeys.set(name, key);
  return key;
}

export const isUsableKey = (publicKey: Uint8Array): boolean => decodeKey(publicKey) !== undefined;

/** The key that verifies what `secretKey`, an ed25519 seed, proves. */
export function publicKeyOf(secretKey: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(secretKey);
}

/** §5.1: 80 bytes, the same for the same key and input. */
export function prove(secretKey: Uint8Array, input: Uint8Array): Uint8Array {
  const { scalar, prefix, pointBytes: publicKey } = ed25519.utils.getExtendedPublicKey(secretKey);
  const base = encodeToCurve(publicKey, input);
  if (base === undefined) throw new Error(`no point of the curve found for this input in ${curveTriesMax} tries`);
  const baseBytes = base.toBytes();
  const gamma = base.multiply(scalar).toBytes();
  const nonce = bytesToNumberLE(sha512(concatBytes(prefix, baseBytes))) % groupOrder;
  const commitments = [Point.BASE.multiply(nonce).toBytes(), base.multiply(nonce).toBytes()];
  const c = challenge([publicKey, baseBytes, gamma, ...commitments]);
  const s = (nonce + bytesToNumberLE(c) * scalar) % groupOrder;
  return concatBytes(gamma, c, scalarBytes(s));
}

/** §5.3: the output that a proof shows, 64 bytes, or undefined when it shows nothing. Never throws. */
export function verify(publicKey: Uint8Array, input: Uint8Array, proof: Uint8Array): Uint8Array | undefined {
  const key = knownKey(publicKey);
  if (key === undefined || proof.length !== proofLength) return undefined;
  const gammaBytes = proof.subarray(0, pointLength);
  const c = proof.subarray(pointLength, pointLength + challengeLength);
  const s = bytesToNumberLE(proof.subarray(pointLength + challengeLength));
  const gamma = decodePoint(gammaBytes);
  if (gamma === undefined || s >= groupOrder) return undefined;
  const base = encodeToCurve(publicKey, input);
  if (base === undefined) return undefined;
  // U = s·B − c·Y and V = s·H − c·Γ. Multiples of B are in a table, and c has half the bits: apart they are less work than together.
  const factor = bytesToNumberLE(c);
  const left = Point.BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(factor));
  const right = mulAddUnsafe(Point, [base, gamma.negate()], [s, factor]);
  const expected = challenge([publicKey, base.toBytes(), gammaBytes, left.toBytes(), right.toBytes()]);
  return equalBytes(expected, c) ? outputOf(gamma) : undefined;
}
