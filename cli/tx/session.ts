/**
 * What a transaction's command works with: the node unless offline, the chain's id, the keyring. Owns which questions go to the node and
 * which answers the line must give instead.
 */
import { accountAddress } from "../../chain/address.ts";
import type { SignerData } from "../../chain/tx/signbytes.ts";
import { weir } from "../../modules/index.ts";
import { NodeClient, QueryRefused } from "../../node/chain/nodeclient.ts";
import type { QueryAccountInfoResponse } from "../../proto/gen/cosmos/auth/v1beta1/query.ts";
import { GasInfo } from "../../proto/gen/cosmos/base/abci/v1beta1/abci.ts";
import { SimulateRequest, SimulateResponse } from "../../proto/gen/cosmos/tx/v1beta1/service.ts";
import { UsageError } from "../arguments.ts";
import type { Invocation } from "../command.ts";
import type { KeyRecord, Keyring } from "../keyring/keyring.ts";
import { keyringFor } from "../keys.ts";
import { readCount } from "./flags.ts";

const accountInfoPath = "/cosmos.auth.v1beta1.Query/AccountInfo";
const simulatePath = "/cosmos.tx.v1beta1.Service/Simulate";
const accountInfo = weir.modules.flatMap(({ queries }) => queries[accountInfoPath] ?? [])[0]!;

export interface Session {
  readonly invocation: Invocation;
  /** Undefined when offline. */
  readonly node: NodeClient | undefined;
  readonly keyring: Keyring;
  chainId(): Promise<string>;
  /** What the signer's account adds to what is signed. */
  terms(address: string): Promise<SignerData>;
  /** An account by its address or by the name of its key. */
  address(text: string): string;
}

export async function openSession(invocation: Invocation): Promise<Session> {
  const node = invocation.has("offline") ? undefined : new NodeClient(invocation.flag("node") ?? "");
  const keyring = await keyringFor(invocation);
  let chainId: Promise<string> | undefined;
  const session: Session = {
    invocation,
    node,
    keyring,
    chainId: () => {
      chainId ??= findChainId(invocation, node);
      return chainId;
    },
    terms: (address) => findTerms(session, address),
    address: (text) => findAddress(keyring, text),
  };
  return session;
}

async function findChainId(invocation: Invocation, node: NodeClient | undefined): Promise<string> {
  const wanted = invocation.flag("chain-id");
  if (node === undefined) {
    if (wanted === undefined) throw new UsageError("--offline needs --chain-id: it is part of what is signed");
    return wanted;
  }
  const found = await node.chainId();
  if (wanted === undefined || wanted === found) return found;
  throw new UsageError(
    `the node at ${node.rpc.url} is of the chain ${found}, not ${wanted}: see --node and --chain-id`,
  );
}

async function findTerms({ invocation, node, chainId }: Session, address: string): Promise<SignerData> {
  const [accountNumber, sequence] = [readCount(invocation, "account-number"), readCount(invocation, "sequence")];
  if (accountNumber !== undefined && sequence !== undefined)
    return { chainId: await chainId(), accountNumber, sequence };
  if (node === undefined) {
    throw new UsageError(
      "--offline needs --account-number and --sequence: `weir query auth account-info ADDRESS` says them",
    );
  }
  const [account, id] = await Promise.all([findAccount(node, address), chainId()]);
  return {
    chainId: id,
    accountNumber: accountNumber ?? account.accountNumber,
    sequence: sequence ?? account.sequence,
  };
}

async function findAccount(node: NodeClient, address: string): Promise<{ accountNumber: bigint; sequence: bigint }> {
  const answer = await orUnknown(
    address,
    node.query<object, QueryAccountInfoResponse>(accountInfoPath, accountInfo, { address }),
  );
  if (answer.info === undefined) throw new Error(`${address} is no account with a key`);
  return answer.info;
}

const keyNotFound = 22;

async function orUnknown<T>(address: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof QueryRefused) || error.code !== keyNotFound) throw error;
    throw new Error(`there is no account ${address} on this chain yet: send it coins first`);
  }
}

function findAddress(keyring: Keyring, text: string): string {
  if (keyring.has(text)) return keyring.get(text).address;
  try {
    accountAddress.decode(text);
    return text;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${text} is no address of this chain (${reason}), nor the name of a key in ${keyring.folder}`);
  }
}

/** The key that signs for an address. */
export function signingKey({ keyring }: Session, address: string): KeyRecord {
  const record = keyring.get(address);
  if (record.type === "local") return record;
  const what = record.type === "multi" ? "a multisig" : "a public key alone";
  throw new UsageError(
    `${record.name} is ${what}: write the transaction with --generate-only, let \`weir tx sign\` sign it where the keys are` +
      `${record.type === "multi" ? ", and join the signatures with `weir tx multi-sign`" : ""}`,
  );
}

export interface Simulated {
  readonly gasUsed: bigint;
}

/** Runs the transaction on the newest state and keeps nothing. */
export async function simulate(node: NodeClient, txBytes: Uint8Array): Promise<Simulated> {
  const data = SimulateRequest.encode(SimulateRequest.fromPartial({ txBytes })).finish();
  try {
    const { value } = await node.abciQuery({ path: simulatePath, data });
    return { gasUsed: (SimulateResponse.decode(value).gasInfo ?? GasInfo.fromPartial({})).gasUsed };
  } catch (error) {
    if (!(error instanceof QueryRefused)) throw error;
    throw new Error(`the transaction would fail: ${reasonOf(error.message)}`);
  }
}

/** Without what gRPC and ABCI put around it. */
const reasonOf = (log: string): string =>
  log.replace(/^rpc error: code = \w+ desc = /, "").replace(/( with gas used: '\d+')?(: unknown request)?$/, "");
