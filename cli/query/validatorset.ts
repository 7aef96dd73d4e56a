/** `weir query comet-validator-set`: who validates a height, with how much power. */
import { consensusAddress } from "../../chain/address.ts";
import { asArray, asInteger, asObject, fromHex, type JsonObject } from "../../chain/consensus/json.ts";
import { UsageError } from "../arguments.ts";
import type { Command, Invocation } from "../command.ts";
import { columns, headed } from "../table.ts";
import { heightOf, nodeOf } from "./chain.ts";

export const command: Command = {
  name: "query comet-validator-set",
  positionals: ["[HEIGHT]"],
  summary: "Shows the validators of a height, the newest without one.",
  flags: [
    { name: "page", value: "N", help: "which page", default: "1" },
    { name: "limit", value: "N", help: "entries on a page, at most 100", default: "100" },
  ],
  examples: ["weir query comet-validator-set", "weir query comet-validator-set 5 --output json"],
  async run(invocation) {
    const paging = { page: number(invocation, "page"), per_page: number(invocation, "limit") };
    const answer = await nodeOf(invocation).rpc.call("validators", { ...heightOf(invocation), ...paging });
    const validators = asArray(answer.validators, "validators").map(validatorJson);
    const total = asInteger(answer.total, "total");
    const json = { block_height: String(answer.block_height), validators, total: String(total) };
    invocation.answer(text(invocation, json), json);
    return 0;
  },
};

function number({ flag }: Invocation, name: string): string {
  const given = flag(name) ?? "";
  if (!/^[1-9]\d{0,8}$/.test(given)) throw new UsageError(`--${name} ${given}: expected a number from 1`);
  return given;
}

interface ValidatorJson {
  readonly address: string;
  readonly pub_key: JsonObject;
  readonly proposer_priority: string;
  readonly voting_power: string;
}

/** As the SDK's: the address in bech32, the key as an Any's JSON. */
function validatorJson(json: unknown): ValidatorJson {
  const { address, pub_key, proposer_priority, voting_power } = asObject(json, "a validator");
  const { type, value } = asObject(pub_key, "pub_key");
  const scheme = type === "tendermint/PubKeySecp256k1" ? "secp256k1" : "ed25519";
  return {
    address: consensusAddress.encode(fromHex(String(address), "address")),
    pub_key: { "@type": `/cosmos.crypto.${scheme}.PubKey`, key: value },
    proposer_priority: String(proposer_priority),
    voting_power: String(voting_power),
  };
}

function text(
  { look }: Invocation,
  { block_height, validators, total }: { block_height: string; validators: readonly ValidatorJson[]; total: string },
): string {
  const rows = validators.map(({ address, voting_power }) => [address, look.number(voting_power)]);
  const table = headed(columns([["ADDRESS", "POWER"], ...rows], [false, true]), look);
  return `${[...table, "", `${look.number(total)} in all, at height ${look.number(block_height)}`].join("\n")}\n`;
}
