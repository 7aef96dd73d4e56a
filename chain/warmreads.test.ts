import { describe, expect, it } from "vitest";
import { sdk } from "./errors.ts";
import type { ReadStore, ReadStores, StoreKey } from "./store/types.ts";
import type { DecodedTx } from "./tx/types.ts";
import { warmed } from "./warmreads.ts";

/** Of one message that reads as told. */
function txReading(reads: (() => readonly StoreKey[]) | undefined): DecodedTx {
  return { messages: [{ handler: { reads }, value: {} }] } as unknown as DecodedTx;
}

/** Stores that note what they are told. */
function listening(): { stores: ReadStores; heard: string[] } {
  const heard: string[] = [];
  const store = (name: string) => ({ warm: (keys: readonly Uint8Array[]) => heard.push(`${name}:${keys.length}`) });
  return { stores: { store: (name) => store(name) as unknown as ReadStore }, heard };
}

const key = Uint8Array.of(1);

describe("warmed transactions", () => {
  it("come all and in order, and their reads are told before the first of them", () => {
    const { stores, heard } = listening();
    const read = () => [{ storeName: "bank", key }];
    const txs = Array.from({ length: 40 }, () => txReading(read));
    const seen: DecodedTx[] = [];
    for (const tx of warmed(stores, txs)) {
      if (seen.length === 0) expect(heard).toEqual(["bank:32"]);
      seen.push(tx);
    }
    expect(seen).toEqual(txs);
    expect(heard).toEqual(["bank:32", "bank:8"]);
  });

  it("are passed on without a word where a message says nothing, is refused, or was not decoded", () => {
    const { stores, heard } = listening();
    const refused = txReading(() => {
      throw sdk.invalidAddress("no address");
    });
    const txs = [txReading(undefined), refused, sdk.txDecode("no transaction")];
    expect([...warmed(stores, txs)]).toEqual(txs);
    expect(heard).toEqual([]);
  });

  it("let a defect through", () => {
    const broken = txReading(() => {
      throw new TypeError("a defect");
    });
    expect(() => [...warmed(listening().stores, [broken])]).toThrow("a defect");
  });
});
