/** Authorizations against the answers of cosmos-sdk x/authz, x/bank and x/staking. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ChainError } from "../../chain/errors.ts";
import { strictDecode } from "../../chain/tx/strict.ts";
import { Any } from "../../proto/gen/google/protobuf/any.ts";
import { contextAt } from "../../test/helpers/testchain.ts";
import { type Left, openAuthorization } from "./authorization.ts";

interface Refusal {
  readonly codespace: string;
  readonly code: number;
  readonly log: string;
}

interface Use {
  readonly message: string;
  readonly gas: number;
  readonly refused: Refusal | null;
  readonly left: string;
}

const vectors = JSON.parse(readFileSync("test/vectors/grants.json", "utf8")) as {
  readonly authorizations: readonly { readonly name: string; readonly start: string; readonly uses: readonly Use[] }[];
  readonly problems: readonly { readonly name: string; readonly any: string; readonly refused: Refusal | null }[];
};

const anyOf = (hex: string): Any => Any.decode(new Uint8Array(Buffer.from(hex, "hex")));
const hexOf = (any: Any): string => Buffer.from(Any.encode(any).finish()).toString("hex");

function refusalOf(body: () => void): Refusal | null {
  try {
    body();
    return null;
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    return { codespace: error.codespace, code: error.code, log: error.message };
  }
}

const isFeegrant = ({ any }: { readonly any: string }) => anyOf(any).typeUrl.includes("feegrant");

describe("an authorization of the SDK", () => {
  for (const { name, start, uses } of vectors.authorizations)
    it(`accepts, refuses and becomes smaller as Go has it: ${name}`, () => {
      let current = anyOf(start);
      for (const { message, gas, refused, left } of uses) {
        const { typeUrl, value } = anyOf(message);
        const ctx = contextAt({ seconds: 9n, nanos: 0 });
        let after: Left = "unchanged";
        const found = refusalOf(() => {
          const given = { typeUrl, value: strictDecode(typeUrl.slice(1), value) };
          after = openAuthorization(current).accept(ctx, given);
        });
        const rest = after as Left;
        expect(found).toEqual(refused);
        expect(ctx.gas.consumed).toBe(BigInt(gas));
        if (rest !== "unchanged" && rest !== "nothing") current = rest.updated;
        expect(rest === "nothing" ? "" : hexOf(current)).toBe(left);
      }
    });

  for (const { name, any, refused } of vectors.problems.filter((problem) => !isFeegrant(problem)))
    it(`is refused in Go's words: ${name}`, () => {
      expect(refusalOf(() => openAuthorization(anyOf(any)).check())).toEqual(refused);
    });
});
