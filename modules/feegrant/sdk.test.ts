/** Allowances against the answers of cosmossdk.io/x/feegrant. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseCoins } from "../../chain/deccoins.ts";
import { ChainError } from "../../chain/errors.ts";
import { parseRfc3339 } from "../../chain/rfc3339.ts";
import { Any } from "../../proto/gen/google/protobuf/any.ts";
import { contextAt } from "../../test/helpers/testchain.ts";
import { type Left, openAllowance } from "./allowance.ts";

interface Refusal {
  readonly codespace: string;
  readonly code: number;
  readonly log: string;
}

interface Use {
  readonly time: string;
  readonly fee?: string;
  readonly messages: readonly string[];
  readonly gas: number;
  readonly refused: Refusal | null;
  readonly left: string;
}

const vectors = JSON.parse(readFileSync("test/vectors/grants.json", "utf8")) as {
  readonly fees: readonly { readonly name: string; readonly start: string; readonly uses: readonly Use[] }[];
  readonly problems: readonly { readonly name: string; readonly any: string; readonly refused: Refusal | null }[];
};

const anyOf = (hex: string): Any => Any.decode(new Uint8Array(Buffer.from(hex, "hex")));
const hexOf = (any: Any): string => Buffer.from(Any.encode(any).finish()).toString("hex");

/** What `body` was refused with. */
function refusalOf(body: () => void): Refusal | null {
  try {
    body();
    return null;
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    return { codespace: error.codespace, code: error.code, log: error.message };
  }
}

describe("an allowance of the SDK", () => {
  for (const { name, start, uses } of vectors.fees)
    it(`pays, refuses and becomes smaller as Go has it: ${name}`, () => {
      let current = anyOf(start);
      for (const { time, fee = "", messages, gas, refused, left } of uses) {
        const ctx = contextAt(parseRfc3339(time)!);
        let after: Left = current;
        const found = refusalOf(() => {
          after = openAllowance(current).accept(ctx, parseCoins(fee), messages);
        });
        expect(found).toEqual(refused);
        expect(ctx.gas.consumed).toBe(BigInt(gas));
        const rest = after as Left;
        if (rest !== "nothing") current = rest;
        expect(rest === "nothing" ? "" : hexOf(current)).toBe(left);
      }
    });

  for (const { name, any, refused } of vectors.problems.filter(({ any }) => anyOf(any).typeUrl.includes("feegrant")))
    it(`is refused in Go's words: ${name}`, () => {
      expect(refusalOf(() => openAllowance(anyOf(any)).check())).toEqual(refused);
    });
});
