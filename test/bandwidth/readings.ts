/**
 * What an oracle makes of an epoch: attestations with their canonical bytes, signed, in a tree, and the ranges in which they are submitted.
 * Owns no rule: all of it is built by the module's own pure functions, as a daemon would.
 */
import { createPrivateKey, type KeyObject, sign as nodeSign } from "node:crypto";
import { sha256, sha512 } from "../../chain/crypto/hash.ts";
import { ed25519KeyPair, type KeyPair } from "../../chain/crypto/sign.ts";
import type { SignatureCheck, SignatureVerifier } from "../../chain/crypto/types.ts";
import { inlineVerifier } from "../../chain/crypto/verifier.ts";
import {
  attestationBytesIn,
  attestationFrame,
  attestationKind,
  compareReadings,
  ipv4Bytes,
  sessionNonceBytes,
  transcriptBytes,
} from "../../modules/attestation/attestationbytes.ts";
import { type LeafTree, leafTree } from "../../modules/attestation/leaves.ts";
import { Attestation, type AttestationRange } from "../../proto/gen/weir/attestation/v1/readings.ts";
import type { Asked, Shown } from "./actors.ts";

/** How attestations are signed: for real, or so cheaply that a year of a thousand relays takes minutes. */
export interface Signing {
  keyOf(name: string): KeyPair;
  sign(key: KeyPair, message: Uint8Array): Uint8Array;
  verifier(): SignatureVerifier;
}

/** PKCS #8 of an ed25519 seed begins so. */
const pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex");
const nodeKeys = new WeakMap<KeyPair, KeyObject>();

function nodeKey(pair: KeyPair): KeyObject {
  let key = nodeKeys.get(pair);
  if (key === undefined) {
    key = createPrivateKey({ key: Buffer.concat([pkcs8, pair.privateKey]), format: "der", type: "pkcs8" });
    nodeKeys.set(pair, key);
  }
  return key;
}

const keyOf = (name: string): KeyPair => ed25519KeyPair(sha256(Buffer.from(`transport key of ${name}`)));

export const realSigning: Signing = {
  keyOf,
  sign: (pair, message) => new Uint8Array(nodeSign(null, message, nodeKey(pair))),
  verifier: inlineVerifier,
};

/** 64 bytes by which nobody but the driver signs: they depend on the key and on every byte of the message, as a signature does. */
const digestOf = ({ publicKey, message }: Pick<SignatureCheck, "publicKey" | "message">): Uint8Array =>
  sha512(Buffer.concat([publicKey, message]));

export const cheapSigning: Signing = {
  keyOf,
  sign: ({ publicKey }, message) => digestOf({ publicKey, message }),
  verifier() {
    const real = inlineVerifier();
    return {
      ...real,
      verify: (check) =>
        (check.scheme === "ed25519" && Buffer.compare(digestOf(check), check.signature) === 0) || real.verify(check),
    };
  },
};

const kinds = attestationKind;
const measuredMillis = 10_000;
/** Where a relay answers from: one /24 each, so that nobody is near to anybody. */
export const addressOf = (id: bigint): Uint8Array =>
  Uint8Array.of(20 + Number((id >> 16n) & 127n), Number((id >> 8n) & 255n), Number(id & 255n), 7).subarray(
    0,
    ipv4Bytes,
  );

export interface ReadingOf {
  readonly asked: Asked;
  readonly shown: Shown;
  readonly startMillis: bigint;
}

/** Without signatures. */
export function attestationOf({ asked, shown, startMillis }: ReadingOf): Attestation {
  const { epoch, relay, oracle, kind } = asked;
  const isMeasured = kind !== "liveness" && shown.bps > 0n;
  const isReached = kind === "liveness" ? shown.checksPassed > 0 : isMeasured;
  const name = Buffer.from(`${epoch}/${relay}/${oracle}/${kind}/${shown.bps}`);
  return Attestation.fromPartial({
    relay,
    kind: kinds[kind],
    sessionNonce: sha256(name).slice(0, sessionNonceBytes),
    transcriptHash: sha256(Buffer.concat([name, Buffer.from("transcript")])),
    measuredBps: isMeasured ? shown.bps : 0n,
    backgroundBps: isMeasured ? (shown.backgroundBps ?? 0n) : 0n,
    rttP50Micros: isReached ? shown.rttMicros : 0,
    rttP95Micros: isReached ? shown.rttMicros * 2 : 0,
    lossPpm: isMeasured ? shown.lossPpm : 0,
    checksPassed: shown.checksPassed,
    bytes: isMeasured ? (shown.bps * BigInt(measuredMillis)) / 8000n + 1n : 0n,
    startMillis,
    durationMillis: isMeasured ? measuredMillis : 0,
    observedAddress: isReached ? addressOf(relay) : new Uint8Array(0),
  });
}

export interface SignedBy {
  readonly chainId: string;
  readonly epoch: bigint;
  readonly oracle: bigint;
  readonly key: KeyPair;
  readonly signing: Signing;
  /** Of a relay that agrees with what is read of it. */
  relayKey(relay: bigint): KeyPair | undefined;
}

/** An oracle's readings of an epoch, committed to. */
export interface Readings {
  readonly attestations: readonly Attestation[];
  readonly tree: LeafTree;
}

/** By the oracle, and by the relay where it agrees. */
export function signed(attestation: Attestation, by: SignedBy, frame = attestationFrame(by)): Attestation {
  const { key, signing } = by;
  const relayKey = attestation.measuredBps > 0n ? by.relayKey(attestation.relay) : undefined;
  const relaySignature =
    relayKey === undefined ? new Uint8Array(0) : signing.sign(relayKey, transcriptBytes(by, attestation));
  return { ...attestation, signature: signing.sign(key, attestationBytesIn(frame, attestation)), relaySignature };
}

/** Undefined where there is nothing to commit to. */
export function committed(list: readonly Attestation[], by: SignedBy): Readings | undefined {
  if (list.length === 0) return undefined;
  const frame = attestationFrame(by);
  const attestations = [...list].sort(compareReadings).map((attestation) => signed(attestation, by, frame));
  return { attestations, tree: leafTree(attestations.map((attestation) => attestationBytesIn(frame, attestation))) };
}

export interface RangeOf {
  readonly epoch: bigint;
  readonly oracle: bigint;
  readonly vrfProof?: Uint8Array | undefined;
}

/** Leaves `first` to `first + length − 1`, with their path. */
export const rangeOf = (
  { attestations, tree }: Readings,
  { first, length }: { readonly first: number; readonly length: number },
  { epoch, oracle, vrfProof }: RangeOf,
): AttestationRange => ({
  epoch,
  oracle,
  firstIndex: first,
  path: tree.pathOf({ first, length }),
  attestations: attestations.slice(first, first + length),
  vrfProof: vrfProof ?? new Uint8Array(0),
});
