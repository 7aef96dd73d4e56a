import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExecTxResult, ResponseFinalizeBlock, TxResult } from "../../proto/gen/tendermint/abci/types.ts";
import { encodeIndexed, encodeResults, encodeTxResult, encodeTxResults } from "./resultbytes.ts";

const text = fc.oneof(fc.string(), fc.string({ unit: "binary", maxLength: 40 }), fc.constant("\ud800 alone"));
const attribute = fc.record({ key: text, value: text, index: fc.boolean() });
const event = fc.record({ type: text, attributes: fc.array(attribute, { maxLength: 5 }) });
const gas = fc.oneof(fc.bigInt(-(1n << 63n), (1n << 63n) - 1n), fc.constantFrom(0n, 1n, 127n, 128n, 1n << 53n, -1n));
const result = fc.record({
  code: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2 ** 32 - 1 })),
  data: fc.uint8Array({ maxLength: 300 }),
  log: text,
  info: text,
  gasWanted: gas,
  gasUsed: gas,
  events: fc.array(event, { maxLength: 5 }),
  codespace: text,
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("the bytes of results", () => {
  it("are those of the generated code, whatever a result holds", () => {
    fc.assert(
      fc.property(result, (value) => {
        expect(hex(encodeTxResult(value))).toBe(hex(ExecTxResult.encode(value).finish()));
      }),
    );
  });

  it("stay so when one is larger than all before", () => {
    for (const length of [70_000, 1_000_000]) {
      const value = ExecTxResult.fromPartial({ log: "x".repeat(length), info: "é".repeat(length), codespace: "sdk" });
      expect(hex(encodeTxResult(value))).toBe(hex(ExecTxResult.encode(value).finish()));
    }
  });

  it("make the record of a block and the record of a transaction", () => {
    fc.assert(
      fc.property(
        fc.array(result, { maxLength: 4 }),
        fc.array(event, { maxLength: 3 }),
        gas,
        (txResults, events, height) => {
          const appHash = new Uint8Array(32).fill(7);
          const block = ResponseFinalizeBlock.fromPartial({ txResults, events, appHash });
          const encoded = encodeTxResults(txResults);
          expect(hex(encodeResults(block, encoded))).toBe(hex(ResponseFinalizeBlock.encode(block).finish()));
          txResults.forEach((value, index) => {
            const tx = Buffer.from(value.log);
            expect(hex(encodeIndexed(height, index, tx, encoded[index]!))).toBe(
              hex(TxResult.encode({ height, index, tx, result: value }).finish()),
            );
          });
        },
      ),
    );
  });

  it("are refused to a number that has no place in 64 bits", () => {
    const tooMuch = ExecTxResult.fromPartial({ codespace: "sdk", gasUsed: 1n << 63n });
    expect(() => encodeTxResult(tooMuch)).toThrow("does not fit into 64 bits");
    expect(hex(encodeTxResult(ExecTxResult.fromPartial({ code: 1 })))).toBe("0801");
  });
});
