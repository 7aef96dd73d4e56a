import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { TxMsgData } from "../../proto/gen/cosmos/base/abci/v1beta1/abci.ts";
import type { AuthInfo, TxBody } from "../../proto/gen/cosmos/tx/v1beta1/tx.ts";
import { ChainError } from "../errors.ts";
import { aminoJson, goJsonString } from "./aminojson.ts";
import { signBytes } from "./signbytes.ts";
import { strictDecode, strictDecodeUnpacked } from "./strict.ts";

interface MessageVector {
  readonly name: string;
  readonly type: string;
  readonly bytes: string;
  readonly json: string;
  readonly error?: string;
}

interface DocumentVector {
  readonly name: string;
  readonly body: string;
  readonly authInfo: string;
  readonly chainId: string;
  readonly accountNumber: string;
  readonly sequence: string;
  readonly direct: string;
  readonly amino: string;
  readonly error?: string;
}

const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));

const vectors = JSON.parse(readFileSync("test/vectors/aminojson.json", "utf8")) as {
  readonly messages: readonly MessageVector[];
  readonly documents: readonly DocumentVector[];
};

describe("amino JSON", () => {
  for (const { name, type, bytes, json, error } of vectors.messages)
    it(`is Go's for ${name}`, () => {
      const encode = () => aminoJson(type, strictDecode(type, fromHex(bytes)));
      if (error === undefined) expect(encode()).toBe(json);
      else expect(encode).toThrow(ChainError);
    });

  it("escapes text as Go's encoding/json does", () => {
    expect(goJsonString('<&>"\\\u2028\u2029\b\f\n\r\t\u0000\u007fé')).toBe(
      '"\\u003c\\u0026\\u003e\\"\\\\\\u2028\\u2029\\b\\f\\n\\r\\t\\u0000\u007fé"',
    );
  });

  it("refuses messages that nest without end instead of exhausting the stack", () => {
    let data: TxMsgData = { data: [], msgResponses: [] };
    for (let depth = 0; depth < 40; depth++) {
      const value = TxMsgData.encode(data).finish();
      data = { data: [], msgResponses: [{ typeUrl: "/cosmos.base.abci.v1beta1.TxMsgData", value }] };
    }
    expect(() => aminoJson("cosmos.base.abci.v1beta1.TxMsgData", data)).toThrow(ChainError);
  });
});

describe("sign bytes", () => {
  for (const vector of vectors.documents)
    it(`are Go's for ${vector.name} on chain "${vector.chainId}"`, () => {
      const bodyBytes = fromHex(vector.body);
      const authInfoBytes = fromHex(vector.authInfo);
      const { value: body, unpacked } = strictDecodeUnpacked<TxBody>("cosmos.tx.v1beta1.TxBody", bodyBytes);
      const authInfo = strictDecode<AuthInfo>("cosmos.tx.v1beta1.AuthInfo", authInfoBytes);
      const messages = body.messages.map(({ typeUrl }, index) => ({ typeUrl, value: unpacked[index] }));
      const tx = { body, authInfo, bodyBytes, authInfoBytes, messages };
      const { chainId } = vector;
      const signer = { chainId, accountNumber: BigInt(vector.accountNumber), sequence: BigInt(vector.sequence) };
      expect(Buffer.from(signBytes(1, tx, signer)).toString("hex")).toBe(vector.direct);
      const amino = () => new TextDecoder().decode(signBytes(127, tx, signer));
      if (vector.error === undefined) expect(amino()).toBe(vector.amino);
      else expect(amino).toThrow(ChainError);
    });

  it("are refused for modes that the chain does not take, in the SDK's words", () => {
    const tx = { body: {}, authInfo: {}, messages: [] } as never;
    const signer = { chainId: "c", accountNumber: 0n, sequence: 0n };
    for (const [mode, name] of [
      [0, "SIGN_MODE_UNSPECIFIED"],
      [2, "SIGN_MODE_TEXTUAL"],
      [3, "SIGN_MODE_DIRECT_AUX"],
      [191, "SIGN_MODE_EIP_191"],
      [99, "99"],
    ] as const)
      expect(() => signBytes(mode, tx, signer)).toThrow(`unsupported sign mode ${name}`);
  });
});
