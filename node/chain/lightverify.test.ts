import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fromRfc3339 } from "../../chain/consensus/time.ts";
import { readSignedHeader, readValidator } from "./lightjson.ts";
import { HeaderRefused, type LightBlock, TooFewKnown, verifyHeader } from "./lightverify.ts";

/** What CometBFT's light client says of each pair: docs/vectors/light. */
interface Vector {
  readonly name: string;
  readonly trusted: unknown;
  readonly trustedValidators: readonly unknown[];
  readonly new: unknown;
  readonly newValidators: readonly unknown[];
  readonly now: string;
  readonly refusal: string;
}

const folder = join(import.meta.dirname, "..", "..", "test", "vectors");
const vectors = JSON.parse(readFileSync(join(folder, "light.json"), "utf8")) as readonly Vector[];

const block = (signed: unknown, validators: readonly unknown[]): LightBlock => ({
  ...readSignedHeader(signed),
  validators: validators.map(readValidator),
});

function verdict({ trusted, trustedValidators, new: next, newValidators, now }: Vector): string {
  try {
    verifyHeader(block(trusted, trustedValidators), block(next, newValidators), {
      now: fromRfc3339(now)!,
      trustMillisMax: 168 * 3_600_000,
    });
    return "believed";
  } catch (error) {
    if (error instanceof TooFewKnown) return "too few known";
    if (error instanceof HeaderRefused) return "refused";
    throw error;
  }
}

describe("a header that follows from a trusted one", () => {
  it.each(vectors)("is judged as CometBFT's light client judges it: $name", (vector) => {
    const isUnknown = vector.refusal.startsWith("cant trust new val set");
    expect(verdict(vector)).toBe(vector.refusal === "" ? "believed" : isUnknown ? "too few known" : "refused");
  });

  it("has vectors of every kind", () => {
    expect(new Set(vectors.map(verdict))).toEqual(new Set(["believed", "refused", "too few known"]));
  });

  it.each([
    ["voting_power", { voting_power: "-5" }, "expected more than 0, found -5"],
    ["pub_key", { pub_key: { type: "tendermint/PubKeySecp256k1", value: "" } }, "expected tendermint/PubKeyEd25519"],
  ])("has validators with a good %s", (_, change, message) => {
    const [first] = vectors[0]!.newValidators;
    expect(() => readValidator({ ...(first as object), ...change })).toThrow(message);
  });
});
