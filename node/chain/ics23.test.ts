import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ProofRefused, storeRootIn, verifyIavl, verifySimple } from "./ics23.ts";

interface Forgery {
  readonly what: string;
  readonly spec: "iavl" | "tendermint";
  readonly root: string;
  readonly key: string;
  readonly value?: string | null;
  readonly proof: string;
  readonly refused: boolean;
}

interface Proofs {
  readonly history: { readonly name: string; readonly versions: readonly { readonly root: string }[] };
  readonly queries: readonly { readonly key: string; readonly exists: boolean; readonly proof: string }[];
}

const vectors: { forgeries: readonly Forgery[]; proofs: readonly Proofs[] } = JSON.parse(
  readFileSync(new URL("../../test/vectors/ics23.json", import.meta.url), "utf8"),
);
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));

function verdict({ spec, root, key, value, proof }: Forgery): "refused" | "accepted" {
  const claimed = value == null ? undefined : hex(value);
  try {
    if (spec === "iavl") verifyIavl(hex(proof), hex(root), hex(key), claimed);
    else verifySimple(hex(proof), hex(root), hex(key), claimed ?? new Uint8Array());
    return "accepted";
  } catch (error) {
    if (error instanceof ProofRefused) return "refused";
    throw error;
  }
}

describe("ICS-23 proofs", () => {
  it.each(vectors.forgeries)("$spec: $what", (forgery) => {
    expect(verdict(forgery)).toBe("refused");
  });

  it("of iavl's own are accepted, each for its key, root and value only", () => {
    let count = 0;
    for (const { history, queries } of vectors.proofs) {
      const root = hex(history.versions.at(-1)!.root);
      for (const { key, exists, proof } of queries) {
        const bytes = hex(proof);
        const value = exists ? storeRootIn(bytes) : undefined;
        verifyIavl(bytes, root, hex(key), value);
        count++;
        const other = root.slice();
        other[0]! ^= 1;
        expect(() => verifyIavl(bytes, other, hex(key), value)).toThrow(ProofRefused);
        expect(() => verifyIavl(bytes, root, hex(`${key}01`), value)).toThrow(ProofRefused);
        expect(() => verifyIavl(bytes, root, hex(key), Uint8Array.of(1, 2, 3, 4, 5))).toThrow(ProofRefused);
      }
    }
    expect(count).toBeGreaterThan(20);
  });

  it("cut short or changed in any byte are refused, never a crash", () => {
    const { history, queries } = vectors.proofs.at(-1)!;
    const root = hex(history.versions.at(-1)!.root);
    for (const { key, exists, proof } of queries.slice(0, 6)) {
      const bytes = hex(proof);
      const value = exists ? storeRootIn(bytes) : undefined;
      for (let at = 0; at < bytes.length; at++) {
        const changed = bytes.slice();
        changed[at]! ^= 0x11;
        for (const bad of [bytes.subarray(0, at), changed]) {
          expect(() => verifyIavl(bad, root, hex(key), value)).toThrow(ProofRefused);
        }
      }
    }
  });
});
