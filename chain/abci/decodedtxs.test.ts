import { describe, expect, it } from "vitest";
import { ChainError } from "../errors.ts";
import type { DecodedTx } from "../tx/types.ts";
import { DecodedTxs } from "./decodedtxs.ts";

const tx = (number: number, length = 10): Uint8Array => new Uint8Array(length).fill(number);

function counting(bytesMax?: number) {
  let count = 0;
  const decode = (bytes: Uint8Array) => {
    count++;
    if (bytes[0] === 0) throw new ChainError("sdk", 2, "no transaction");
    return { bytes } as unknown as DecodedTx;
  };
  return { txs: new DecodedTxs(decode, bytesMax), count: () => count };
}

describe("decoded transactions", () => {
  it("are found by their bytes until they are taken", () => {
    const { txs, count } = counting();
    const first = txs.remember(tx(1));
    expect(txs.remember(tx(1))).toBe(first);
    expect(txs.take(tx(1))).toBe(first);
    expect(count()).toBe(1);
    expect(txs.take(tx(1))).not.toBe(first);
    expect([count(), txs.bytes]).toEqual([2, 0]);
  });

  it("are bounded by their bytes, the oldest go first, and a large one is not kept", () => {
    const { txs, count } = counting(25);
    for (const number of [1, 2, 3]) txs.remember(tx(number));
    expect(txs.bytes).toBe(20);
    txs.remember(tx(3));
    expect(count()).toBe(3);
    txs.remember(tx(1));
    expect(count()).toBe(4);
    txs.remember(tx(9, 5_000));
    txs.remember(tx(9, 5_000));
    expect([count(), txs.bytes]).toEqual([6, 20]);
  });

  it("that are refused are refused again, each time by decoding", () => {
    const { txs, count } = counting();
    expect(() => txs.remember(tx(0))).toThrow(ChainError);
    expect(() => txs.remember(tx(0))).toThrow(ChainError);
    expect([count(), txs.bytes]).toEqual([2, 0]);
  });
});
