/** The obvious authenticated tree: an AVL of JavaScript objects, hashed by noble, each write copying its path. */
import { sha256 } from "@noble/hashes/sha2.js";

export interface TreeNode {
  readonly key: string;
  readonly value: Uint8Array | undefined;
  readonly left: TreeNode | undefined;
  readonly right: TreeNode | undefined;
  readonly height: number;
  readonly size: number;
  readonly version: number;
  hash: Uint8Array | undefined;
}

const heightOf = (node: TreeNode | undefined) => node?.height ?? -1;

const leaf = (key: string, value: Uint8Array, version: number): TreeNode => ({
  key,
  value,
  left: undefined,
  right: undefined,
  height: 0,
  size: 1,
  version,
  hash: undefined,
});

function inner(key: string, left: TreeNode, right: TreeNode, version: number): TreeNode {
  const height = 1 + Math.max(left.height, right.height);
  return { key, value: undefined, left, right, height, size: left.size + right.size, version, hash: undefined };
}

function rotateRight({ key, left, right }: TreeNode, version: number): TreeNode {
  return inner(left!.key, left!.left!, inner(key, left!.right!, right!, version), version);
}

function rotateLeft({ key, left, right }: TreeNode, version: number): TreeNode {
  return inner(right!.key, inner(key, left!, right!.left!, version), right!.right!, version);
}

function balance(node: TreeNode, version: number): TreeNode {
  const lean = heightOf(node.left) - heightOf(node.right);
  if (lean > 1) {
    const left = node.left!;
    if (heightOf(left.left) >= heightOf(left.right)) return rotateRight(node, version);
    return rotateRight(inner(node.key, rotateLeft(left, version), node.right!, version), version);
  }
  if (lean < -1) {
    const right = node.right!;
    if (heightOf(right.right) >= heightOf(right.left)) return rotateLeft(node, version);
    return rotateLeft(inner(node.key, node.left!, rotateRight(right, version), version), version);
  }
  return node;
}

export function insert(node: TreeNode | undefined, key: string, value: Uint8Array, version: number): TreeNode {
  if (node === undefined) return leaf(key, value, version);
  if (node.height === 0) {
    if (key === node.key) return leaf(key, value, version);
    const fresh = leaf(key, value, version);
    return key < node.key ? inner(node.key, fresh, node, version) : inner(key, node, fresh, version);
  }
  const left = key < node.key ? insert(node.left, key, value, version) : node.left!;
  const right = key < node.key ? node.right! : insert(node.right, key, value, version);
  return balance(inner(node.key, left, right, version), version);
}

export function rootHash(node: TreeNode | undefined): Uint8Array {
  if (node === undefined) return sha256(new Uint8Array(0));
  node.hash ??= sha256(preimage(node));
  return node.hash;
}

function preimage(node: TreeNode): Uint8Array {
  const head = [node.height * 2, node.size * 2, node.version * 2].flatMap(varint);
  const parts =
    node.value === undefined
      ? [rootHash(node.left), rootHash(node.right)]
      : [Buffer.from(node.key, "latin1"), sha256(node.value)];
  return Buffer.concat([
    Uint8Array.from(head),
    ...parts.flatMap((part) => [Uint8Array.from(varint(part.length)), part]),
  ]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))];
}
