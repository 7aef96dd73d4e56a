/**
 * CometBFT 0.38's RPC methods over the embedded engine. Owns what each method answers; parameters are rpc-params.ts, shapes
 * rpc-json.ts, searches rpc-search.ts, transport rpc.ts.
 */
import { blockProtocol, emptyBlockId, p2pProtocol } from "../consensus/block.ts";
import type { CompleteMeta } from "../consensus/block-store.ts";
import type { AnyEvidence } from "../consensus/evidence.ts";
import { consensusParamsJson, genesisJson, publicKeyJson } from "../consensus/genesis.ts";
import { requestInfo } from "../consensus/handshake.ts";
import { base64, hexUpper } from "../consensus/json.ts";
import { parseQuery, queryLengthMax } from "../consensus/query.ts";
import { cometVersion } from "../consensus/state.ts";
import { toRfc3339 } from "../consensus/time.ts";
import { findValidator } from "../consensus/validators.ts";
import { consensusMethods } from "./rpc-consensus.ts";
import { RpcError } from "./rpc-error.ts";
import { searches } from "./rpc-gate.ts";
import {
  blockIdJson,
  blockJson,
  blockResultsJson,
  commitJson,
  headerJson,
  infoJson,
  metaJson,
  queryJson,
  validatorJson,
} from "./rpc-json.ts";
import { method, type RpcBackend, type RpcMethod } from "./rpc-method.ts";
import { once } from "./rpc-once.ts";
import { pageOf, perPage } from "./rpc-pages.ts";
import { RawJson } from "./rpc-rawjson.ts";
import { txMethods } from "./rpc-txs.ts";

/** The reactors of a CometBFT 0.38 node: CosmJS takes an empty text for a broken answer, though nobody listens here. */
const p2pChannels = "40202122233038606100";

/** rpc/core/blocks.go: metas in one answer of `blockchain`. */
const metasMax = 20n;
/** rpc/core/env.go: a larger genesis is refused by `genesis`. */
const genesisBytesMax = 16 * 1024 * 1024;

const byHeight = { height: "optionalInt64" } as const;

/** The asked height within what is stored and published, or the newest. */
function heightOr(asked: bigint | undefined, newest: bigint, { engine }: RpcBackend): bigint {
  if (asked === undefined) return newest;
  if (asked <= 0n) throw new RpcError(`height must be greater than 0, but got ${asked}`);
  if (asked > newest) {
    throw new RpcError(`height ${asked} must be less than or equal to the current blockchain height ${newest}`);
  }
  const { base } = engine.stores.blocks;
  if (asked < base) throw new RpcError(`height ${asked} is not available, lowest height is ${base}`);
  return asked;
}

async function metaAt(backend: RpcBackend, height: bigint): Promise<CompleteMeta> {
  const meta = await backend.engine.stores.blocks.meta(height);
  if (meta === undefined) throw new RpcError(`height ${height} is not available`);
  return meta;
}

async function blockAt(backend: RpcBackend, height: bigint) {
  const { blockId } = await metaAt(backend, height);
  const block = await backend.engine.stores.blocks.block(height);
  if (block === undefined) throw new RpcError(`height ${height} is not available`);
  return { block_id: blockIdJson(blockId), block: blockJson(block) };
}

async function status(backend: RpcBackend) {
  const { engine, validatorAddress, validatorKey } = backend;
  const latest = await metaAt(backend, engine.height);
  const earliest = await metaAt(backend, engine.stores.blocks.base);
  return {
    node_info: nodeInfo(backend),
    sync_info: {
      latest_block_hash: hexUpper(latest.blockId.hash),
      latest_app_hash: hexUpper(latest.header.appHash),
      latest_block_height: String(latest.header.height),
      latest_block_time: toRfc3339(latest.header.time),
      earliest_block_hash: hexUpper(earliest.blockId.hash),
      earliest_app_hash: hexUpper(earliest.header.appHash),
      earliest_block_height: String(earliest.header.height),
      earliest_block_time: toRfc3339(earliest.header.time),
      catching_up: false,
    },
    validator_info: {
      address: hexUpper(validatorAddress),
      pub_key: publicKeyJson({ ed25519: validatorKey }),
      voting_power: String(findValidator(engine.state.validators, validatorAddress)?.votingPower ?? 0n),
    },
  };
}

