/** The RPC methods about transactions: sending, waiting, finding. Owns their answers; the mempool and the index own the facts. */
import { CheckTxType, type ResponseCheckTx, type TxResult } from "../../proto/gen/tendermint/abci/types.ts";
import type { Place } from "../consensus/event-index.ts";
import type { AppliedBlock } from "../consensus/executor.ts";
import { txProof } from "../consensus/hashes.ts";
import { base64, hexUpper } from "../consensus/json.ts";
import { MempoolError } from "../consensus/mempool.ts";
import { parseQuery, queryLengthMax } from "../consensus/query.ts";
import { txHash } from "../crypto/txhash.ts";
import { compareBytes } from "../store/types.ts";
import { RpcError } from "./rpc-error.ts";
import { searches } from "./rpc-gate.ts";
import { emptyResult, execResultJson, txProofJson } from "./rpc-json.ts";
import { method, type RpcBackend, type RpcMethod } from "./rpc-method.ts";
import { pageOf, perPage } from "./rpc-pages.ts";

/** CometBFT's timeout_broadcast_tx_commit. */
const commitWaitMillis = 10_000;
/** Calls of broadcast_tx_commit that wait at the same time. */
const commitWaitersMax = 1_000;

const tx = { tx: "tx" } as const;

const broadcastJson = (bytes: Uint8Array, { code, data, log, codespace }: Partial<ResponseCheckTx>) => ({
  code: code ?? 0,
  data: hexUpper(data ?? new Uint8Array()),
  log: log ?? "",
  codespace: codespace ?? "",
  hash: hexUpper(txHash(bytes)),
});

async function broadcastSync({ engine }: RpcBackend, bytes: Uint8Array) {
  return broadcastJson(bytes, await engine.mempool.check(bytes));
}

/** Answers before the check is done; what comes of it is only logged. */
function broadcastAsync({ engine, log }: RpcBackend, bytes: Uint8Array) {
  engine.mempool.check(bytes).catch((error: unknown) => {
    log.debug(
      `a transaction sent by broadcast_tx_async was not taken: ${error instanceof Error ? error.message : error}`,
    );
  });
  return broadcastJson(bytes, {});
}

let commitWaiters = 0;

async function broadcastCommit({ engine }: RpcBackend, bytes: Uint8Array) {
  if (commitWaiters >= commitWaitersMax) throw new RpcError(`max_subscription_clients ${commitWaitersMax} reached`);
  commitWaiters++;
  const waiting = waitForTx((listener) => engine.onBlock(listener), bytes);
  try {
    const check = await checkForCommit(engine, bytes);
    if (check.code !== 0) return commitJson(bytes, check, undefined);
    return commitJson(bytes, check, await waiting.found);
  } finally {
    waiting.cancel();
    commitWaiters--;
  }
}

async function checkForCommit({ mempool }: RpcBackend["engine"], bytes: Uint8Array): Promise<ResponseCheckTx> {
  try {
    return await mempool.check(bytes);
  } catch (error) {
    if (error instanceof MempoolError) throw new RpcError(`error on broadcastTxCommit: ${error.message}`);
    throw error;
  }
}

function waitForTx(listen: (listener: (applied: AppliedBlock) => void) => () => void, bytes: Uint8Array) {
  const { promise: found, resolve, reject } = Promise.withResolvers<TxResult>();
  const stop = listen(({ block, results }) => {
    const index = block.data.txs.findIndex((other) => compareBytes(other, bytes) === 0);
    const result = results.txResults[index];
    if (result !== undefined) resolve({ height: block.header.height, index, tx: bytes, result });
  });
  const timer = setTimeout(
    () => reject(new RpcError("timed out waiting for tx to be included in a block")),
    commitWaitMillis,
  );
  // A refused check leaves nobody waiting for `found`.
  found.catch(() => {});
  const cancel = () => {
    stop();
    clearTimeout(timer);
  };
  return { found, cancel };
}

const commitJson = (bytes: Uint8Array, check: ResponseCheckTx, result: TxResult | undefined) => ({
  check_tx: execResultJson(check),
  tx_result: execResultJson(result?.result ?? emptyResult),
  hash: hexUpper(txHash(bytes)),
  height: String(result?.height ?? 0n),
});

