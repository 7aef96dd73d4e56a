/** JSON of messages against the SDK's codec (docs/vectors/protojson), and where reading says that something is wrong. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { encodeMessage } from "./protoencode.ts";
import { fromJson, toJson } from "./protojson.ts";
import { strictDecode } from "./tx/strict.ts";

interface Sample {
  readonly typeName: string;
  readonly bytes: string;
  readonly json: unknown;
}

const samples: readonly Sample[] = JSON.parse(
  readFileSync(new URL("../test/vectors/protojson.json", import.meta.url), "utf8"),
);
const named = samples.map((sample, index) => ({ ...sample, name: `${index} ${sample.typeName}` }));

describe("protobuf JSON", () => {
  it.each(named)("is the SDK's, in the same order: $name", ({ typeName, bytes, json }) => {
    const message = strictDecode<object>(typeName, new Uint8Array(Buffer.from(bytes, "hex")));
    expect(JSON.stringify(toJson(typeName, message))).toBe(JSON.stringify(json));
  });

  it.each(named)("is read back to the same bytes: $name", ({ typeName, bytes, json }) => {
    const message = fromJson<Record<string, unknown>>(typeName, json, "here");
    expect(Buffer.from(encodeMessage(typeName, message)).toString("hex")).toBe(bytes);
  });

  it("takes camelCase names, numbers and missing fields too", () => {
    const loose = { gasLimit: 5, payer: null, amount: [{ denom: "a", amount: "1" }] };
    expect(fromJson("cosmos.tx.v1beta1.Fee", loose, "fee")).toEqual({
      amount: [{ denom: "a", amount: "1" }],
      gasLimit: 5n,
      payer: "",
      granter: "",
    });
  });

  it("follows json_name, which the generated code does not", () => {
    const result = {
      code: 5,
      data: new Uint8Array(0),
      log: "",
      info: "",
      gasWanted: 7n,
      gasUsed: 6n,
      events: [],
      codespace: "sdk",
    };
    const json = toJson("tendermint.abci.ExecTxResult", result);
    expect(json).toMatchObject({ gas_wanted: "7", gas_used: "6" });
    expect(fromJson("tendermint.abci.ExecTxResult", json, "result")).toStrictEqual(result);
  });

  it("puts a time or a duration inside an Any under value", () => {
    const json = { messages: [{ "@type": "/google.protobuf.Duration", value: "1.500s" }], memo: "" };
    const body = fromJson<{ messages: readonly unknown[] }>("cosmos.tx.v1beta1.TxBody", json, "body");
    expect(body.messages).toStrictEqual([
      { typeUrl: "/google.protobuf.Duration", value: new Uint8Array(Buffer.from("08011080cab5ee01", "hex")) },
    ]);
    expect(toJson("cosmos.tx.v1beta1.TxBody", body)).toMatchObject({ messages: json.messages });
  });

  const fee = "cosmos.tx.v1beta1.Fee";
  const account = "cosmos.auth.v1beta1.GenesisState";
  const deep = (depth: number): unknown => ({
    "@type": "/cosmos.tx.v1beta1.TxBody",
    messages: depth === 0 ? [] : [deep(depth - 1)],
  });
  it.each<readonly [string, string, unknown, string]>([
    ["a list", fee, [], "at: found [], expected an object, cosmos.tx.v1beta1.Fee"],
    ["nothing", fee, null, "at: found null, expected an object, cosmos.tx.v1beta1.Fee"],
    [
      "both names of a field",
      fee,
      { gasLimit: "1", gas_limit: "2" },
      "at.gasLimit: found gas_limit too, expected one of the two names",
    ],
    [
      "a stranger",
      fee,
      { gas: "1" },
      "at.gas: found a field that does not exist, expected amount, gas_limit, payer, granter",
    ],
    [
      "a name of every object",
      fee,
      JSON.parse('{"__proto__": 1}'),
      "at.__proto__: found a field that does not exist, expected amount, gas_limit, payer, granter",
    ],
    ["no list", fee, { amount: {} }, "at.amount: found {}, expected a list"],
    [
      "a text for an object",
      fee,
      { amount: ["1uweir"] },
      'at.amount[0]: found "1uweir", expected an object, cosmos.base.v1beta1.Coin',
    ],
    ["a number for a text", fee, { amount: [{}, { denom: 5 }] }, "at.amount[1].denom: found 5, expected text"],
    [
      "an amount with a point",
      fee,
      { amount: [{ amount: "1.5" }] },
      'at.amount[0].amount: found "1.5", expected a whole number as text',
    ],
    [
      "a number that is too large",
      fee,
      { gas_limit: "18446744073709551616" },
      'at.gas_limit: found "18446744073709551616", expected a whole number from 0 to 18446744073709551615, as text',
    ],
    [
      "a negative number",
      fee,
      { gas_limit: "-1" },
      'at.gas_limit: found "-1", expected a whole number from 0 to 18446744073709551615, as text',
    ],
    [
      "a number that JSON rounds",
      fee,
      { gas_limit: 2 ** 53 },
      "at.gas_limit: found 9007199254740992, expected a whole number from 0 to 18446744073709551615, as text",
    ],
    [
      "a number that is not whole",
      fee,
      { gas_limit: 1.5 },
      "at.gas_limit: found 1.5, expected a whole number from 0 to 18446744073709551615, as text",
    ],
    [
      "a truth value",
      fee,
      { gas_limit: true },
      "at.gas_limit: found true, expected a whole number from 0 to 18446744073709551615, as text",
    ],
    [
      "a text for a truth value",
      "cosmos.bank.v1beta1.Params",
      { default_send_enabled: "yes" },
      'at.default_send_enabled: found "yes", expected true or false',
    ],
    [
      "bytes that are not base64",
      "cosmos.crypto.secp256k1.PubKey",
      { key: "ä" },
      'at.key: found "ä", expected bytes in base64',
    ],
    [
      "an enum's stranger",
      "cosmos.tx.v1beta1.ModeInfo.Single",
      { mode: "SIGN_MODE_BLIND" },
      'at.mode: found "SIGN_MODE_BLIND", expected SIGN_MODE_UNSPECIFIED, ',
    ],
    [
      "a duration without its unit",
      "tendermint.types.EvidenceParams",
      { max_age_duration: "5" },
      'at.max_age_duration: found "5", expected a duration such as 172800s',
    ],
    [
      "a day that is not",
      "tendermint.types.Header",
      { time: "2026-02-30T00:00:00Z" },
      'at.time: found "2026-02-30T00:00:00Z", expected a time such as 2026-01-31T12:00:00Z',
    ],
    [
      "a decimal with two points",
      "cosmos.base.v1beta1.DecCoin",
      { amount: "1.2.3" },
      'at.amount: found "1.2.3", expected a decimal number as text (',
    ],
    [
      "an Any without a type",
      account,
      { accounts: [{}] },
      "at.accounts[0].@type: found nothing, expected a type URL such as /cosmos.auth.v1beta1.BaseAccount",
    ],
    [
      "an Any of no known type",
      account,
      { accounts: [{ "@type": "/x.Y" }] },
      'at.accounts[0].@type: found "/x.Y", expected the type of a message that this binary knows',
    ],
    [
      "an Any with a stranger",
      account,
      { accounts: [{ "@type": "/cosmos.auth.v1beta1.BaseAccount", x: 1 }] },
      "at.accounts[0].x: found a field that does not exist, expected address, pub_key, account_number, sequence",
    ],
    ["a long text, cut", fee, { payer: ["x".repeat(200)] }, `at.payer: found ["${"x".repeat(78)}…, expected text`],
    [
      "messages without end",
      "cosmos.tx.v1beta1.TxBody",
      { messages: [deep(40)] },
      "messages 33 deep, expected at most 32",
    ],
  ])("is refused where it is wrong: %s", (_what, typeName, json, message) => {
    expect(() => fromJson(typeName, json, "at")).toThrow(message);
  });
});
