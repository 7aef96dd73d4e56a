/**
 * What a transaction needs of a node, by CosmJS's clients over this project's own transport: account, fee, broadcast, look-up. Owns the seam to
 * CosmJS alone, which therefore has deadlines, bounds and several endpoints; does not own when anything is sent.
 */
import { makeAuthInfoBytes, makeSignBytes, makeSignDoc } from "@cosmjs/proto-signing";
import { calculateFee, StargateClient } from "@cosmjs/stargate";
import { Comet38Client, type RpcClient } from "@cosmjs/tendermint-rpc";
import { TxMsgData } from "../../proto/gen/cosmos/base/abci/v1beta1/abci.ts";
import { PubKey } from "../../proto/gen/cosmos/crypto/secp256k1/keys.ts";
import { SimulateRequest, SimulateResponse } from "../../proto/gen/cosmos/tx/v1beta1/service.ts";
import { TxBody, TxRaw } from "../../proto/gen/cosmos/tx/v1beta1/tx.ts";
import { drop, retry, textOf } from "../daemon/failure.ts";
import { NodeClient } from "./nodeclient.ts";
import { type Rpc, RpcRefused } from "./rpc.ts";
import type { AccountSigner } from "./signer.ts";

export interface Account {
  readonly accountNumber: number;
  readonly sequence: number;
}

export interface TxEvent {
  readonly type: string;
  readonly attributes: readonly { readonly key: string; readonly value: string }[];
}

/** A transaction in a block. */
export interface Landed {
  readonly height: bigint;
  readonly code: number;
  readonly codespace: string;
  readonly log: string;
  readonly events: readonly TxEvent[];
  /** Of each message, in order. */
  readonly responses: readonly Uint8Array[];
}

export interface Checked {
  readonly code: number;
  readonly codespace: string;
  readonly log: string;
}

export interface Message {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

const rpcClientOver = (rpc: Rpc): RpcClient => ({
  execute: async ({ id, method, params }) => ({ jsonrpc: "2.0", id, result: await rpc.call(method, { ...params }) }),
  disconnect: () => undefined,
});

const cometOver = (rpc: Rpc): Promise<Comet38Client> => Comet38Client.create(rpcClientOver(rpc));

/** CosmJS says so of an address that holds nothing and was never heard of. */
const noAccount = /does not exist on chain/;

export async function accountOf(rpc: Rpc, address: string): Promise<Account> {
  const client = await StargateClient.create(await cometOver(rpc));
  try {
    return await client.getSequence(address);
  } catch (error) {
    if (!noAccount.test(textOf(error))) throw error;
    throw retry(`${address} has no account on this chain yet: send it coins for its fees`);
  }
}

/** Undefined where no block has it, as far as this node knows. */
export async function findTransaction(rpc: Rpc, hash: Uint8Array): Promise<Landed | undefined> {
  try {
    const { height, result } = await (await cometOver(rpc)).tx({ hash });
    const { code, codespace = "", log = "", events, data } = result;
    const responses = TxMsgData.decode(data ?? new Uint8Array()).msgResponses.map(({ value }) => value);
    return { height: BigInt(height), code, codespace, log, events, responses };
  } catch (error) {
    if (!(error instanceof RpcRefused)) throw error;
    if (/not found/.test(error.message)) return undefined;
    throw drop(`${rpc.url} cannot look transactions up (${error.message}): set its [tx_index] indexer to "kv"`);
  }
}

const seenBefore = /tx already exists in cache/;
const alreadyThere: Checked = { code: 0, codespace: "", log: "" };

/** The node's check of it. Bytes that it has seen before are fine. */
export async function broadcast(rpc: Rpc, bytes: Uint8Array): Promise<Checked> {
  try {
    const { code, codespace, log } = await (await cometOver(rpc)).broadcastTxSync({ tx: bytes });
    return { code, codespace: codespace ?? "", log: log ?? "" };
  } catch (error) {
    if (error instanceof RpcRefused && seenBefore.test(error.message)) return alreadyThere;
    throw error;
  }
}

export interface Unsigned {
  readonly chainId: string;
  readonly account: Account;
  readonly messages: readonly Message[];
  readonly memo: string;
  readonly timeoutHeight: bigint;
  readonly gasLimit: number;
  /** "0.025uweir"; empty pays nothing. */
  readonly gasPrices: string;
  readonly feeGranter: string | undefined;
}

const secp256k1Type = "/cosmos.crypto.secp256k1.PubKey";

interface Assembled {
  readonly bodyBytes: Uint8Array;
  readonly authInfoBytes: Uint8Array;
}

function assemble(unsigned: Unsigned, publicKey: Uint8Array): Assembled {
  const { messages, memo, timeoutHeight, gasLimit, gasPrices, feeGranter, account } = unsigned;
  const body = TxBody.fromPartial({ messages: messages.map((message) => ({ ...message })), memo, timeoutHeight });
  const pubkey = { typeUrl: secp256k1Type, value: PubKey.encode({ key: publicKey }).finish() };
  const fee = gasPrices === "" ? [] : calculateFee(gasLimit, gasPrices).amount;
  const signers = [{ pubkey, sequence: account.sequence }];
  const authInfoBytes = makeAuthInfoBytes(signers, fee, gasLimit, feeGranter, undefined);
  return { bodyBytes: TxBody.encode(body).finish(), authInfoBytes };
}

export async function signTransaction(unsigned: Unsigned, signer: AccountSigner): Promise<Uint8Array> {
  const { bodyBytes, authInfoBytes } = assemble(unsigned, signer.publicKey);
  const { chainId, account } = unsigned;
  const signed = makeSignBytes(makeSignDoc(bodyBytes, authInfoBytes, chainId, account.accountNumber));
  const signature = await signer.sign(signed);
  return TxRaw.encode({ bodyBytes, authInfoBytes, signatures: [signature] }).finish();
}

const simulatePath = "/cosmos.tx.v1beta1.Service/Simulate";

/** The gas that it would use now. Rejects with QueryRefused where the chain would refuse it. */
export async function simulate(rpc: Rpc, unsigned: Unsigned, signer: AccountSigner): Promise<number> {
  const txBytes = TxRaw.encode({ ...assemble(unsigned, signer.publicKey), signatures: [new Uint8Array()] }).finish();
  const data = SimulateRequest.encode(SimulateRequest.fromPartial({ txBytes })).finish();
  const { value } = await new NodeClient(rpc).abciQuery({ path: simulatePath, data });
  return Number(SimulateResponse.decode(value).gasInfo?.gasUsed ?? 0n);
}