const nodeInfo = ({ engine, identity }: RpcBackend) => ({
  protocol_version: { p2p: String(p2pProtocol), block: String(blockProtocol), app: String(engine.state.appVersion) },
  id: identity.nodeId,
  listen_addr: identity.listenAddress,
  network: engine.state.chainId,
  version: cometVersion,
  channels: p2pChannels,
  moniker: identity.moniker,
  other: { tx_index: "on", rpc_address: identity.rpcAddress },
});

async function blockchain(backend: RpcBackend, { minHeight, maxHeight }: { minHeight: bigint; maxHeight: bigint }) {
  const { engine } = backend;
  if (minHeight < 0n || maxHeight < 0n) throw new RpcError("heights must be non-negative");
  const newest = engine.height;
  const to = maxHeight === 0n || maxHeight > newest ? newest : maxHeight;
  const floor = to - metasMax + 1n;
  const base = engine.stores.blocks.base;
  const from = [minHeight === 0n ? 1n : minHeight, base, floor].reduce((a, b) => (a > b ? a : b));
  if (from > to) throw new RpcError(`min height ${from} can't be greater than max height ${to}`);
  const metas: unknown[] = [];
  for (let height = to; height >= from; height--) metas.push(metaJson(await metaAt(backend, height)));
  return { last_height: String(newest), block_metas: metas };
}

async function commit(backend: RpcBackend, asked: bigint | undefined) {
  const { engine } = backend;
  const newest = engine.height;
  const height = heightOr(asked, newest, backend);
  const { header } = await metaAt(backend, height);
  const stored = await engine.stores.blocks.commit(height);
  if (stored === undefined) throw new RpcError(`height ${height} is not available`);
  return { signed_header: { header: headerJson(header), commit: commitJson(stored) }, canonical: height < newest };
}

async function blockResults(backend: RpcBackend, asked: bigint | undefined) {
  const height = heightOr(asked, backend.engine.height, backend);
  const results = await backend.engine.stores.blocks.results(height);
  if (results === undefined) throw new RpcError(`could not find results for height #${height}`);
  return blockResultsJson(height, results);
}

async function validators(
  backend: RpcBackend,
  args: { height: bigint | undefined; page: bigint | undefined; per_page: bigint | undefined },
) {
  const height = heightOr(args.height, backend.engine.height + 1n, backend);
  const set = await backend.engine.stores.blocks.validators(height);
  if (set === undefined) throw new RpcError(`could not find validator set for height #${height}`);
  const total = set.validators.length;
  const { skip, count } = pageOf(args.page, perPage(args.per_page), total);
  const list = set.validators.slice(skip, skip + count);
  return {
    block_height: String(height),
    validators: list.map(validatorJson),
    count: String(list.length),
    total: String(total),
  };
}

async function consensusParams(backend: RpcBackend, asked: bigint | undefined) {
  const height = heightOr(asked, backend.engine.height + 1n, backend);
  const params = await backend.engine.stores.blocks.params(height);
  if (params === undefined) throw new RpcError(`could not find consensus params for height #${height}`);
  return { block_height: String(height), consensus_params: consensusParamsJson(params) };
}

function genesis(backend: RpcBackend) {
  const { total, whole } = genesisChunks(backend);
  if (total > 1) throw new RpcError("genesis response is large, please use the genesis_chunked API instead");
  return whole();
}

interface GenesisChunks {
  readonly total: number;
  readonly whole: () => RawJson;
  readonly chunk: (index: number) => RawJson;
}

/** Made once for each genesis: it never changes. */
const chunksOf = new WeakMap<object, GenesisChunks>();

function genesisChunks({ genesis: document }: RpcBackend): GenesisChunks {
  const made = chunksOf.get(document);
  if (made !== undefined) return made;
  const bytes = Buffer.from(JSON.stringify(genesisJson(document)));
  const total = Math.ceil(bytes.length / genesisBytesMax);
  const whole = once(() => new RawJson(Buffer.concat([Buffer.from('{"genesis":'), bytes, Buffer.from("}")])));
  const chunkJson = (index: number) => {
    const data = base64(bytes.subarray(index * genesisBytesMax, (index + 1) * genesisBytesMax));
    return new RawJson(Buffer.from(JSON.stringify({ chunk: String(index), total: String(total), data })));
  };
  // The first is what a flood would ask for; to keep every one could take more memory than the chain itself.
  const first = once(() => chunkJson(0));
  const chunks = { total, whole, chunk: (index: number) => (index === 0 ? first() : chunkJson(index)) };
  chunksOf.set(document, chunks);
  return chunks;
}

