/** What an export asks a node by its public RPC: genesis, results of blocks, blocks, balances. Owns no meaning of them. */
import { setTimeout as pause } from "node:timers/promises";
import { parseBase64 } from "../../chain/base64.ts";
import { asArray, asObject, hexUpper, type JsonObject } from "../../chain/consensus/json.ts";
import { txHash } from "../../chain/crypto/txhash.ts";
import type { AnyQueryHandler } from "../../chain/module.ts";
import { NodeClient, QueryRefused } from "../../node/chain/nodeclient.ts";
import { RpcRefused } from "../../node/chain/rpc.ts";

export interface BlockPlace {
  readonly time: string;
  readonly txHashes: readonly string[];
}

export interface RecordsSource {
  /** Heights whose results the node still has. */
  range(): Promise<{ readonly earliest: bigint; readonly latest: bigint }>;
  /** The whole document, as the chain began. */
  genesis(): Promise<JsonObject>;
  results(height: bigint): Promise<JsonObject>;
  place(height: bigint): Promise<BlockPlace>;
  /** By gRPC path; 0 for the newest height. */
  query<Request, Response>(path: string, handler: AnyQueryHandler, request: Request, height: bigint): Promise<Response>;
}

/** A node that is busy, or a network that blinks, ends no export of a year. */
const attempts = 5;
const waitMillis = 500;

async function insistently<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof RpcRefused || error instanceof QueryRefused || attempt === attempts) throw error;
      await pause(waitMillis * attempt);
    }
  }
}

async function wholeGenesis(node: NodeClient): Promise<JsonObject> {
  const parts: Uint8Array[] = [];
  for (let chunk = 0, total = 1; chunk < total; chunk++) {
    const answer = await node.rpc.call("genesis_chunked", { chunk: String(chunk) });
    total = Number(answer.total);
    parts.push(parseBase64(String(answer.data)) ?? new Uint8Array());
  }
  return asObject(JSON.parse(Buffer.concat(parts).toString()), "genesis");
}

export function nodeSource(url: string): RecordsSource {
  const node = new NodeClient(url);
  const call = (method: string, params: JsonObject) => insistently(() => node.rpc.call(method, params));
  return {
    async range() {
      const { sync_info } = await call("status", {});
      const { earliest_block_height, latest_block_height } = asObject(sync_info, "sync_info");
      return { earliest: BigInt(String(earliest_block_height)), latest: BigInt(String(latest_block_height)) };
    },
    genesis: () => insistently(() => wholeGenesis(node)),
    results: (height) => call("block_results", { height: String(height) }),
    async place(height) {
      const { block } = await call("block", { height: String(height) });
      const { header, data } = asObject(block, "block");
      const { txs } = asObject(data, "block.data");
      const hashOf = (tx: unknown) => hexUpper(txHash(parseBase64(String(tx)) ?? new Uint8Array()));
      return {
        time: String(asObject(header, "block.header").time),
        txHashes: txs === null || txs === undefined ? [] : asArray(txs, "block.data.txs").map(hashOf),
      };
    },
    query: (path, handler, request, height) => insistently(() => node.query(path, handler, request, height)),
  };
}
