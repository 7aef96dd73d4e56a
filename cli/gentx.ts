/**
 * Genesis transactions: each makes its signer a validator, signed before the chain exists. Owns their making, their files and what is asked
 * of them before they go into genesis.json; running them is the chain's.
 */
import { networkInterfaces } from "node:os";
import { accountAddress, validatorAddress } from "../chain/address.ts";
import { amountOf, type Coin, coinFromProto } from "../chain/coins.ts";
import type { GenesisDocument } from "../chain/consensus/genesis.ts";
import { asObject } from "../chain/consensus/json.ts";
import { decToProto, parseDec } from "../chain/dec.ts";
import { ChainError } from "../chain/errors.ts";
import { PubKey } from "../proto/gen/cosmos/crypto/ed25519/keys.ts";
import { MsgCreateValidator } from "../proto/gen/cosmos/staking/v1beta1/tx.ts";
import { type Parsed, UsageError } from "./arguments.ts";
import { balancesIn } from "./genesisaccounts.ts";
import { bondDenomIn } from "./genesisvalidator.ts";
import { documentJson, documentOfJson, type TxDocument } from "./tx/document.ts";

export const createValidatorUrl = `/${MsgCreateValidator.$type}`;

/** As simd names them. */
export const validatorFlags = [
  { name: "moniker", value: "NAME", help: "the validator's name (default: the node's)" },
  { name: "identity", value: "TEXT", help: "an identity signature, of Keybase for example" },
  { name: "website", value: "URL", help: "the validator's website" },
  { name: "security-contact", value: "TEXT", help: "whom to write to about security" },
  { name: "details", value: "TEXT", help: "anything else to know" },
  { name: "commission-rate", value: "DEC", help: "the operator's part of rewards", default: "0.1" },
  { name: "commission-max-rate", value: "DEC", help: "the most that the rate may ever be", default: "0.2" },
  { name: "commission-max-change-rate", value: "DEC", help: "the most it may change in a day", default: "0.01" },
  { name: "min-self-delegation", value: "N", help: "the operator keeps at least so much staked", default: "1" },
] as const;

/** Hexadecimal digits of an address. */
const nodeIdPattern = /^[0-9a-f]{40}$/;

export interface Terms {
  readonly operator: string;
  readonly stake: Coin;
  readonly consensusKey: Uint8Array;
  readonly moniker: string;
}

function rateOf(parsed: Parsed, name: string): string {
  const text = parsed.flag(name)!;
  try {
    return decToProto(parseDec(text));
  } catch (error) {
    if (error instanceof ChainError) throw new UsageError(`--${name} ${text}: ${error.message}`);
    throw error;
  }
}

export function createValidator(parsed: Parsed, { operator, stake, consensusKey, moniker }: Terms): MsgCreateValidator {
  const text = (name: string) => parsed.flag(name) ?? "";
  return MsgCreateValidator.fromPartial({
    description: {
      moniker,
      identity: text("identity"),
      website: text("website"),
      securityContact: text("security-contact"),
      details: text("details"),
    },
    commission: {
      rate: rateOf(parsed, "commission-rate"),
      maxRate: rateOf(parsed, "commission-max-rate"),
      maxChangeRate: rateOf(parsed, "commission-max-change-rate"),
    },
    minSelfDelegation: text("min-self-delegation"),
    validatorAddress: validatorAddress.encode(accountAddress.decode(operator)),
    pubkey: { typeUrl: `/${PubKey.$type}`, value: PubKey.encode({ key: consensusKey }).finish() },
    value: { denom: stake.denom, amount: `${stake.amount}` },
  });
}

/** The account stands in genesis and has what it stakes. In simd's words. */
export function requireStake(document: GenesisDocument, address: string, stake: Coin): void {
  const denom = bondDenomIn(document);
  if (stake.denom !== denom) throw new Error(`${stake.amount}${stake.denom} cannot be staked; expected ${denom}`);
  const coins = balancesIn(document).get(address);
  if (coins === undefined) {
    throw new Error(
      `account ${address} does not have a balance in the genesis state: \`weir genesis add-account ${address} COINS\` gives it one`,
    );
  }
  const held = amountOf(coins, denom);
  if (held >= stake.amount) return;
  throw new Error(
    `account ${address} has a balance in genesis, but it only has ${held}${denom} available to stake, not ${stake.amount}${denom}`,
  );
}

// ------------------------------------------------------------------------------------------------------------- where the node is

/** The first address that is not the machine's own, as simd takes it. */
export function externalAddress(): string | undefined {
  for (const addresses of Object.values(networkInterfaces())) {
    const found = addresses?.find(({ family, internal }) => family === "IPv4" && !internal);
    if (found !== undefined) return found.address;
  }
  return undefined;
}

/** ID@HOST:PORT, which a memo holds and persistent_peers lists. */
export function peerOfMemo(memo: string): { readonly id: string; readonly peer: string } | undefined {
  const [id = "", where = ""] = memo.split("@");
  return nodeIdPattern.test(id) && /^[^\s,@]+:[0-9]{1,5}$/.test(where) ? { id, peer: memo } : undefined;
}

// ------------------------------------------------------------------------------------------------------------------------- files

export interface GenesisTx {
  readonly document: TxDocument;
  readonly message: MsgCreateValidator;
  readonly operator: string;
}

/** One of a file: a transaction of one message that makes a validator of an account with coins. */
export function checkGenesisTx(genesis: GenesisDocument, json: unknown, path: string): GenesisTx {
  const document = documentOfJson(json, path);
  const [message, ...more] = document.messages;
  if (message === undefined || more.length > 0) {
    throw new Error(`${path}: unexpected number of GenTx messages; got: ${document.messages.length}, expected: 1`);
  }
  if (message.typeUrl !== createValidatorUrl) {
    throw new Error(`${path}: unexpected GenTx message type; expected: MsgCreateValidator, got: ${message.typeUrl}`);
  }
  const value = message.value as MsgCreateValidator;
  try {
    message.handler.validate(value);
    const operator = accountAddress.encode(validatorAddress.decode(value.validatorAddress));
    requireStake(genesis, operator, coinFromProto(value.value ?? { denom: "", amount: "0" }));
    return { document, message: value, operator };
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : error}`);
  }
}

export const withGenesisTxs = (genesis: GenesisDocument, txs: readonly GenesisTx[]): GenesisDocument => ({
  ...genesis,
  appState: {
    ...asObject(genesis.appState, "app_state"),
    genutil: { gen_txs: txs.map(({ document }) => documentJson(document)) },
  },
});