function genesisChunk(backend: RpcBackend, asked: bigint) {
  const { total, chunk } = genesisChunks(backend);
  if (asked > BigInt(total - 1)) throw new RpcError(`there are ${total - 1} chunks, ${asked} is invalid`);
  return chunk(Number(asked));
}

async function broadcastEvidence({ engine }: RpcBackend, evidence: AnyEvidence | undefined) {
  if (evidence === undefined) throw new RpcError("no evidence was provided");
  return { hash: base64(await engine.addEvidence(evidence)) };
}

async function searchBlocks(backend: RpcBackend, { query, page, per_page, order_by }: BlockSearch) {
  if (query.length > queryLengthMax) throw new RpcError("maximum query length exceeded");
  const { engine } = backend;
  const { blocks, blockIndex } = engine.stores;
  const conditions = parseQuery(query);
  const found = await searches.run(() => blockIndex.search(conditions, blocks.base, engine.height));
  if (!["", "asc", "desc"].includes(order_by)) {
    throw new RpcError("expected order_by to be either `asc` or `desc` or empty");
  }
  if (order_by !== "asc") found.reverse();
  const { skip, count } = pageOf(page, perPage(per_page), found.length);
  const list: unknown[] = [];
  for (const height of found.slice(skip, skip + count)) {
    // Pruned while the search went on.
    if (height >= blocks.base) list.push(await blockAt(backend, height));
  }
  return { blocks: list, total_count: String(found.length) };
}

interface BlockSearch {
  readonly query: string;
  readonly page: bigint | undefined;
  readonly per_page: bigint | undefined;
  readonly order_by: string;
}

async function blockByHash(backend: RpcBackend, hash: Uint8Array) {
  const height = await backend.engine.stores.blocks.heightOfHash(hash);
  if (height === undefined || height > backend.engine.height)
    return { block_id: blockIdJson(emptyBlockId), block: null };
  return blockAt(backend, height);
}

async function headerByHash(backend: RpcBackend, hash: Uint8Array) {
  const height = await backend.engine.stores.blocks.heightOfHash(hash);
  if (height === undefined || height > backend.engine.height) return { header: null };
  return { header: headerJson((await metaAt(backend, height)).header) };
}

const infoMethods: Readonly<Record<string, RpcMethod>> = {
  health: method({}, () => ({})),
  status: method({}, status),
  net_info: method({}, () => ({ listening: false, listeners: [], n_peers: "0", peers: [] })),
  blockchain: method({ minHeight: "int64", maxHeight: "int64" }, blockchain, true),
  genesis: method({}, genesis, true),
  genesis_chunked: method({ chunk: "uint64" }, (backend, { chunk }) => genesisChunk(backend, chunk), true),
  block_search: method(
    { query: "text", page: "optionalInt64", per_page: "optionalInt64", order_by: "text" },
    searchBlocks,
  ),
  broadcast_evidence: method({ evidence: "evidence" }, (backend, { evidence }) => broadcastEvidence(backend, evidence)),
  block: method(
    byHeight,
    (backend, { height }) => blockAt(backend, heightOr(height, backend.engine.height, backend)),
    "height",
  ),
  block_by_hash: method({ hash: "bytes" }, (backend, { hash }) => blockByHash(backend, hash), true),
  block_results: method(byHeight, (backend, { height }) => blockResults(backend, height), "height"),
  commit: method(byHeight, (backend, { height }) => commit(backend, height), "height"),
  header: method(
    byHeight,
    async (backend, { height }) => {
      const { header } = await metaAt(backend, heightOr(height, backend.engine.height, backend));
      return { header: headerJson(header) };
    },
    "height",
  ),
  header_by_hash: method({ hash: "hex" }, (backend, { hash }) => headerByHash(backend, hash), true),
  validators: method({ ...byHeight, page: "optionalInt64", per_page: "optionalInt64" }, validators, "height"),
  consensus_params: method(byHeight, (backend, { height }) => consensusParams(backend, height), "height"),
};

const abciMethods: Readonly<Record<string, RpcMethod>> = {
  abci_info: method({}, async ({ app }) => ({ response: infoJson(await app.info(requestInfo)) }), true),
  abci_query: method(
    { path: "text", data: "hex", height: "int64", prove: "boolean" },
    async ({ app }, { path, data, height, prove }) => ({
      response: queryJson(await app.query({ path, data, height, prove })),
    }),
  ),
};

export const rpcMethods: Readonly<Record<string, RpcMethod>> = {
  ...infoMethods,
  ...consensusMethods,
  ...abciMethods,
  ...txMethods,
};