async function resultJson({ engine }: RpcBackend, hash: Uint8Array, found: TxResult, prove: boolean) {
  const block = prove ? await engine.stores.blocks.block(found.height) : undefined;
  return {
    hash: hexUpper(hash),
    height: String(found.height),
    index: found.index,
    tx_result: execResultJson(found.result ?? emptyResult),
    tx: base64(found.tx),
    ...(block === undefined ? {} : { proof: txProofJson(txProof(block.data.txs, found.index)) }),
  };
}

async function findTx(backend: RpcBackend, { hash, prove }: { hash: Uint8Array; prove: boolean }) {
  if (hash.length === 0) throw new RpcError("transaction hash cannot be empty");
  const found = await backend.engine.stores.index.get(hash);
  if (found === undefined || found.height > backend.engine.height)
    throw new RpcError(`tx (${hexUpper(hash)}) not found`);
  return resultJson(backend, hash, found, prove);
}

interface Search {
  readonly query: string;
  readonly prove: boolean;
  readonly page: bigint | undefined;
  readonly per_page: bigint | undefined;
  readonly order_by: string;
}

async function searchTxs(backend: RpcBackend, { query, prove, page, per_page, order_by }: Search) {
  if (query.length > queryLengthMax) throw new RpcError("maximum query length exceeded");
  const { index } = backend.engine.stores;
  const conditions = parseQuery(query);
  const found = await searches.run(() => index.search(conditions, backend.engine.height));
  if (!["", "asc", "desc"].includes(order_by)) {
    throw new RpcError("expected order_by to be either `asc` or `desc` or empty");
  }
  if (order_by === "desc") found.reverse();
  const { skip, count } = pageOf(page, perPage(per_page), found.length);
  const shown = found.slice(skip, skip + count);
  return { txs: await foundPage(backend, shown, prove), total_count: String(found.length) };
}

/** Together, since each step of a read waits for its turn beside the making of blocks; with proofs one by one, for each holds a block. */
async function foundPage(backend: RpcBackend, page: readonly Place[], prove: boolean): Promise<unknown[]> {
  if (!prove) return Promise.all(page.map((position) => foundJson(backend, position, prove)));
  const txs: unknown[] = [];
  for (const position of page) txs.push(await foundJson(backend, position, prove));
  return txs;
}

async function foundJson(backend: RpcBackend, position: Place, prove: boolean) {
  const found = await backend.engine.stores.index.at(position);
  if (found === undefined)
    throw new Error(`the index names transaction ${position.index} of ${position.height}, which is missing`);
  return resultJson(backend, txHash(found.tx), found, prove);
}

const unconfirmed = ({ engine }: RpcBackend, txs: readonly Uint8Array[] | undefined) => ({
  n_txs: String(txs?.length ?? engine.mempool.size),
  total: String(engine.mempool.size),
  total_bytes: String(engine.mempool.bytes),
  txs: txs?.map(base64) ?? null,
});

export const txMethods: Readonly<Record<string, RpcMethod>> = {
  broadcast_tx_sync: method(tx, (backend, args) => broadcastSync(backend, args.tx)),
  broadcast_tx_async: method(tx, (backend, args) => broadcastAsync(backend, args.tx)),
  broadcast_tx_commit: method(tx, (backend, args) => broadcastCommit(backend, args.tx)),
  check_tx: method(tx, async ({ app }, args) =>
    execResultJson(await app.checkTx({ tx: args.tx, type: CheckTxType.NEW })),
  ),
  unconfirmed_txs: method({ limit: "optionalInt64" }, (backend, { limit }) =>
    unconfirmed(backend, backend.engine.mempool.first(perPage(limit))),
  ),
  num_unconfirmed_txs: method({}, (backend) => unconfirmed(backend, undefined)),
  tx: method({ hash: "bytes", prove: "boolean" }, findTx, true),
  tx_search: method(
    { query: "text", prove: "boolean", page: "optionalInt64", per_page: "optionalInt64", order_by: "text" },
    searchTxs,
  ),
};
