/** Relays take part from the next epoch on, once their processes serve: one transaction that all their operators sign. */
import { setTimeout as wait } from "node:timers/promises";
import { messageCodec } from "../../chain/codec.ts";
import { signSecp256k1 } from "../../chain/crypto/sign.ts";
import { signTx } from "../../chain/tx/build.ts";
import { relaySubject } from "../../modules/attestation/index.ts";
import { auth } from "../../modules/auth/index.ts";
import type { NodeClient } from "../../node/chain/nodeclient.ts";
import type { QueryAccountInfoResponse } from "../../proto/gen/cosmos/auth/v1beta1/query.ts";
import { MsgResume } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { devnetChainId, type PlannedRelay } from "./plan.ts";

const gasLimit = 5_000_000n;
const inBlockMillisMax = 30_000;
const pollMillis = 100;

export async function letRelaysJoin(node: NodeClient, relays: readonly PlannedRelay[]): Promise<void> {
  if (relays.length === 0) return;
  const signers = await Promise.all(
    relays.map(async ({ operator, operatorKey: { publicKey, privateKey } }) => ({
      ...(await accountOf(node, operator)),
      chainId: devnetChainId,
      publicKey: { scheme: "secp256k1" as const, key: publicKey },
      sign: (bytes: Uint8Array) => signSecp256k1(privateKey, bytes),
    })),
  );
  const codec = messageCodec(MsgResume);
  const messages = relays.map(({ id, operator }) => ({ codec, value: { operator, subject: relaySubject(id) } }));
  const { code, log, hash } = await node.broadcast("sync", signTx({ messages }, { amount: [], gasLimit }, signers));
  if (code !== 0) throw new Error(`the relays cannot join: ${log}`);
  await inBlock(node, hash);
}

async function accountOf(node: NodeClient, address: string) {
  const path = "/cosmos.auth.v1beta1.Query/AccountInfo";
  const { info } = await node.query<object, QueryAccountInfoResponse>(path, auth.queries[path]!, { address });
  return { accountNumber: info!.accountNumber, sequence: info!.sequence };
}

async function inBlock(node: NodeClient, hash: string): Promise<void> {
  const until = Date.now() + inBlockMillisMax;
  for (;;) {
    const found = await node.rpc.call("tx_search", { query: `tx.hash='${hash}'`, per_page: "1" });
    const [tx] = found.txs as readonly { readonly tx_result: { readonly code: number; readonly log: string } }[];
    if (tx !== undefined && tx.tx_result.code === 0) return;
    if (tx !== undefined) throw new Error(`the relays cannot join: ${tx.tx_result.log}`);
    if (Date.now() > until)
      throw new Error(`no block within ${inBlockMillisMax / 1_000} s holds ${hash}: is it too busy?`);
    await wait(pollMillis);
  }
}
