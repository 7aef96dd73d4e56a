/**
 * Top-up codes on the chain: a shop pays into them, a newcomer takes them over. Owns what both sides send; how a code is written is topupcode.ts's.
 *
 * A code's account gets stable coins in the market's wallet, and the shop pays its fees, for the messages that a buyer needs and no others. Taking it
 * over moves the coins into a wallet that only the newcomer's secret leads to: from then on the shop, which knows the code, can take nothing back.
 */
import type { Coin, Coins } from "../../chain/coins.ts";
import { coinsToProto, formatCoin } from "../../chain/coins.ts";
import type { Timestamp } from "../../chain/context.ts";
import type { TypedMessage } from "../../chain/tx/build.ts";
import { MsgSend } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import { AllowedMsgAllowance, BasicAllowance } from "../../proto/gen/cosmos/feegrant/v1beta1/feegrant.ts";
import { MsgGrantAllowance } from "../../proto/gen/cosmos/feegrant/v1beta1/tx.ts";
import { MsgTopUp, MsgWithdraw } from "../../proto/gen/weir/market/v1/tx.ts";
import type { AccountSigner } from "../chain/signer.ts";
import { drop } from "../daemon/failure.ts";
import { accountExists, codeSigner, granterOf, inWallet, type Purse, walletCoins } from "./accounts.ts";
import { type ClientStore, sealCode, type WalletRecord } from "./store.ts";
import { type Sender, send, typed } from "./transactions.ts";

// ------------------------------------------------------------------------------------------------------------------ the shop

/** A buyer's messages. The bank's is there so that what is left can be taken out to any address. */
export const grantedMessages: readonly string[] = [
  "/cosmos.bank.v1beta1.MsgSend",
  "/weir.market.v1.MsgCloseSession",
  "/weir.market.v1.MsgOpenSession",
  "/weir.market.v1.MsgSettle",
  "/weir.market.v1.MsgTopUp",
  "/weir.market.v1.MsgTopUpSession",
  "/weir.market.v1.MsgWithdraw",
];

/** Two messages a code, sixteen a transaction. */
export const codesPerTransaction = 8;

export interface CodeTerms {
  readonly amount: Coin;
  /** What the shop pays in fees for one code, at most. */
  readonly fees: Coins;
  readonly expiration: Timestamp;
}

function allowance({ fees, expiration }: CodeTerms) {
  const basic = BasicAllowance.encode({ spendLimit: coinsToProto(fees), expiration }).finish();
  const within = { typeUrl: `/${BasicAllowance.$type}`, value: basic };
  const value = AllowedMsgAllowance.encode({ allowance: within, allowedMessages: [...grantedMessages] }).finish();
  return { typeUrl: `/${AllowedMsgAllowance.$type}`, value };
}

const fundingOf = (shop: string, owner: string, terms: CodeTerms): TypedMessage[] => [
  typed(MsgTopUp, { sender: shop, owner, amount: coinsToProto([terms.amount])[0] }),
  typed(MsgGrantAllowance, { granter: shop, grantee: owner, allowance: allowance(terms) }),
];

/** Whether a code's account was funded before: then it is left alone, so that a broken-off run can be run again. */
export const isFunded = (chain: Sender["chain"], address: string): Promise<boolean> => accountExists(chain, address);

/** Pays into up to eight codes by one transaction. */
export async function fundCodes(
  sender: Sender,
  shop: AccountSigner,
  addresses: readonly string[],
  terms: CodeTerms,
): Promise<void> {
  const messages = addresses.flatMap((address) => fundingOf(shop.address, address, terms));
  await send(sender, messages, { accounts: [shop] });
}

// -------------------------------------------------------------------------------------------------------------- the newcomer

export interface Redeemed {
  readonly wallet: WalletRecord;
  /** It was this client's before. */
  readonly wasMine: boolean;
}

/** What makes the wallet's account, without which nobody can sign for it: a millionth of the coin. */
const dust = 1n;

/** Takes a code over. Safe to be called again after a crash: the code's account can pay but once. */
export async function redeemCode(purse: Purse, store: ClientStore, secret: Uint8Array): Promise<Redeemed> {
  const { chain } = purse.sender;
  const code = codeSigner(chain.chainId, secret);
  const records = await store.wallets();
  const known = records.find((record) => record.code?.address === code.address);
  if (known?.state === "ready") return { wallet: known, wasMine: true };
  const coins = await walletCoins(chain, code.address);
  if (coins.length === 0) return { wallet: await taken(purse, store, known, code.address), wasMine: true };
  const record = known ?? (await newRecord(purse, records, code, secret, coins[0]!));
  if (known === undefined) await store.keepWallet(record);
  const granter = record.code?.granter ?? "";
  await send(purse.sender, takingOver(code.address, record.address, coins), {
    accounts: [code],
    ...(granter === "" ? {} : { granter }),
  });
  const ready: WalletRecord = { ...record, state: "ready" };
  await store.keepWallet(ready);
  return { wallet: ready, wasMine: false };
}

/** Nothing lies in the code any more: by an earlier run of this client, or by somebody else. */
async function taken(
  { sender: { chain } }: Purse,
  store: ClientStore,
  known: WalletRecord | undefined,
  address: string,
): Promise<WalletRecord> {
  if (known !== undefined && (await inWallet(chain, known.address, known.denom)) > 0n) {
    const ready: WalletRecord = { ...known, state: "ready" };
    await store.keepWallet(ready);
    return ready;
  }
  if (await accountExists(chain, address)) {
    throw drop(
      "this code was used before, and not by this client: nothing is left in it. If you have just bought it, show the shop this message",
    );
  }
  throw drop(
    `nobody has paid into this code on ${chain.chainId}: the shop has not finished it, or it is of another network of the same name. Try again in a minute`,
  );
}

async function newRecord(
  { sender: { chain }, keys, root }: Purse,
  records: readonly WalletRecord[],
  code: AccountSigner,
  secret: Uint8Array,
  coin: Coin,
): Promise<WalletRecord> {
  const index = records.reduce((next, record) => Math.max(next, record.index + 1), 0);
  const granter = (await granterOf(chain, code.address)) ?? "";
  return {
    index,
    address: keys.wallet(index).address,
    code: { address: code.address, granter, sealed: sealCode(root, code.address, secret) },
    denom: coin.denom,
    amount: coin.amount,
    state: "redeeming",
    sessions: 0,
  };
}

function takingOver(code: string, wallet: string, coins: Coins): TypedMessage[] {
  const messages = coins.map((coin) => typed(MsgWithdraw, { owner: code, amount: coinsToProto([coin])[0] }));
  const [first, ...others] = coins;
  if (first === undefined || first.amount <= dust)
    throw drop(`this code holds ${first === undefined ? "nothing" : formatCoin(first)}: too little`);
  const given = [{ ...first, amount: first.amount - dust }, ...others];
  return [
    ...messages,
    ...given.map((coin) => typed(MsgTopUp, { sender: code, owner: wallet, amount: coinsToProto([coin])[0] })),
    typed(MsgSend, { fromAddress: code, toAddress: wallet, amount: coinsToProto([{ ...first, amount: dust }]) }),
  ];
}
