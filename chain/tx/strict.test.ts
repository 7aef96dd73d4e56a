import { describe, expect, it } from "vitest";
import { schema } from "../../proto/schema.ts";
import { generated, generatedMessage, randomMessage, requireCanonical } from "../../test/helpers/protobuf.ts";
import { seededRandom } from "../../test/helpers/random.ts";
import { ChainError } from "../errors.ts";
import { strictDecode } from "./strict.ts";

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));

/** What a transaction may hold. The engine's own messages are left out: some declare their fields out of order, and are written so. */
const typeNames = Object.keys(schema().messages).filter(
  (name) => generated.has(name) && /^(?:cosmos|google|tendermint\.(?:types|crypto|version))\./.test(name),
);

const coin = "cosmos.base.v1beta1.Coin";
const body = "cosmos.tx.v1beta1.TxBody";
const bits = "cosmos.crypto.multisig.v1beta1.CompactBitArray";
const modeInfo = "cosmos.tx.v1beta1.ModeInfo";
const single = "cosmos.tx.v1beta1.ModeInfo.Single";
const metadata = "cosmos.bank.v1beta1.DenomUnit";
const timestamp = "google.protobuf.Timestamp";
const duration = "google.protobuf.Duration";

/** What is refused, and what the refusal says. */
const refused: readonly (readonly [name: string, type: string, bytes: string, text: string])[] = [
  ["a field twice", coin, "0a0161 0a0161", "field 1 (denom) comes twice"],
  ["descending fields", coin, "120131 0a0161", "field 1 (denom) comes after field 2; expected ascending fields"],
  ["an unknown field", coin, "1a00", `unknown field 3; expected a field of ${coin}`],
  ["an unknown field that the SDK calls non-critical", body, "8a4000", "unknown field 1025"],
  ["field number 0", coin, "0200", "field number 0"],
  ["a wrong wire type", coin, "0801", "field 1 (denom) has wire type 0; expected wire type 2"],
  ["a group", coin, "0b0c", "field 1 (denom) has wire type 3"],
  ["wire type 7", coin, "0f", "field 1 (denom) has wire type 7"],
  ["a long tag", coin, "8a000161", "byte 0: a number is longer than it needs to be; expected the shortest form"],
  ["a long length", coin, "0a810061", "denom, byte 1: a number is longer than it needs to be"],
  ["a long value", body, "188500", "timeout_height, byte 1: a number is longer than it needs to be"],
  ["a number of eleven bytes", body, "18ffffffffffffffffffff01", "a number has more than ten bytes"],
  ["a number beyond 64 bits", body, "18ffffffffffffffffff02", "a number exceeds 64 bits"],
  ["a tag beyond 32 bits", body, "ffffffff7f", "a number exceeds 32 bits"],
  ["an empty text written out", coin, "0a00", "field 1 (denom) is written with its default value"],
  ["a zero written out", body, "1800", "field 3 (timeout_height) is written with its default value"],
  ["a false written out", body, "2000", "field 4 (unordered) is written with its default value"],
  ["a truth value of 2", body, "2002", "a truth value is neither 0 nor 1"],
  ["empty bytes written out", bits, "1200", "field 2 (elems) is written with its default value"],
  ["an unsigned number beyond 32 bits", bits, "088080808010", "a number exceeds 32 bits; expected at most 4294967295"],
  ["a signed number beyond 32 bits", single, "088080808010", "expected a signed number of 32 bits"],
  ["a negative number in five bytes", single, "08ffffffff0f", "expected a signed number of 32 bits"],
  ["two members of a oneof", modeInfo, "0a00 1200", "a second member of one oneof"],
  ["overlong UTF-8", coin, "0a02c080", "the text is not UTF-8"],
  ["a surrogate in UTF-8", coin, "0a03eda080", "the text is not UTF-8"],
  ["UTF-8 cut short", coin, "0a02c3", "2 bytes are announced; expected at most the 1 bytes left"],
  ["half a character", coin, "0a01c3", "the text is not UTF-8"],
  ["long text that is not UTF-8", coin, `0a20${"61".repeat(31)}ff`, "denom, byte 2: the text is not UTF-8"],
  ["a hexadecimal amount", coin, "12043078 3130", 'amount, byte 2: "0x10" is not canonical'],
  ["an amount with a leading zero", coin, "12023037", '"07" is not canonical; expected a decimal integer'],
  ["an amount with a plus", coin, "12022b35", '"+5" is not canonical'],
  ["a negative zero", coin, "12022d30", '"-0" is not canonical'],
  ["an amount with spaces", coin, "12022035", '" 5" is not canonical'],
  ["an amount of 257 bits", coin, `124e${Buffer.from((1n << 256n).toString()).toString("hex")}`, "of at most 256 bits"],
  ["a cut number", body, "18ff", "a number is cut short"],
  ["a cut length", coin, "0a", "a number is cut short"],
  ["bytes behind the end", coin, "0a0561", "5 bytes are announced; expected at most the 1 bytes left"],
  ["an aliases element of bad UTF-8", metadata, "1a01 61 1a01ff", "aliases[1]"],
  ["nanoseconds below zero", timestamp, "10ffffffffffffffffff01", "is out of range"],
  ["the year 10000", timestamp, "088083d1ffaf07 1001", "is out of range; expected the years 1 to 9999"],
  ["a duration of both signs", duration, "0801 10ffffffffffffffffff01", "is out of range; expected one sign"],
  ["an Any without a type", body, "0a00", "unable to resolve type URL : tx parse error"],
  ["an Any of an unknown type", body, "0a05 0a03 2f612e", "unable to resolve type URL /a.: tx parse error"],
];

