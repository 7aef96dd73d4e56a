/**
 * ICS-23 proofs of one tree, in the encoding of ics23's CommitmentProof, as Go's iavl makes them for the stock iavlSpec.
 *
 * Owns existence and absence within one store. Does not own the proof that the store is part of the app hash (merkle.ts).
 */

import { noNode } from "./arena.ts";
import { ProtoWriter } from "./protowriter.ts";
import { writeNodeHead } from "./treehash.ts";
import { keyHigh, keyLow, type TreeMemory } from "./treememory.ts";

const hashLength = 32;
/** ics23 HashOp.SHA256 and LengthOp.VAR_PROTO. */
const sha256 = 1;
const varProto = 1;

/** Height, size and version. */
const scratch = new Uint8Array(3 * 10);

/** A leaf and the inner nodes above it, root first. */
interface Path {
  readonly leaf: number;
  readonly inner: readonly number[];
}

/** Existence of `key`, or its absence when it is not there. */
export function proveKey(memory: TreeMemory, root: number, key: Uint8Array): Uint8Array {
  if (root === noNode) throw new Error("an empty tree has no proof: it needs at least one key");
  const { path, left, right } = neighbours(memory, root, key);
  const proof = new ProtoWriter();
  if (path !== undefined) {
    proof.message(1, existence(memory, path));
    return proof.finish();
  }
  const absence = new ProtoWriter();
  absence.bytes(1, key);
  if (left !== undefined) absence.message(2, existence(memory, left));
  if (right !== undefined) absence.message(3, existence(memory, right));
  proof.message(2, absence.finish());
  return proof.finish();
}

/** The path to the key's leaf, or else the paths to the leaves on both sides of where it would stand. */
function neighbours(
  memory: TreeMemory,
  root: number,
  key: Uint8Array,
): { path?: Path; left?: Path | undefined; right?: Path | undefined } {
  const { nodes } = memory;
  const inner: number[] = [];
  const high = keyHigh(key);
  const low = keyLow(key);
  let node = root;
  while (nodes.height(node) !== 0) {
    inner.push(node);
    node = memory.compare(key, high, low, node) < 0 ? nodes.left(node) : nodes.right(node);
  }
  const here = { leaf: node, inner };
  const order = memory.compare(key, high, low, node);
  if (order === 0) return { path: here };
  return order > 0
    ? { left: here, right: sibling(memory, here, "right") }
    : { left: sibling(memory, here, "left"), right: here };
}

/** The path to the next leaf on one side. */
function sibling(memory: TreeMemory, { leaf, inner }: Path, side: "left" | "right"): Path | undefined {
  const { nodes } = memory;
  const toward = (node: number) => (side === "left" ? nodes.left(node) : nodes.right(node));
  const away = (node: number) => (side === "left" ? nodes.right(node) : nodes.left(node));
  let depth = inner.length - 1;
  let below = leaf;
  while (depth >= 0 && toward(inner[depth]!) === below) below = inner[depth--]!;
  if (depth < 0) return undefined;
  const path = inner.slice(0, depth + 1);
  let node = toward(inner[depth]!);
  while (nodes.height(node) !== 0) {
    path.push(node);
    node = away(node);
  }
  return { leaf: node, inner: path };
}

function existence(memory: TreeMemory, { leaf, inner }: Path): Uint8Array {
  const proof = new ProtoWriter();
  proof.bytes(1, memory.key(leaf));
  proof.bytes(2, memory.value(leaf));
  proof.message(3, leafOp(memory.nodes.version(leaf)));
  let below = leaf;
  for (let depth = inner.length - 1; depth >= 0; depth--) {
    const node = inner[depth]!;
    writeInnerOp(proof, memory, node, below);
    below = node;
  }
  return proof.finish();
}

function leafOp(version: number): Uint8Array {
  const op = new ProtoWriter();
  op.varint(1, sha256);
  op.varint(3, sha256);
  op.varint(4, varProto);
  op.bytes(5, scratch.subarray(0, writeNodeHead(scratch, 0, 1, version)));
  return op.finish();
}

/** The node's message around the hash of the child below, length bytes included. Written in one piece: a proof has twenty of them. */
function writeInnerOp(proof: ProtoWriter, memory: TreeMemory, node: number, below: number): void {
  const { nodes } = memory;
  const head = writeNodeHead(scratch, nodes.height(node), nodes.size(node), nodes.version(node));
  const left = nodes.left(node);
  const isLeft = left === below;
  const withLength = 1 + hashLength;
  const prefixLength = isLeft ? head + 1 : head + withLength + 1;
  proof.head(4, 4 + prefixLength + (isLeft ? 2 + withLength : 0));
  proof.varint(1, sha256);
  proof.head(2, prefixLength);
  proof.raw(scratch, 0, head);
  if (!isLeft) writeHash(proof, memory, left);
  proof.byte(hashLength);
  if (!isLeft) return;
  proof.head(3, withLength);
  writeHash(proof, memory, nodes.right(node));
}

function writeHash(proof: ProtoWriter, memory: TreeMemory, node: number): void {
  const from = memory.nodes.hashOffset(node);
  proof.byte(hashLength);
  proof.raw(memory.nodes.bytes(node), from, from + hashLength);
}
