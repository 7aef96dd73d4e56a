/** A node in this process and a daemon's chain client at it, for tests of what daemons ask and send. */
import { silentLog } from "../../chain/log.ts";
import { devnetAccounts } from "../../cli/devnet-accounts.ts";
import { derivePrivateKey, hdPath } from "../../cli/keyring/derive.ts";
import { type ChainClient, type ChainClientOptions, openChainClient } from "../../node/chain/chainclient.ts";
import { type AccountSigner, signerOf } from "../../node/chain/signer.ts";
import { systemClock } from "../../node/clock.ts";
import { memoryStore } from "../../node/daemon/store.ts";
import { QueryBalanceRequest, QueryBalanceResponse } from "../../proto/gen/cosmos/bank/v1beta1/query.ts";
import { MsgSend } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";

export const testChainId = "weir-test-1";

/** One of the accounts that a test node's genesis funds. */
export async function fundedSigner(index: number): Promise<AccountSigner> {
  return signerOf(await derivePrivateKey(devnetAccounts[index]!.mnemonic, "", hdPath(118, 0, 0)));
}

export function clientOf(rpc: readonly string[], options: Partial<ChainClientOptions> = {}): ChainClient {
  return openChainClient({
    chainId: testChainId,
    rpc,
    store: memoryStore(),
    clock: systemClock,
    log: silentLog,
    gasPrices: () => "",
    pollMillis: 40,
    ...options,
  });
}

export function sendMessage(from: string, to: string, amount: bigint) {
  const value = MsgSend.fromPartial({
    fromAddress: from,
    toAddress: to,
    amount: [{ denom: "uweir", amount: `${amount}` }],
  });
  return { typeUrl: "/cosmos.bank.v1beta1.MsgSend", value: MsgSend.encode(value).finish() };
}

export async function balanceOf(chain: ChainClient, address: string): Promise<bigint> {
  const request = QueryBalanceRequest.encode({ address, denom: "uweir" }).finish();
  const { balance } = await chain.query("/cosmos.bank.v1beta1.Query/Balance", request, QueryBalanceResponse.decode);
  return BigInt(balance?.amount ?? "0");
}