describe("strict decoding", () => {
  for (const [name, type, bytes, text] of refused)
    it(`refuses ${name} and says where`, () => {
      expect(() => strictDecode(type, hex(bytes))).toThrow(text);
      expect(() => strictDecode(type, hex(bytes))).toThrow(expect.objectContaining({ codespace: "sdk", code: 2 }));
    });

  it("takes what Go and CosmJS write", () => {
    expect(strictDecode(modeInfo, hex("0a00"))).toStrictEqual({ single: { mode: 0 }, multi: undefined });
    expect(strictDecode(single, hex("08ffffffffffffffffff01"))).toStrictEqual({ mode: -1 });
    expect(strictDecode(coin, hex("0a03efbbbf"))).toStrictEqual({ denom: "\ufeff", amount: "" });
    expect(strictDecode(metadata, hex("1a00 1a0161"))).toMatchObject({ aliases: ["", "a"] });
  });

  it("knows no type beyond the schema, whatever its name", () => {
    for (const name of ["toString", "__proto__", "constructor", "weir.None", ""])
      expect(() => strictDecode(name, new Uint8Array(0))).toThrow(
        `unable to resolve type URL /${name}: tx parse error`,
      );
  });

  it("decodes every encoding that the generated code writes, of every type, to the same value", () => {
    expect(typeNames.length).toBeGreaterThan(150);
    for (let seed = 1; seed <= 12; seed++) {
      const random = seededRandom(seed);
      for (const typeName of typeNames) {
        const message = generatedMessage(typeName);
        const bytes = message.encode(randomMessage(random, typeName, 4)).finish();
        expect(strictDecode(typeName, bytes), `seed ${seed}, ${typeName}`).toStrictEqual(message.decode(bytes));
      }
    }
  });

  it("refuses every change of a byte or takes it as the one encoding of another value", () => {
    let taken = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const random = seededRandom(seed);
      for (const typeName of typeNames) {
        const bytes = generatedMessage(typeName)
          .encode(randomMessage(random, typeName, 3))
          .finish();
        for (let round = 0; round < 20; round++) taken += tryChange(typeName, bytes, random.below(3), random);
      }
    }
    expect(taken).toBeGreaterThan(1000);
  });

  it("counts levels through every Any, and stops at sixteen", () => {
    const txMsgData = "cosmos.base.abci.v1beta1.TxMsgData";
    const nested = (levels: number): Uint8Array => {
      let value: Uint8Array = new Uint8Array(0);
      for (let level = 0; level < levels; level++)
        value = generatedMessage(txMsgData)
          .encode({ data: [], msgResponses: [{ typeUrl: `/${txMsgData}`, value }] })
          .finish();
      return value;
    };
    expect(strictDecode(txMsgData, nested(8))).toMatchObject({ msgResponses: [{}] });
    expect(() => strictDecode(txMsgData, nested(9))).toThrow("messages nest deeper than 16");
    expect(() => strictDecode(txMsgData, nested(3000))).toThrow("messages nest deeper than 16");
  });

  it("bounds how many messages and elements it makes", () => {
    const outputs = new Uint8Array(2 * 70_000);
    for (let index = 0; index < outputs.length; index += 2) outputs[index] = 0x12;
    expect(() => strictDecode("cosmos.bank.v1beta1.MsgMultiSend", outputs)).toThrow("more than 65536");
    const tags = new Uint8Array(2 * 70_000).fill(0).map((_, index) => (index % 2 === 0 ? 0x1a : 0));
    expect(() => strictDecode(metadata, tags)).toThrow("aliases[65536], byte 131073: more than 65536 elements");
  });

  it("makes as many, whether it has met a type before or not", () => {
    const typeUrl = "/cosmos.bank.v1beta1.MsgMultiSend";
    const withOutputs = (count: number) => {
      const value = new Uint8Array(2 * count).map((_, index) => (index % 2 === 0 ? 0x12 : 0));
      return generatedMessage(body)
        .encode({ ...strictDecode<object>(body, new Uint8Array(0)), messages: [{ typeUrl, value }] })
        .finish();
    };
    strictDecode(body, withOutputs(1));
    // The body, the Any and what it holds are three.
    expect(strictDecode(body, withOutputs(65_533))).toMatchObject({ messages: [{ typeUrl }] });
    expect(() => strictDecode(body, withOutputs(65_534))).toThrow("more than 65536 messages");
  });
});

/** 1 when the changed bytes were taken. */
function tryChange(typeName: string, bytes: Uint8Array, kind: number, random: ReturnType<typeof seededRandom>): number {
  const at = random.below(bytes.length + 1);
  const byte = Uint8Array.of(random.below(256));
  const parts = [
    [bytes.subarray(0, at), byte, bytes.subarray(at + 1)],
    [bytes.subarray(0, at), byte, bytes.subarray(at)],
    [bytes.subarray(0, at)],
  ][kind]!;
  const changed = new Uint8Array(Buffer.concat(parts));
  try {
    strictDecode(typeName, changed);
  } catch (error) {
    expect(error).toBeInstanceOf(ChainError);
    return 0;
  }
  requireCanonical(typeName, changed);
  return 1;
}
