/**
 * Verifies ICS-23 proofs of IAVL trees and of the simple Merkle tree above them, as a light client must: every byte that a prover may
 * choose is read and bounded. Owns the two trees' forms only; what root to believe is the caller's.
 */
import { createHash } from "node:crypto";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { compareBytes } from "../../chain/store/types.ts";

const hashBytes = 32;
/** ics23 HashOp.SHA256 and LengthOp.VAR_PROTO. */
const sha256Op = 1;
const varProto = 1;
/** A tree of 2^60 entries is not as deep. */
const pathMax = 128;
const proofBytesMax = 2 << 20;

/** The proof is not one; the text says why. */
export class ProofRefused extends Error {}

const refuse = (reason: string): ProofRefused => new ProofRefused(`the proof does not hold: ${reason}`);

interface InnerOp {
  readonly prefix: Uint8Array;
  readonly suffix: Uint8Array;
}

interface Existence {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly leafPrefix: Uint8Array;
  readonly path: readonly InnerOp[];
}

/** Which side of its parent the proven child is on. */
type Side = "left" | "right";

/** What differs between the two trees. Each function refuses what the tree cannot hold. */
interface TreeForm {
  checkLeaf(prefix: Uint8Array): void;
  sideOf(op: InnerOp): Side;
}

// ------------------------------------------------------------------------------------------------------------------- decoding

type Fields = ReadonlyMap<number, readonly (Uint8Array | number)[]>;

function readFields(bytes: Uint8Array): Fields {
  const fields = new Map<number, (Uint8Array | number)[]>();
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [number, wire] = reader.tag();
      if (wire !== 0 && wire !== 2) throw refuse(`field ${number} has wire type ${wire}`);
      const value = wire === 2 ? reader.bytes() : reader.uint32();
      fields.set(number, [...(fields.get(number) ?? []), value]);
    }
  } catch (error) {
    if (error instanceof ProofRefused) throw error;
    throw refuse("it is cut short or not protobuf");
  }
  return fields;
}

function bytesOf(fields: Fields, number: number): Uint8Array {
  const values = fields.get(number) ?? [];
  const [value = new Uint8Array()] = values;
  if (values.length > 1 || typeof value === "number") throw refuse(`field ${number} is not one run of bytes`);
  return value;
}

function numberOf(fields: Fields, number: number): number {
  const values = fields.get(number) ?? [];
  const [value = 0] = values;
  if (values.length > 1 || typeof value !== "number") throw refuse(`field ${number} is not one number`);
  return value;
}

function onlyFields(fields: Fields, known: readonly number[]): void {
  const stranger = [...fields.keys()].find((number) => !known.includes(number));
  if (stranger !== undefined) throw refuse(`field ${stranger} is unknown`);
}

function readExistence(bytes: Uint8Array): Existence {
  const fields = readFields(bytes);
  onlyFields(fields, [1, 2, 3, 4]);
  const leaf = readFields(bytesOf(fields, 3));
  onlyFields(leaf, [1, 2, 3, 4, 5]);
  const [hash, prehashKey, prehashValue, length] = [1, 2, 3, 4].map((number) => numberOf(leaf, number));
  if (hash !== sha256Op || prehashKey !== 0 || prehashValue !== sha256Op || length !== varProto) {
    throw refuse("the leaf is not hashed as the tree hashes it");
  }
  const path = (fields.get(4) ?? []).map(readInner);
  if (path.length > pathMax) throw refuse(`its path has ${path.length} steps, more than ${pathMax}`);
  return { key: bytesOf(fields, 1), value: bytesOf(fields, 2), leafPrefix: bytesOf(leaf, 5), path };
}

function readInner(bytes: Uint8Array | number): InnerOp {
  if (typeof bytes === "number") throw refuse("a step is a number");
  const fields = readFields(bytes);
  onlyFields(fields, [1, 2, 3]);
  if (numberOf(fields, 1) !== sha256Op) throw refuse("a step is not hashed as the tree hashes it");
  return { prefix: bytesOf(fields, 2), suffix: bytesOf(fields, 3) };
}

