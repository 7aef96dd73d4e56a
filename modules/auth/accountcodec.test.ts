/** The handwritten bytes of accounts against the generated code. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Any } from "../../proto/gen/google/protobuf/any.ts";
import { type Account, accountToAny } from "./account.ts";
import { accountCodec } from "./accountcodec.ts";

const uint64 = fc.oneof(
  fc.bigInt(0n, 300n),
  fc.bigInt(0n, (1n << 64n) - 1n),
  fc.constantFrom(127n, 128n, (1n << 31n) - 1n, 1n << 31n),
);
const text = fc.oneof(fc.string({ unit: "grapheme", maxLength: 60 }), fc.constant("x".repeat(200)));
const publicKey = fc.option(
  fc.record({ typeUrl: text, value: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(new Uint8Array(300))) }),
  { nil: undefined },
);
const base = fc.record({ address: text, pubKey: publicKey, accountNumber: uint64, sequence: uint64 });
const module = fc.record({ name: text, permissions: fc.array(text, { maxLength: 3 }) });
const account: fc.Arbitrary<Account> = fc.oneof(
  base.map((part) => ({ base: part })),
  fc.record({ base, module }),
);

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const generated = (value: Account) => Any.encode(accountToAny(value)).finish();

describe("an account's bytes", () => {
  it("are the generated code's, and read back to the account", () => {
    fc.assert(
      fc.property(account, (value) => {
        const bytes = accountCodec.encode(value);
        expect(hex(bytes)).toBe(hex(generated(value)));
        expect(accountCodec.decode(bytes)).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  it("read back to it whichever was read before, and whatever became of the bytes that were read", () => {
    fc.assert(
      fc.property(
        fc.array(base, { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat(2), { maxLength: 8 }),
        (parts, order) => {
          for (const index of order) {
            const part = parts[index % parts.length]!;
            const bytes = accountCodec.encode({ base: part });
            expect(accountCodec.decode(bytes)).toEqual({ base: part });
            bytes.fill(0);
          }
        },
      ),
    );
  });

  it("that are cut short or run on are refused or something else, never the same account", () => {
    fc.assert(
      fc.property(base, fc.nat(), (part, cut) => {
        const bytes = accountCodec.encode({ base: part });
        const short = bytes.slice(0, cut % bytes.length);
        let read: Account | undefined;
        try {
          read = accountCodec.decode(short);
        } catch {
          return;
        }
        expect(read).not.toEqual({ base: part });
      }),
    );
  });

  const empty = accountCodec.encode({ base: { address: "a", pubKey: undefined, accountNumber: 1n, sequence: 0n } });
  const patched = (at: number, byte: number) => empty.with(at, byte);

  it.each<readonly [string, Uint8Array, RegExp]>([
    ["another length", patched(35, 4), /bytes are left over/],
    ["a length beyond the end", patched(35, 99), /ends within a field/],
    ["a strange tag", patched(36, 0x2a), /tag 42/],
    ["a number without an end", patched(empty.length - 1, 0x80), /ends within a number/],
    ["a number of eleven bytes", accountBytes([0x18, ...Array(10).fill(0x80), 1]), /more than 64 bits/],
    ["a number of 65 bits", accountBytes([0x18, ...Array(9).fill(0xff), 2]), /more than 64 bits/],
    ["a strange tag in its key", accountBytes([0x12, 2, 0x1a, 0]), /tag 26 in its public key/],
    [
      "no known type",
      Any.encode({ typeUrl: "/x.Y", value: new Uint8Array(0) }).finish(),
      /stored account of type \/x\.Y/,
    ],
  ])("are refused with %s", (_what, bytes, message) => {
    expect(() => accountCodec.decode(bytes)).toThrow(message);
  });
});

function accountBytes(fields: readonly number[]): Uint8Array {
  return Any.encode({ typeUrl: "/cosmos.auth.v1beta1.BaseAccount", value: Uint8Array.from(fields) }).finish();
}
