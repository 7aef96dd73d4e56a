/** The hand-written bytes of signing infos against the generated code's, whatever the numbers are. */
import { describe, expect, it } from "vitest";
import { ValidatorSigningInfo } from "../../proto/gen/cosmos/slashing/v1beta1/slashing.ts";
import { seededRandom } from "../../test/helpers/random.ts";
import { newSigningInfo, type SigningInfo, signingInfoCodec } from "./signinginfo.ts";

const plain = newSigningInfo(new Uint8Array(20).fill(1), 5n);
const byGenerated = (info: SigningInfo) => ValidatorSigningInfo.encode({ ...info }).finish();

const numbers = [0n, 1n, 127n, 128n, 16_383n, 16_384n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, -1n];

describe("a signing info", () => {
  it.each(numbers)("is the same bytes with each number %d", (number) => {
    for (const field of ["startHeight", "indexOffset", "missedBlocksCounter"] as const) {
      const info = { ...plain, [field]: number };
      const bytes = signingInfoCodec.encode(info);
      expect(bytes).toEqual(byGenerated(info));
      expect(signingInfoCodec.decode(bytes)).toEqual(info);
    }
  });

  it.each<readonly [string, Partial<SigningInfo>]>([
    ["that is jailed", { jailedUntil: { seconds: 1_700_000_000n, nanos: 5 } }],
    ["that was jailed before 1970", { jailedUntil: { seconds: -5n, nanos: 0 } }],
    ["jailed for less than a second", { jailedUntil: { seconds: 0n, nanos: 1 } }],
    ["that is tombstoned", { tombstoned: true }],
    ["of nobody", { address: "" }],
    ["of a long address", { address: "a".repeat(128) }],
    ["of the longest plain address", { address: "a".repeat(127) }],
    ["of an address that is none", { address: "é".repeat(30) }],
  ])("%s is the same bytes", (_what, changes) => {
    const info = { ...plain, ...changes };
    const bytes = signingInfoCodec.encode(info);
    expect(bytes).toEqual(byGenerated(info));
    expect(signingInfoCodec.decode(bytes)).toEqual(info);
  });

  it("is read as generated code reads it, or refused as it refuses, however its bytes are spoilt", () => {
    const random = seededRandom(3);
    const outcome = (read: () => unknown) => {
      try {
        return read();
      } catch {
        return "refused";
      }
    };
    for (let i = 0; i < 4000; i++) {
      const info = { ...plain, indexOffset: random.pick(numbers), missedBlocksCounter: random.pick(numbers) };
      let bytes = signingInfoCodec.encode(info).slice();
      if (random.chance(2)) bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
      if (random.chance(4)) bytes = bytes.slice(0, random.below(bytes.length));
      const expected = outcome(() => ValidatorSigningInfo.decode(bytes));
      const found = outcome(() => signingInfoCodec.decode(bytes));
      if (expected === "refused" || found === "refused") expect(found).toBe(expected);
      else expect(found).toEqual({ jailedUntil: { seconds: 0n, nanos: 0 }, ...definedOf(expected as object) });
    }
  });
});

const definedOf = (value: object) => Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));