// -------------------------------------------------------------------------------------------------------------- the two trees

/** A zig-zag varint of the shortest form; undefined when there is none. */
function varint(bytes: Uint8Array, from: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let at = from; at < bytes.length && at < from + 8; at++) {
    const byte = bytes[at]!;
    value += (byte & 0x7f) * 2 ** (7 * (at - from));
    if (byte < 0x80) return byte === 0 && at > from ? undefined : { value, next: at + 1 };
  }
  return undefined;
}

/** Height, size and version, as an IAVL node begins: where they end, and the height. */
function iavlHead(prefix: Uint8Array): { height: number; size: number; end: number } {
  const height = varint(prefix, 0);
  const size = height && varint(prefix, height.next);
  const version = size && varint(prefix, size.next);
  if (height === undefined || size === undefined || version === undefined) throw refuse("a node has no head");
  if ([height, size, version].some(({ value }) => value % 2 !== 0)) throw refuse("a node's head has a negative number");
  return { height: height.value / 2, size: size.value / 2, end: version.next };
}

/** The child's own length byte stands before it; a sibling's hash has one too. */
const childHead = hashBytes;

const iavl: TreeForm = {
  checkLeaf(prefix) {
    const { height, size, end } = iavlHead(prefix);
    if (height !== 0 || size !== 1 || end !== prefix.length) throw refuse("a leaf does not begin as a leaf");
  },
  sideOf({ prefix, suffix }) {
    const { height, end } = iavlHead(prefix);
    if (height === 0) throw refuse("a leaf stands for a node above one");
    const rest = prefix.subarray(end);
    if (rest.at(-1) !== childHead) throw refuse("a step's child has no length");
    if (rest.length === 1 && suffix.length === 1 + hashBytes && suffix[0] === hashBytes) return "left";
    if (rest.length === 2 + hashBytes && rest[0] === hashBytes && suffix.length === 0) return "right";
    throw refuse("a step does not have two children");
  },
};

const simple: TreeForm = {
  checkLeaf(prefix) {
    if (prefix.length !== 1 || prefix[0] !== 0) throw refuse("a leaf does not begin as a leaf");
  },
  sideOf({ prefix, suffix }) {
    if (prefix[0] !== 1) throw refuse("a step does not begin as one");
    if (prefix.length === 1 && suffix.length === hashBytes) return "left";
    if (prefix.length === 1 + hashBytes && suffix.length === 0) return "right";
    throw refuse("a step does not have two children");
  },
};

// ------------------------------------------------------------------------------------------------------------------ verifying

const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

function lengthPrefix(length: number): Uint8Array {
  const bytes: number[] = [];
  let rest = length;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Uint8Array.of(...bytes, rest);
}

/** The root that the proof leads to. */
function rootOf(form: TreeForm, { key, value, leafPrefix, path }: Existence): Uint8Array {
  if (key.length === 0 || value.length === 0) throw refuse("its key or its value is empty");
  form.checkLeaf(leafPrefix);
  const item = sha256(value);
  let hash = sha256(leafPrefix, lengthPrefix(key.length), key, lengthPrefix(item.length), item);
  for (const op of path) {
    form.sideOf(op);
    hash = sha256(op.prefix, hash, op.suffix);
  }
  return hash;
}

function requireRoot(form: TreeForm, existence: Existence, root: Uint8Array): void {
  if (compareBytes(rootOf(form, existence), root) !== 0) throw refuse("it leads to another root");
}

const isSameOp = (a: InnerOp, b: InnerOp): boolean =>
  compareBytes(a.prefix, b.prefix) === 0 && compareBytes(a.suffix, b.suffix) === 0;

const allOn = (form: TreeForm, side: Side, path: readonly InnerOp[]): boolean =>
  path.every((op) => form.sideOf(op) === side);

