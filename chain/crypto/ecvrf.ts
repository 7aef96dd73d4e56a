/**
 * ECVRF-EDWARDS25519-SHA512-TAI as RFC 9381 has it: a proof that names its own output, so that who makes it cannot choose.
 * Owns the arithmetic. Does not own what is proven, nor whose keys count.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, bytesToNumberLE, concatBytes, equalBytes, numberToBytesLE } from "@noble/curves/utils.js";
import {
  addMultiples,
  addPoints,
  clearCofactor,
  decodePoint,
  encodePoints,
  isNeutral,
  type Multiples,
  multiplyBase,
  multiplyEvenly,
  newPoint,
  oddMultiples,
  type Point,
  pointLength,
} from "./edwards25519.ts";
import { sha512 } from "./hash.ts";

export const proofLength = 80;
export const secretKeyLength = 32;
export const publicKeyLength = 32;
export const outputLength = 64;

const challengeLength = 16;
const groupOrder = ed25519.Point.Fn.ORDER;
/** A try succeeds half the time; no one finds an input that needs this many. Bounds the work a stranger's proof can ask for. */
const curveTriesMax = 128;

/** §5.5: the suite, then one octet that keeps each use of the hash apart from the others. */
const suite = 0x03;
const encodeFront = Uint8Array.of(suite, 0x01);
const challengeFront = Uint8Array.of(suite, 0x02);
const outputFront = Uint8Array.of(suite, 0x03);
const back = Uint8Array.of(0x00);

/** §5.4.1.1, try and increment, with the public key as salt. Undefined when no try succeeds. */
function encodeToCurve(publicKey: Uint8Array, input: Uint8Array): Point | undefined {
  for (let attempt = 0; attempt < curveTriesMax; attempt++) {
    const hash = sha512(concatBytes(encodeFront, publicKey, input, Uint8Array.of(attempt), back));
    const point = decodePoint(hash.subarray(0, pointLength));
    if (point === undefined) continue;
    clearCofactor(point, point);
    if (!isNeutral(point)) return point;
  }
  return undefined;
}

/** §5.4.3. */
function challenge(points: readonly Uint8Array[]): Uint8Array {
  return sha512(concatBytes(challengeFront, ...points, back)).subarray(0, challengeLength);
}

const scalarBytes = (value: bigint): Uint8Array => numberToBytesLE(value, 32);

const timesCofactor = (point: Point): Point => {
  const out = newPoint();
  clearCofactor(out, point);
  return out;
};

/** §5.2, of Γ times the cofactor. */
const outputOf = (cleared: Uint8Array): Uint8Array => sha512(concatBytes(outputFront, cleared, back));

/** §5.4.5: a key of small order would make every output the same. */
function decodeKey(publicKey: Uint8Array): Point | undefined {
  const point = decodePoint(publicKey);
  return point === undefined || isNeutral(timesCofactor(point)) ? undefined : point;
}

/** Validators prove again and again by the same key: multiples of those that were asked for lately, 7 kB each, so many. */
const keysKept = 256;
const knownKeys = new Map<string, Multiples>();

/** As decodeKey, which it gives the multiples of. */
function knownKey(publicKey: Uint8Array): Multiples | undefined {
  const name = bytesToHex(publicKey);
  const known = knownKeys.get(name);
  if (known !== undefined) return known;
  const key = decodeKey(publicKey);
  if (key === undefined) return undefined;
  if (knownKeys.size === keysKept) knownKeys.delete(knownKeys.keys().next().value!);
  const multiples = oddMultiples(key);
  knownKeys.set(name, multiples);
  return multiples;
}

export const isUsableKey = (publicKey: Uint8Array): boolean => decodeKey(publicKey) !== undefined;

/** The key that verifies what `secretKey`, an ed25519 seed, proves. */
export function publicKeyOf(secretKey: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(secretKey);
}

/** RFC 8032 §5.1.5: the scalar, below 2^255, and what nonces are hashed with. */
function expandSecret(secretKey: Uint8Array): { readonly scalar: Uint8Array; readonly prefix: Uint8Array } {
  const hash = sha512(secretKey);
  const scalar = hash.slice(0, 32);
  scalar[0]! &= 248;
  scalar[31] = (scalar[31]! & 127) | 64;
  return { scalar, prefix: hash.subarray(32) };
}

function timesBase(scalar: Uint8Array): Point {
  const out = newPoint();
  multiplyBase(out, scalar);
  return out;
}

function timesSecret(scalar: Uint8Array, point: Point): Point {
  const out = newPoint();
  multiplyEvenly(out, scalar, point);
  return out;
}

/** §5.1: 80 bytes, the same for the same key and input. */
export function prove(secretKey: Uint8Array, input: Uint8Array): Uint8Array {
  if (secretKey.length !== secretKeyLength) throw new Error(`a secret key has ${secretKeyLength} bytes`);
  const { scalar, prefix } = expandSecret(secretKey);
  const [publicKey] = encodePoints([timesBase(scalar)]) as [Uint8Array];
  const base = encodeToCurve(publicKey, input);
  if (base === undefined) throw new Error(`no point of the curve found for this input in ${curveTriesMax} tries`);
  const [baseBytes, gamma] = encodePoints([base, timesSecret(scalar, base)]) as [Uint8Array, Uint8Array];
  const nonce = bytesToNumberLE(sha512(concatBytes(prefix, baseBytes))) % groupOrder;
  const nonceBytes = scalarBytes(nonce);
  const commitments = encodePoints([timesBase(nonceBytes), timesSecret(nonceBytes, base)]);
  const c = challenge([publicKey, baseBytes, gamma, ...commitments]);
  const s = (nonce + bytesToNumberLE(c) * bytesToNumberLE(scalar)) % groupOrder;
  return concatBytes(gamma, c, scalarBytes(s));
}

/** §5.3: the output that a proof shows, 64 bytes, or undefined when it shows nothing. Never throws. */
export function verify(publicKey: Uint8Array, input: Uint8Array, proof: Uint8Array): Uint8Array | undefined {
  const key = knownKey(publicKey);
  if (key === undefined || proof.length !== proofLength) return undefined;
  const gammaBytes = proof.subarray(0, pointLength);
  const c = proof.subarray(pointLength, pointLength + challengeLength);
  const s = proof.subarray(pointLength + challengeLength);
  const gamma = decodePoint(gammaBytes);
  if (gamma === undefined || bytesToNumberLE(s) >= groupOrder) return undefined;
  const base = encodeToCurve(publicKey, input);
  if (base === undefined) return undefined;
  const factor = new Uint8Array(32);
  factor.set(c);
  // U = s·B − c·Y and V = s·H − c·Γ. Multiples of B need no doublings, and those for Y are half as many: apart they are less work.
  const left = newPoint();
  addMultiples(left, [{ scalar: factor, multiples: key, isAdded: false }]);
  addPoints(left, left, timesBase(s));
  const right = newPoint();
  addMultiples(right, [
    { scalar: s, multiples: oddMultiples(base), isAdded: true },
    { scalar: factor, multiples: oddMultiples(gamma), isAdded: false },
  ]);
  const encoded = encodePoints([base, left, right, timesCofactor(gamma)]);
  const [baseBytes, leftBytes, rightBytes, cleared] = encoded as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const expected = challenge([publicKey, baseBytes, gammaBytes, leftBytes, rightBytes]);
  return equalBytes(expected, c) ? outputOf(cleared) : undefined;
}
