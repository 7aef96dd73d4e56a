/**
 * A validator's key and the memory of what it last signed, in CometBFT's files (priv_validator_key.json, priv_validator_state.json,
 * node_key.json). Owns the rule against signing twice; never prints a private key.
 */
import type { Timestamp } from "../../proto/gen/google/protobuf/timestamp.ts";
import { CanonicalVote } from "../../proto/gen/tendermint/types/canonical.ts";
import { SignedMsgType } from "../../proto/gen/tendermint/types/types.ts";
import { ed25519Address } from "../crypto/hash.ts";
import { ed25519KeyPair, generateKeyPair, type KeyPair, sign } from "../crypto/sign.ts";
import { type Files, nodeFiles, readFile } from "../store/files.ts";
import { compareBytes } from "../store/types.ts";
import { type VoteToSign, voteSignBytes } from "./hashes.ts";
import { asInteger, asObject, asString, base64, fromBase64, fromHex, hexUpper, type JsonObject } from "./json.ts";
import { replaceDurably } from "./replace-file.ts";

const publicKeyType = "tendermint/PubKeyEd25519";
const privateKeyType = "tendermint/PrivKeyEd25519";

/** privval/file.go: the steps of a round in the order they are signed. */
const steps = { none: 0, propose: 1, prevote: 2, precommit: 3 } as const;

interface LastSigned {
  readonly height: bigint;
  readonly round: number;
  readonly step: number;
  readonly signature: Uint8Array | undefined;
  readonly signBytes: Uint8Array | undefined;
}

const neverSigned: LastSigned = { height: 0n, round: 0, step: steps.none, signature: undefined, signBytes: undefined };

export interface SignedVote {
  readonly signature: Uint8Array;
  /** An earlier time when the same vote was already signed. */
  readonly timestamp: Timestamp;
}

export interface Signer {
  readonly publicKey: Uint8Array;
  readonly address: Uint8Array;
  /** Height and round of the last signature, so that a block that was signed and lost is decided in a later round. */
  readonly last: { readonly height: bigint; readonly round: number };
  /** Durable before it returns; throws rather than sign two different votes for one height, round and step. */
  signVote(chainId: string, vote: VoteToSign): SignedVote;
}

export function validatorKeyJson({ publicKey, privateKey }: KeyPair): string {
  const key = {
    address: hexUpper(ed25519Address(publicKey)),
    pub_key: { type: publicKeyType, value: base64(publicKey) },
    priv_key: { type: privateKeyType, value: base64(Buffer.concat([privateKey, publicKey])) },
  };
  return `${JSON.stringify(key, null, 2)}\n`;
}

export const nodeKeyJson = ({ publicKey, privateKey }: KeyPair): string =>
  `${JSON.stringify({ priv_key: { type: privateKeyType, value: base64(Buffer.concat([privateKey, publicKey])) } })}\n`;

export const newConsensusKey = (): KeyPair => generateKeyPair("ed25519");

/** Reads either file: both hold `priv_key`. No part of it is quoted in a refusal, since it may be of the secret. */
export function parseKey(text: string, path: string): KeyPair {
  const refuse = (what: string): never => {
    throw new Error(`${path}: ${what}; restore the file from a backup`);
  };
  const { priv_key: key } = objectOrEmpty(jsonOrNothing(text));
  if (key === undefined) refuse("it is cut off, is not JSON, or has no priv_key");
  const { type, value } = objectOrEmpty(key);
  if (type !== privateKeyType) refuse(`priv_key.type is not "${privateKeyType}"`);
  const written = typeof value === "string" ? value : "";
  const bytes = new Uint8Array(Buffer.from(written, "base64"));
  if (base64(bytes) !== written || bytes.length !== 64) refuse("priv_key.value is not 64 bytes in base64");
  const pair = ed25519KeyPair(bytes.slice(0, 32));
  if (compareBytes(pair.publicKey, bytes.slice(32)) !== 0)
    refuse("the two halves of priv_key.value do not belong together");
  return pair;
}

/** What JSON.parse says of a text quotes it. */
function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const objectOrEmpty = (value: unknown): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

/** A node's id among its peers: the address of its node key, in lower case. */
export const nodeId = ({ publicKey }: KeyPair): string => Buffer.from(ed25519Address(publicKey)).toString("hex");

export const freshSignStateJson = (): string => signStateJson(neverSigned);