/** No leaf stands between them: where their ways part they go left and right, and below that along the inner edges. */
function areNeighbours(form: TreeForm, left: Existence, right: Existence): boolean {
  const [fromLeft, fromRight] = [[...left.path], [...right.path]];
  while (fromLeft.length > 0 && fromRight.length > 0 && isSameOp(fromLeft.at(-1)!, fromRight.at(-1)!)) {
    fromLeft.pop();
    fromRight.pop();
  }
  const [leftTop, rightTop] = [fromLeft.pop(), fromRight.pop()];
  if (leftTop === undefined || rightTop === undefined) return false;
  if (form.sideOf(leftTop) !== "left" || form.sideOf(rightTop) !== "right") return false;
  return allOn(form, "right", fromLeft) && allOn(form, "left", fromRight);
}

function requireAbsent(form: TreeForm, bytes: Uint8Array, root: Uint8Array, key: Uint8Array): void {
  const fields = readFields(bytes);
  onlyFields(fields, [1, 2, 3]);
  if (compareBytes(bytesOf(fields, 1), key) !== 0) throw refuse("it is of another key");
  const [left, right] = [2, 3].map((number) => {
    const neighbour = bytesOf(fields, number);
    return neighbour.length === 0 ? undefined : readExistence(neighbour);
  });
  if (left !== undefined) {
    requireRoot(form, left, root);
    if (compareBytes(left.key, key) >= 0) throw refuse("its left neighbour is not left of the key");
  }
  if (right !== undefined) {
    requireRoot(form, right, root);
    if (compareBytes(right.key, key) <= 0) throw refuse("its right neighbour is not right of the key");
  }
  const isAbsent =
    left !== undefined && right !== undefined
      ? areNeighbours(form, left, right)
      : left !== undefined
        ? allOn(form, "right", left.path)
        : right !== undefined && allOn(form, "left", right.path);
  if (!isAbsent) throw refuse("there may be an entry between its neighbours");
}

/** A CommitmentProof: existence, or the absence of the key. */
function readProof(bytes: Uint8Array): { exists?: Uint8Array; absent?: Uint8Array } {
  if (bytes.length > proofBytesMax) throw refuse(`it has ${bytes.length} bytes`);
  const fields = readFields(bytes);
  onlyFields(fields, [1, 2]);
  if (fields.size !== 1) throw refuse("it is neither of existence nor of absence");
  return fields.has(1) ? { exists: bytesOf(fields, 1) } : { absent: bytesOf(fields, 2) };
}

function verify(
  form: TreeForm,
  proof: Uint8Array,
  root: Uint8Array,
  key: Uint8Array,
  value: Uint8Array | undefined,
): void {
  const { exists, absent } = readProof(proof);
  if (value === undefined) {
    if (absent === undefined) throw refuse("it is of existence, and the key is said to be absent");
    requireAbsent(form, absent, root, key);
    return;
  }
  if (exists === undefined) throw refuse("it is of absence, and the key is said to be there");
  const existence = readExistence(exists);
  if (compareBytes(existence.key, key) !== 0) throw refuse("it is of another key");
  if (compareBytes(existence.value, value) !== 0) throw refuse("it is of another value");
  requireRoot(form, existence, root);
}

/** Of an IAVL tree; `value` undefined: the key is absent. Throws ProofRefused. */
export const verifyIavl = (proof: Uint8Array, root: Uint8Array, key: Uint8Array, value: Uint8Array | undefined): void =>
  verify(iavl, proof, root, key, value);

/** Of the simple Merkle tree, which proves existence only. Throws ProofRefused. */
export const verifySimple = (proof: Uint8Array, root: Uint8Array, key: Uint8Array, value: Uint8Array): void =>
  verify(simple, proof, root, key, value);

/** The root of the tree that a proof of existence in the simple tree names. */
export function storeRootIn(proof: Uint8Array): Uint8Array {
  const { exists } = readProof(proof);
  if (exists === undefined) throw refuse("the store is absent");
  return readExistence(exists).value;
}
