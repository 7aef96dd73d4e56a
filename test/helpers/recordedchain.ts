/** A chain in this process that remembers what each block answered, and tells it as a node's RPC does: what an export of records reads. */
import { hexUpper, type JsonObject } from "../../chain/consensus/json.ts";
import { txHash } from "../../chain/crypto/txhash.ts";
import { formatRfc3339 } from "../../chain/rfc3339.ts";
import { blockResultsJson } from "../../chain/server/rpc-json.ts";
import type { RecordsSource } from "../../cli/records/source.ts";
import { QueryRefused } from "../../node/chain/nodeclient.ts";
import { chainId, type SealedTestBlock, type TestApplication } from "./testapplication.ts";

export interface Recorder {
  readonly onSealed: (sealed: SealedTestBlock) => void;
  readonly blocks: Map<bigint, SealedTestBlock>;
}

export function recorder(): Recorder {
  const blocks = new Map<bigint, SealedTestBlock>();
  return { blocks, onSealed: (sealed) => blocks.set(sealed.height, sealed) };
}

const genesisTime = "2023-11-14T22:13:20Z";

/** Of what was recorded; blocks before `earliest` are pruned. */
export function recordedSource(
  chain: TestApplication,
  { blocks }: Recorder,
  appState: unknown,
  earliest = 1n,
): RecordsSource & { readonly asked: bigint[] } {
  const asked: bigint[] = [];
  const blockAt = (height: bigint): SealedTestBlock => {
    const found = height < earliest ? undefined : blocks.get(height);
    if (found === undefined) throw new Error(`height ${height} is not available`);
    return found;
  };
  return {
    asked,
    range: async () => ({ earliest, latest: chain.height }),
    genesis: async () => ({
      ...{ chain_id: chainId, initial_height: "1", genesis_time: genesisTime, app_state: appState as JsonObject },
    }),
    async results(height) {
      asked.push(height);
      return JSON.parse(JSON.stringify(blockResultsJson(height, blockAt(height).answer)));
    },
    async place(height) {
      const { time, txs } = blockAt(height);
      return { time: formatRfc3339(time), txHashes: txs.map((tx) => hexUpper(txHash(tx))) };
    },
    async query(path, handler, request, height) {
      const data = handler.request.encode(request);
      const { code, codespace, log, value } = await chain.application.query({ path, data, height, prove: false });
      if (code !== 0) throw new QueryRefused(code, codespace, log);
      return handler.response.decode(value) as never;
    },
  };
}