function signStateJson({ height, round, step, signature, signBytes }: LastSigned): string {
  const state = {
    height: String(height),
    round,
    step,
    ...(signature === undefined ? {} : { signature: base64(signature) }),
    ...(signBytes === undefined ? {} : { signbytes: hexUpper(signBytes) }),
  };
  return `${JSON.stringify(state, null, 2)}\n`;
}

function parseSignState(text: string, path: string): LastSigned {
  const file = asObject(parseJson(text, path), path);
  const bytes = (name: "signature" | "signbytes", read: (text: string, where: string) => Uint8Array) =>
    file[name] === undefined ? undefined : read(asString(file[name], `${path}: ${name}`), `${path}: ${name}`);
  return {
    height: asInteger(file.height, `${path}: height`),
    round: Number(asInteger(file.round, `${path}: round`)),
    step: Number(asInteger(file.step, `${path}: step`)),
    signature: bytes("signature", fromBase64),
    signBytes: bytes("signbytes", fromHex),
  };
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const readText = (files: Files, path: string): string => Buffer.from(readFile(files, path)).toString("utf8");

/** Throws when either file is missing: without the state nobody knows what the key has signed. */
export function loadSigner(keyPath: string, statePath: string, files: Files = nodeFiles): Signer {
  const key = parseKey(readText(files, keyPath), keyPath);
  if (!files.exists(statePath)) {
    throw new Error(
      `${statePath} is missing: without it this validator could sign a height twice. Restore it, or, if the key in ${keyPath} ` +
        `has never signed anything, write this into it: ${JSON.stringify(JSON.parse(freshSignStateJson()))}`,
    );
  }
  let last = parseSignState(readText(files, statePath), statePath);
  return {
    publicKey: key.publicKey,
    address: ed25519Address(key.publicKey),
    get last() {
      return { height: last.height, round: last.round };
    },
    signVote(chainId, vote) {
      const step = vote.type === SignedMsgType.SIGNED_MSG_TYPE_PREVOTE ? steps.prevote : steps.precommit;
      const signBytes = voteSignBytes(chainId, vote);
      const again = sameStep(last, vote, step);
      if (again !== undefined) return repeat(again, signBytes, vote.timestamp);
      const signature = sign(key, signBytes);
      const next = { height: vote.height, round: vote.round, step, signature, signBytes };
      replaceDurably(files, statePath, signStateJson(next));
      last = next;
      return { signature, timestamp: vote.timestamp };
    },
  };
}

type Signed = LastSigned & { readonly signature: Uint8Array; readonly signBytes: Uint8Array };

/** What was signed at exactly this height, round and step; throws when the vote lies before the last one. */
function sameStep(last: LastSigned, vote: VoteToSign, step: number): Signed | undefined {
  const refuse = (what: string): never => {
    throw new Error(`error signing vote: ${what}; another process may use this key: stop it, and never copy the key`);
  };
  if (last.height > vote.height) refuse(`height regression. Got ${vote.height}, last height ${last.height}`);
  if (last.height < vote.height) return undefined;
  if (last.round > vote.round) {
    refuse(`round regression at height ${vote.height}. Got ${vote.round}, last round ${last.round}`);
  }
  if (last.round < vote.round) return undefined;
  const where = `height ${vote.height} round ${vote.round}`;
  if (last.step > step) refuse(`step regression at ${where}. Got ${step}, last step ${last.step}`);
  if (last.step < step) return undefined;
  const { signature, signBytes } = last;
  if (signature === undefined || signBytes === undefined) return refuse(`no SignBytes found for ${where}`);
  return { ...last, signature, signBytes };
}

/** The same vote again is answered with the first signature; CometBFT allows another time stamp, and keeps the first. */
function repeat(last: Signed, signBytes: Uint8Array, timestamp: Timestamp): SignedVote {
  if (compareBytes(last.signBytes, signBytes) === 0) return { signature: last.signature, timestamp };
  const before = decodeVote(last.signBytes);
  const wanted = decodeVote(signBytes);
  const sameButTime = compareBytes(withoutTime(before), withoutTime(wanted)) === 0;
  if (!sameButTime || before.timestamp === undefined) throw new Error("error signing vote: conflicting data");
  return { signature: last.signature, timestamp: before.timestamp };
}

/** Skips the length in front: a varint. */
function decodeVote(signBytes: Uint8Array): CanonicalVote {
  const start = signBytes.findIndex((byte) => byte < 0x80) + 1;
  return CanonicalVote.decode(signBytes.subarray(start));
}

const withoutTime = (vote: CanonicalVote): Uint8Array =>
  CanonicalVote.encode({ ...vote, timestamp: undefined }).finish();
