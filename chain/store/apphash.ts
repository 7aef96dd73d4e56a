/**
 * The app hash: one simple-Merkle root over every store's name and root, as cosmos-sdk's rootmulti computes it, and the proof that a store's
 * root is part of it.
 *
 * A leaf's item is bytes(name) · bytes(SHA-256(root)), lengths as unsigned varints, leaves in ascending order of names' bytes.
 * Does not own the stores' roots (tree.ts) nor the proof within a store (proofs.ts).
 */

import { hash as digest } from "node:crypto";
import { auntsOnTheRight, merkleProof, merkleRoot } from "./merkle.ts";
import { ProtoWriter } from "./protowriter.ts";
import { writeVarint } from "./treehash.ts";
import { compareBytes, type ProofOp } from "./types.ts";

/** Store roots by store name. */
export type StoreRoots = ReadonlyMap<string, Uint8Array>;

export const iavlProofType = "ics23:iavl";
export const simpleProofType = "ics23:simple";

const sha256 = 1;
const varProto = 1;
const leafPrefix = Uint8Array.of(0);
const utf8 = new TextEncoder();

export const appHash = (roots: StoreRoots): Uint8Array => merkleRoot(sorted(roots).map(({ item }) => item));

/** An encoded ics23 CommitmentProof, for the stock tendermintSpec, that `store` has its root in the app hash of `roots`. */
export function proveStore(roots: StoreRoots, store: string): Uint8Array {
  const leaves = sorted(roots);
  const index = leaves.findIndex(({ name }) => name === store);
  if (index < 0) throw new Error(`no store is named "${store}": expected one of ${[...roots.keys()].join(", ")}`);
  const { aunts } = merkleProof(
    leaves.map(({ item }) => item),
    index,
  );
  const sides = auntsOnTheRight(leaves.length, index);
  const existence = new ProtoWriter();
  existence.bytes(1, leaves[index]!.key);
  existence.bytes(2, leaves[index]!.root);
  existence.message(3, leafOp());
  for (const [height, aunt] of aunts.entries()) existence.message(4, innerOp(aunt, sides[height]!));
  const proof = new ProtoWriter();
  proof.message(1, existence.finish());
  return proof.finish();
}

/** What an ABCI query with `prove` answers: the proof within the store (TreeView.prove), then that of the store. */
export const proofOps = (roots: StoreRoots, store: string, key: Uint8Array, proofInStore: Uint8Array): ProofOp[] => [
  { type: iavlProofType, key, data: proofInStore },
  { type: simpleProofType, key: utf8.encode(store), data: proveStore(roots, store) },
];

function sorted(roots: StoreRoots) {
  const leaves = [...roots].map(([name, root]) => {
    const key = utf8.encode(name);
    return { name, key, root, item: leafItem(key, root) };
  });
  return leaves.sort((a, b) => compareBytes(a.key, b.key));
}

function leafItem(name: Uint8Array, root: Uint8Array): Uint8Array {
  if (name.length === 0) throw new Error("a store needs a name of at least one byte");
  const item = new Uint8Array(5 + name.length + 1 + 32);
  const start = writeVarint(item, 0, name.length);
  item.set(name, start);
  const at = writeVarint(item, start + name.length, 32);
  item.set(digest("sha256", root, "buffer"), at);
  return item.slice(0, at + 32);
}

function leafOp(): Uint8Array {
  const op = new ProtoWriter();
  op.varint(1, sha256);
  op.varint(3, sha256);
  op.varint(4, varProto);
  op.bytes(5, leafPrefix);
  return op.finish();
}

function innerOp(aunt: Uint8Array, auntOnTheRight: boolean): Uint8Array {
  const op = new ProtoWriter();
  op.varint(1, sha256);
  op.bytes(2, auntOnTheRight ? Uint8Array.of(1) : Uint8Array.of(1, ...aunt));
  if (auntOnTheRight) op.bytes(3, aunt);
  return op.finish();
}
