import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { appHash, proofOps, proveStore } from "./apphash.ts";
import { merkleProof, merkleRoot } from "./merkle.ts";

interface Vectors {
  readonly items: readonly string[];
  /** By number of items. */
  readonly roots: readonly string[];
  readonly lists: readonly {
    readonly count: number;
    readonly proofs: readonly {
      readonly index: number;
      readonly leafHash: string;
      readonly aunts: readonly string[];
    }[];
  }[];
  readonly multistores: readonly {
    readonly roots: Readonly<Record<string, string>>;
    readonly appHash: string;
    readonly proofs: readonly {
      readonly store: string;
      readonly type: string;
      readonly key: string;
      readonly data: string;
    }[];
  }[];
}

const vectors: Vectors = JSON.parse(readFileSync(new URL("../../test/vectors/merkle.json", import.meta.url), "utf8"));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
const items = vectors.items.map(unhex);

describe("CometBFT's simple Merkle tree", () => {
  it("has Go's root for 0 to 100 items", () => {
    expect(vectors.roots.map((_, count) => hex(merkleRoot(items.slice(0, count))))).toEqual(vectors.roots);
  });

  it("has Go's proof for every item", () => {
    for (const { count, proofs } of vectors.lists) {
      const ours = proofs.map(({ index }) => {
        const { leafHash, aunts } = merkleProof(items.slice(0, count), index);
        return { index, leafHash: hex(leafHash), aunts: aunts.map(hex) };
      });
      expect(ours).toEqual(proofs);
    }
  });

  it("refuses to prove an item that is not there", () => {
    expect(() => merkleProof(items, items.length)).toThrow("no item 100 among 100: expected 0 to 99");
    expect(() => merkleProof(items, -1)).toThrow(RangeError);
    expect(() => merkleProof([], 0)).toThrow(RangeError);
  });
});

describe("the app hash", () => {
  const stores = vectors.multistores.map(({ roots, ...rest }) => ({
    ...rest,
    roots: new Map(Object.entries(roots).map(([name, root]) => [name, unhex(root)])),
  }));

  it("is that of cosmos-sdk's multistore", () => {
    expect(stores.map(({ roots }) => hex(appHash(roots)))).toEqual(stores.map((store) => store.appHash));
  });

  it("proves a store's root byte for byte as cosmos-sdk's multistore does", () => {
    for (const { roots, proofs } of stores) {
      for (const { store, type, key, data } of proofs) {
        const op = proofOps(roots, store, Uint8Array.of(1), new Uint8Array(0))[1]!;
        expect({ store, type: op.type, key: hex(op.key), data: hex(op.data) }).toEqual({ store, type, key, data });
      }
    }
  });

  it("does not prove a store that is not there, and says which are", () => {
    const roots = new Map([["bank", new Uint8Array(32)]]);
    expect(() => proveStore(roots, "gov")).toThrow('no store is named "gov": expected one of bank');
  });
});
