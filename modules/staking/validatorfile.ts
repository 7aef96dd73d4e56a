/** The JSON file that `tx staking create-validator` takes, field by field as simd's. */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import { type Coins, coinToProto } from "../../chain/coins.ts";
import { parseDec } from "../../chain/dec.ts";
import { fromJson } from "../../chain/protojson.ts";
import type { MsgCreateValidator } from "../../proto/gen/cosmos/staking/v1beta1/tx.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";

const needed = [
  "amount",
  "moniker",
  "commission-rate",
  "commission-max-rate",
  "commission-max-change-rate",
  "min-self-delegation",
] as const;
const optional = ["identity", "website", "security", "details"] as const;

type Texts = Record<(typeof needed)[number] | (typeof optional)[number], string>;

export const exampleFile =
  '{"pubkey":{"@type":"/cosmos.crypto.ed25519.PubKey","key":"…"},"amount":"1000000uweir","moniker":"alice",' +
  '"commission-rate":"0.1","commission-max-rate":"0.2","commission-max-change-rate":"0.01","min-self-delegation":"1"}';

function textsOf(json: Readonly<Record<string, unknown>>): Texts {
  const texts: Partial<Texts> = {};
  for (const name of [...needed, ...optional]) {
    const value = json[name] ?? "";
    if (typeof value !== "string") throw new Error(`${name} is ${JSON.stringify(value)}; expected text in quotes`);
    texts[name] = value;
  }
  const missing = needed.find((name) => texts[name] === "");
  if (missing !== undefined) throw new Error(`the file has no ${missing}; expected ${exampleFile}`);
  return texts as Texts;
}

function asObject(json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw new Error(`expected ${exampleFile}`);
  const known = new Set<string>(["pubkey", ...needed, ...optional]);
  const stranger = Object.keys(json).find((name) => !known.has(name));
  if (stranger !== undefined) throw new Error(`the file has a field ${stranger}; known are ${[...known].join(", ")}`);
  return json as Readonly<Record<string, unknown>>;
}

/** `coins` reads an amount as it is typed. */
export function creationFromFile(
  json: unknown,
  operator: string,
  coins: (text: string) => Coins,
): Partial<MsgCreateValidator> {
  const file = asObject(json);
  const texts = textsOf(file);
  const [stake, ...others] = coins(texts.amount);
  if (stake === undefined || others.length > 0) throw new Error(`amount "${texts.amount}" is not one coin`);
  if (file.pubkey === undefined)
    throw new Error(`the file has no pubkey: \`weir comet show-validator\` prints a node's`);
  const rate = (name: "commission-rate" | "commission-max-rate" | "commission-max-change-rate") =>
    `${parseDec(texts[name])}`;
  return {
    description: {
      moniker: texts.moniker,
      identity: texts.identity,
      website: texts.website,
      securityContact: texts.security,
      details: texts.details,
    },
    commission: {
      rate: rate("commission-rate"),
      maxRate: rate("commission-max-rate"),
      maxChangeRate: rate("commission-max-change-rate"),
    },
    minSelfDelegation: texts["min-self-delegation"],
    validatorAddress: validatorAddress.encode(accountAddress.decode(operator)),
    pubkey: fromJson<Any>("google.protobuf.Any", file.pubkey, "pubkey"),
    value: coinToProto(stake),
  };
}
