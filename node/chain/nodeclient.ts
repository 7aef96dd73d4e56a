/** What commands and daemons ask a node: queries by gRPC path, transactions, blocks. Owns how RPC answers become values. */
import { base64, parseBase64 } from "../../chain/base64.ts";
import { asObject, type JsonObject } from "../../chain/consensus/json.ts";
import type { AnyQueryHandler } from "../../chain/module.ts";
import { type Rpc, rpcAt } from "./rpc.ts";

export interface ProofOp {
  readonly type: string;
  readonly key: Uint8Array;
  readonly data: Uint8Array;
}

export interface AbciAnswer {
  readonly value: Uint8Array;
  readonly height: bigint;
  readonly proofOps: readonly ProofOp[];
}

export interface AbciQuestion {
  readonly path: string;
  readonly data: Uint8Array;
  readonly height?: bigint;
  readonly prove?: boolean;
}

/** The application refused: code and text as the SDK's. */
export class QueryRefused extends Error {
  readonly code: number;
  readonly codespace: string;

  constructor(code: number, codespace: string, log: string) {
    super(log);
    this.code = code;
    this.codespace = codespace;
  }
}

export interface Broadcast {
  readonly hash: string;
  readonly code: number;
  readonly codespace: string;
  readonly log: string;
  /** The node's answer as it came. */
  readonly answer: JsonObject;
}

export class NodeClient {
  readonly rpc: Rpc;

  /** An address, or what calls one of several. */
  constructor(node: string | Rpc) {
    this.rpc = typeof node === "string" ? rpcAt(node) : node;
  }

  async abciQuery({ path, data, height = 0n, prove = false }: AbciQuestion): Promise<AbciAnswer> {
    const params = { path, data: Buffer.from(data).toString("hex"), height: String(height), prove };
    const { response } = await this.rpc.call("abci_query", params);
    const answer = asObject(response, "the answer to abci_query");
    if (answer.code !== 0) throw new QueryRefused(Number(answer.code), String(answer.codespace), String(answer.log));
    const ops = asObject(answer.proofOps ?? {}, "proofOps").ops;
    return {
      value: bytesOf(answer.value),
      height: BigInt(String(answer.height)),
      proofOps: (Array.isArray(ops) ? ops : []).map(proofOp),
    };
  }

  async query<Q, R>(path: string, handler: AnyQueryHandler, request: Q, height = 0n): Promise<R> {
    const { value } = await this.abciQuery({ path, data: handler.request.encode(request), height });
    return handler.response.decode(value) as R;
  }

  async chainId(): Promise<string> {
    const status = await this.rpc.call("status");
    return String(asObject(status.node_info, "node_info").network);
  }

  /** Of the newest block. */
  async height(): Promise<bigint> {
    const status = await this.rpc.call("status");
    return BigInt(String(asObject(status.sync_info, "sync_info").latest_block_height));
  }

  async broadcast(mode: "sync" | "async", tx: Uint8Array): Promise<Broadcast> {
    const answer = await this.rpc.call(`broadcast_tx_${mode}`, { tx: base64(tx) });
    const { hash, code, codespace, log } = answer;
    return { hash: String(hash), code: Number(code), codespace: String(codespace ?? ""), log: String(log), answer };
  }

  /** The header with its app hash: that of the state one height below. */
  async header(height: bigint): Promise<JsonObject> {
    const { header } = await this.rpc.call("header", { height: String(height) });
    return asObject(header, "the header");
  }

  tx(hash: Uint8Array): Promise<JsonObject> {
    return this.rpc.call("tx", { hash: base64(hash), prove: false });
  }
}

function bytesOf(value: unknown): Uint8Array {
  const bytes = parseBase64(String(value ?? ""));
  if (bytes === undefined) throw new Error(`the node answers ${String(value).slice(0, 80)} where base64 should be`);
  return bytes;
}

function proofOp(op: unknown): ProofOp {
  const { type, key, data } = asObject(op, "proofOps.ops");
  return { type: String(type), key: bytesOf(key), data: bytesOf(data) };
}
