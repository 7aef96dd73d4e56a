/**
 * A client's money on the chain: what lies in a wallet, who pays its fees, and moving it out. Owns those questions and messages; which key signs is
 * wallets.ts's, and what a session locks is channels.ts's.
 */
import type { Coin } from "../../chain/coins.ts";
import { QueryAccountInfoRequest, QueryAccountInfoResponse } from "../../proto/gen/cosmos/auth/v1beta1/query.ts";
import { QueryBalanceRequest, QueryBalanceResponse } from "../../proto/gen/cosmos/bank/v1beta1/query.ts";
import { MsgSend } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import { QueryAllowancesRequest, QueryAllowancesResponse } from "../../proto/gen/cosmos/feegrant/v1beta1/query.ts";
import { QueryWalletRequest, QueryWalletResponse } from "../../proto/gen/weir/market/v1/query.ts";
import { MsgWithdraw } from "../../proto/gen/weir/market/v1/tx.ts";
import { orAbsent } from "../chain/chainclient.ts";
import { type AccountSigner, signerOf } from "../chain/signer.ts";
import type { Submitted } from "../chain/transactions.ts";
import { drop } from "../daemon/failure.ts";
import type { Asking } from "./clientchain.ts";
import { openCode, type WalletRecord } from "./store.ts";
import { codePrivateKey } from "./topupcode.ts";
import { type Sender, type Signers, send, typed } from "./transactions.ts";
import type { ClientKeys } from "./wallets.ts";

export async function walletCoins(chain: Asking, owner: string): Promise<readonly Coin[]> {
  const request = QueryWalletRequest.encode({ owner }).finish();
  const { coins } = await chain.query("/weir.market.v1.Query/Wallet", request, (bytes) =>
    QueryWalletResponse.decode(bytes),
  );
  return coins.map(({ denom, amount }) => ({ denom, amount: BigInt(amount) }));
}

export const inWallet = async (chain: Asking, owner: string, denom: string): Promise<bigint> =>
  (await walletCoins(chain, owner)).find((coin) => coin.denom === denom)?.amount ?? 0n;

/** What lies in the account itself, beside the market's wallet. */
export async function balanceOf(chain: Asking, address: string, denom: string): Promise<bigint> {
  const request = QueryBalanceRequest.encode({ address, denom }).finish();
  const { balance } = await chain.query("/cosmos.bank.v1beta1.Query/Balance", request, (bytes) =>
    QueryBalanceResponse.decode(bytes),
  );
  return BigInt(balance?.amount ?? "0");
}

export async function accountExists(chain: Asking, address: string): Promise<boolean> {
  const request = QueryAccountInfoRequest.encode({ address }).finish();
  const answer = chain.query("/cosmos.auth.v1beta1.Query/AccountInfo", request, (bytes) =>
    QueryAccountInfoResponse.decode(bytes),
  );
  return (await orAbsent(answer)) !== undefined;
}

/** Who pays an account's fees; undefined where nobody does. */
export async function granterOf(chain: Asking, grantee: string): Promise<string | undefined> {
  const request = QueryAllowancesRequest.encode({ grantee, pagination: undefined }).finish();
  const { allowances } = await chain.query("/cosmos.feegrant.v1beta1.Query/Allowances", request, (bytes) =>
    QueryAllowancesResponse.decode(bytes),
  );
  return allowances[0]?.granter;
}

/** What a client's commands work with. */
export interface Purse {
  readonly sender: Sender;
  readonly keys: ClientKeys;
  /** Of 32 bytes: opens what is sealed under it. */
  readonly root: Uint8Array;
}

export const codeSigner = (chainId: string, secret: Uint8Array): AccountSigner =>
  signerOf(codePrivateKey(chainId, secret));

/** A wallet's own signature, and its code's account for the fee where the shop granted one. */
export function signersFor({ sender, keys, root }: Purse, { index, code }: WalletRecord): Signers {
  const accounts = [keys.wallet(index)];
  if (code === undefined || code.granter === "") return { accounts };
  const secret = openCode(root, code.address, code.sealed);
  return { accounts, payer: codeSigner(sender.chain.chainId, secret), granter: code.granter };
}

/** Out of a wallet to any address, as coins. Where all of it goes, the millionth beside it goes too. */
export async function withdraw(purse: Purse, wallet: WalletRecord, to: string, amount: bigint): Promise<Submitted> {
  const { chain } = purse.sender;
  const { address, denom } = wallet;
  const [there, beside] = await Promise.all([inWallet(chain, address, denom), balanceOf(chain, address, denom)]);
  if (amount > there) throw drop(`wallet ${wallet.index} has ${there}${denom}; less than ${amount}${denom}`);
  const sent = amount === there ? amount + beside : amount;
  const coin = (value: bigint) => ({ denom, amount: `${value}` });
  const messages = [
    typed(MsgWithdraw, { owner: address, amount: coin(amount) }),
    typed(MsgSend, { fromAddress: address, toAddress: to, amount: [coin(sent)] }),
  ];
  return send(purse.sender, messages, signersFor(purse, wallet));
}
