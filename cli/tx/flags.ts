/** The flags that every transaction has, as simd names them, and what they say once read. Owns their forms and which exclude each other. */
import type { Coins } from "../../chain/coins.ts";
import { type Dec, decCeil, decMul, decOne, parseDec } from "../../chain/dec.ts";
import type { DecCoins } from "../../chain/deccoins.ts";
import { SignMode } from "../../proto/gen/cosmos/tx/signing/v1beta1/signing.ts";
import { type FlagSpec, UsageError } from "../arguments.ts";
import { typedCoins, typedDecCoins } from "../coins.ts";
import type { Invocation } from "../command.ts";
import { asUsage } from "../fields.ts";
import { keyFlags } from "../keys.ts";

const signModes = {
  direct: SignMode.SIGN_MODE_DIRECT,
  "amino-json": SignMode.SIGN_MODE_LEGACY_AMINO_JSON,
} as const;

export type BroadcastMode = "sync" | "async" | "commit";
const broadcastModes: readonly BroadcastMode[] = ["sync", "async", "commit"];

/** Of simulated gas: what the state may change until the block. */
const gasAdjustmentDefault = "1.4";
/** Where no node is asked, simd's. */
export const gasLimitDefault = 200_000n;

/** Who signs, and over what. */
export const signFlags: readonly FlagSpec[] = [
  { name: "from", value: "KEY", help: "the key that signs, by name or address" },
  {
    name: "sign-mode",
    value: "direct|amino-json",
    help: "what is signed: the bytes, or JSON for ledgers and multisigs",
  },
  { name: "account-number", short: "a", value: "N", help: "of the signer; asked from the node without it" },
  { name: "sequence", short: "s", value: "N", help: "of the signer; asked from the node without it" },
  { name: "offline", help: "ask no node: needs --chain-id, --account-number and --sequence" },
  ...keyFlags,
];

export const documentFlag: FlagSpec = { name: "output-document", value: "FILE", help: "write the JSON there instead" };

export const sendFlags: readonly FlagSpec[] = [
  {
    name: "broadcast-mode",
    short: "b",
    value: "sync|async|commit",
    help: "wait for the node's check, for nothing, or for the block",
    default: "sync",
  },
  { name: "yes", short: "y", help: "do not ask before signing and sending" },
];

export const txFlags: readonly FlagSpec[] = [
  ...signFlags,
  { name: "gas", value: "auto|N", help: "gas limit; auto simulates it first (default auto; offline 200000)" },
  { name: "gas-adjustment", value: "X", help: "auto: times the gas simulated", default: gasAdjustmentDefault },
  { name: "fees", value: "COINS", help: "what to pay: 5000uweir" },
  { name: "gas-prices", value: "COINS", help: "what to pay for each gas: 0.025uweir" },
  { name: "memo", aliases: ["note"], value: "TEXT", help: "a note that everybody can read" },
  { name: "timeout-height", value: "N", help: "not valid above this height" },
  { name: "fee-payer", value: "KEY", help: "another account that pays, and signs too" },
  { name: "fee-granter", value: "ADDRESS", help: "another account that pays by its grant" },
  { name: "dry-run", help: "simulate only, and say what it would take" },
  { name: "generate-only", help: "print the unsigned transaction" },
  documentFlag,
  ...sendFlags,
];

export function readCount(invocation: Invocation, name: string): bigint | undefined {
  const text = invocation.flag(name);
  if (text === undefined) return undefined;
  if (!/^\d{1,20}$/.test(text) || BigInt(text) >= 1n << 64n) {
    throw new UsageError(`--${name} ${text}: expected a whole number`);
  }
  return BigInt(text);
}

export function readSignMode(invocation: Invocation): SignMode | undefined {
  const text = invocation.flag("sign-mode");
  if (text === undefined) return undefined;
  if (!Object.hasOwn(signModes, text)) {
    throw new UsageError(`--sign-mode ${text}: expected ${Object.keys(signModes).join(" or ")}`);
  }
  return signModes[text as keyof typeof signModes];
}

export function readBroadcastMode(invocation: Invocation): BroadcastMode {
  const text = invocation.flag("broadcast-mode");
  const mode = broadcastModes.find((known) => known === text);
  if (mode === undefined) throw new UsageError(`--broadcast-mode ${text}: expected ${broadcastModes.join(", ")}`);
  return mode;
}

export interface GasTerms {
  /** Undefined: simulate. */
  readonly limit: bigint | undefined;
  readonly adjustment: Dec;
  readonly fees: Coins;
  readonly prices: DecCoins;
}

export function readGasTerms(invocation: Invocation, simulates: boolean): GasTerms {
  const text = invocation.flag("gas") ?? (simulates ? "auto" : String(gasLimitDefault));
  const adjustment = asUsage(() => parseDec(invocation.flag("gas-adjustment") ?? ""), "--gas-adjustment");
  if (adjustment < decOne) throw new UsageError("--gas-adjustment: expected 1 or more");
  return { limit: text === "auto" ? undefined : readGas(text), adjustment, ...readFee(invocation) };
}

function readGas(text: string): bigint {
  if (!/^[1-9]\d{0,18}$/.test(text)) throw new UsageError(`--gas ${text}: expected auto or a whole number`);
  return BigInt(text);
}

/** What stands on the line goes before what stands in client.toml or a variable. */
function readFee(invocation: Invocation): Pick<GasTerms, "fees" | "prices"> {
  const [fees, prices] = [invocation.flag("fees") ?? "", invocation.flag("gas-prices") ?? ""];
  const isFeeFirst = invocation.isGiven("fees") && !invocation.isGiven("gas-prices");
  const isPriceFirst = invocation.isGiven("gas-prices") && !invocation.isGiven("fees");
  if (fees !== "" && prices !== "" && !isFeeFirst && !isPriceFirst) {
    throw new UsageError("--fees and --gas-prices exclude each other: the fee is the one, or gas times the other");
  }
  return {
    fees: isPriceFirst ? [] : typedCoins(fees, "--fees"),
    prices: isFeeFirst ? [] : typedDecCoins(prices, "--gas-prices"),
  };
}

/** Each price times the gas, rounded up: the node compares with the same. */
export const feeOf = ({ fees, prices }: GasTerms, gasLimit: bigint): Coins =>
  prices.length === 0
    ? fees
    : prices.map(({ denom, amount }) => ({ denom, amount: decCeil(amount * gasLimit) / decOne }));

/** Rounded up. */
export const adjusted = (gasUsed: bigint, adjustment: Dec): bigint =>
  decCeil(decMul(gasUsed * decOne, adjustment)) / decOne;
