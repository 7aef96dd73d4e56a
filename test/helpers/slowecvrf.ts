/**
 * The verifiable random function as RFC 9381 spells it, on noble's points and bigint: slow and plain. What chain/crypto/ecvrf.ts finds by a
 * field and by ways to multiply of its own must be the same, whatever it is given. Owns both the plain function and the comparison.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import {
  bytesToHex,
  bytesToNumberLE,
  concatBytes,
  equalBytes,
  hexToBytes,
  numberToBytesLE,
} from "@noble/curves/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { proofLength, prove, publicKeyOf, verify } from "../../chain/crypto/ecvrf.ts";
import type { Random } from "./random.ts";

const { Point } = ed25519;
type Point = InstanceType<typeof Point>;
const groupOrder = Point.Fn.ORDER;
const triesMax = 128;
const [encodeFront, challengeFront, outputFront] = [1, 2, 3].map((domain) => Uint8Array.of(3, domain));
const back = Uint8Array.of(0);

function decode(bytes: Uint8Array): Point | undefined {
  try {
    return Point.fromBytes(bytes, false);
  } catch {
    // The library's way to say that there is no such point.
    return undefined;
  }
}

function encodeToCurve(publicKey: Uint8Array, input: Uint8Array): Point {
  for (let attempt = 0; attempt < triesMax; attempt++) {
    const hash = sha512(concatBytes(encodeFront!, publicKey, input, Uint8Array.of(attempt), back));
    const point = decode(hash.subarray(0, 32))?.clearCofactor();
    if (point !== undefined && !point.is0()) return point;
  }
  throw new Error("no point in so many tries");
}

const challenge = (points: readonly Uint8Array[]): Uint8Array =>
  sha512(concatBytes(challengeFront!, ...points, back)).subarray(0, 16);

export function slowProve(secretKey: Uint8Array, input: Uint8Array): Uint8Array {
  const { scalar, prefix, pointBytes } = ed25519.utils.getExtendedPublicKey(secretKey);
  const base = encodeToCurve(pointBytes, input);
  const gamma = base.multiply(scalar).toBytes();
  const nonce = bytesToNumberLE(sha512(concatBytes(prefix, base.toBytes()))) % groupOrder;
  const commitments = [Point.BASE.multiply(nonce).toBytes(), base.multiply(nonce).toBytes()];
  const c = challenge([pointBytes, base.toBytes(), gamma, ...commitments]);
  return concatBytes(gamma, c, numberToBytesLE((nonce + bytesToNumberLE(c) * scalar) % groupOrder, 32));
}

export function slowVerify(publicKey: Uint8Array, input: Uint8Array, proof: Uint8Array): Uint8Array | undefined {
  const key = publicKey.length === 32 ? decode(publicKey) : undefined;
  if (key === undefined || key.isSmallOrder() || proof.length !== proofLength) return undefined;
  const [gamma, c] = [decode(proof.subarray(0, 32)), proof.subarray(32, 48)];
  const [s, factor] = [bytesToNumberLE(proof.subarray(48)), bytesToNumberLE(c)];
  if (gamma === undefined || s >= groupOrder) return undefined;
  const base = encodeToCurve(publicKey, input);
  const left = Point.BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(factor));
  const right = base.multiplyUnsafe(s).subtract(gamma.multiplyUnsafe(factor));
  const points = [publicKey, base.toBytes(), proof.subarray(0, 32), left.toBytes(), right.toBytes()];
  if (!equalBytes(challenge(points), c)) return undefined;
  return sha512(concatBytes(outputFront!, gamma.clearCofactor().toBytes(), back));
}

/** Of order 8: a sum with one of its multiples is another point that the cofactor clears to the same. */
const torsion = Point.fromBytes(hexToBytes("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"));

function withTorsion(bytes: Uint8Array, times: number): Uint8Array {
  let point = Point.fromBytes(bytes);
  for (let i = 0; i < times; i++) point = point.add(torsion);
  return point.toBytes();
}

/**
 * A proof by a key that has a part of small order, which RFC 9381 does not ask to refuse: c·Y then depends on c modulo 8, and Γ's own part
 * has to fit. A prover who tries until both vanish is believed, by both or by none.
 */
function proofOfTwistedKey(random: Random): readonly [Uint8Array, Uint8Array, Uint8Array] {
  const secretKey = random.bytes(32);
  const { scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(secretKey);
  const publicKey = withTorsion(pointBytes, 1 + random.below(7));
  for (;;) {
    const input = random.bytes(8);
    const base = encodeToCurve(publicKey, input);
    const gamma = withTorsion(base.multiply(scalar).toBytes(), random.below(8));
    const nonce = bytesToNumberLE(random.bytes(32)) % groupOrder;
    const commitments = [Point.BASE.multiply(nonce).toBytes(), base.multiply(nonce).toBytes()];
    const c = challenge([publicKey, base.toBytes(), gamma, ...commitments]);
    if (!random.chance(4) && (c[0]! & 7) !== 0) continue;
    const s = (nonce + bytesToNumberLE(c) * scalar) % groupOrder;
    return [publicKey, input, concatBytes(gamma, c, numberToBytesLE(s, 32))];
  }
}

type Damage = (proof: Uint8Array, random: Random) => Uint8Array;
const damages: readonly Damage[] = [
  (proof) => proof,
  (proof, random) => {
    proof[random.below(proofLength)]! ^= 1 << random.below(8);
    return proof;
  },
  (proof, random) => concatBytes(withTorsion(proof.subarray(0, 32), 1 + random.below(7)), proof.subarray(32)),
  (proof) => {
    const s = bytesToNumberLE(proof.subarray(48)) + groupOrder;
    return concatBytes(proof.subarray(0, 48), numberToBytesLE(s, 32));
  },
  (_proof, random) => random.bytes(proofLength),
  (proof, random) => proof.fill(random.pick([0, 1, 0x7f, 0x80, 0xff]), random.pick([0, 32, 48]), random.pick([48, 80])),
];

const hex = (bytes: Uint8Array | undefined): string => (bytes === undefined ? "nothing" : bytesToHex(bytes));

/** How many of the proofs were accepted. Throws where the two ways differ, naming the case. */
export function compareFunctions(random: Random, cases: number): number {
  let accepted = 0;
  for (let i = 0; i < cases; i++) {
    const secretKey = random.bytes(32);
    const plainInput = random.bytes(random.below(100));
    const made = prove(secretKey, plainInput);
    if (!equalBytes(made, slowProve(secretKey, plainInput))) throw new Error(`proofs by ${hex(secretKey)} differ`);
    const [publicKey, input, proof] = random.chance(4)
      ? proofOfTwistedKey(random)
      : [publicKeyOf(secretKey), plainInput, random.pick(damages)(made, random)];
    const [seen, expected] = [verify(publicKey, input, proof), slowVerify(publicKey, input, proof)];
    if (hex(seen) !== hex(expected))
      throw new Error(
        `key ${hex(publicKey)}, input ${hex(input)}, proof ${hex(proof)}: ${hex(seen)}, not ${hex(expected)}`,
      );
    if (seen !== undefined) accepted++;
  }
  return accepted;
}
