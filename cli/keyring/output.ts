/** How keys are shown: the SDK's JSON fields, and a table for people. Owns the form; a key's secret never comes here. */
import { consensusAddress, validatorAddress } from "../../chain/address.ts";
import { publicKeyAddress } from "../../chain/crypto/publickey.ts";
import { columns } from "../table.ts";
import type { KeyRecord } from "./keyring.ts";
import { publicKeyToJson } from "./publickeyjson.ts";

export interface KeyOutput {
  readonly name: string;
  readonly type: string;
  readonly address: string;
  /** JSON in a text, as the SDK has it. */
  readonly pubkey: string;
  readonly mnemonic?: string;
}

export const bechKinds = ["acc", "val", "cons"] as const;
export type BechKind = (typeof bechKinds)[number];

export function keyOutput({ name, type, address, publicKey }: KeyRecord, bech: BechKind = "acc"): KeyOutput {
  const bytes = publicKeyAddress(publicKey);
  const addresses = {
    acc: () => address,
    val: () => validatorAddress.encode(bytes),
    cons: () => consensusAddress.encode(bytes),
  };
  return { name, type, address: addresses[bech](), pubkey: JSON.stringify(publicKeyToJson(publicKey)) };
}

export function keyTable(keys: readonly KeyOutput[]): string {
  const rows = keys.map(({ name, type, address }) => [name, type, address]);
  return `${columns([["NAME", "TYPE", "ADDRESS"], ...rows]).join("\n")}\n`;
}
