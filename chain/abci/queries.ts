/**
 * Answers ABCI queries: gRPC paths of the modules, raw store keys with proofs, and the application's own. Owns routing, heights and the
 * shape of errors (as the SDK's baseapp answers them); modules own what their queries say.
 */

import { TxMsgData } from "../../proto/gen/cosmos/base/abci/v1beta1/abci.ts";
import { SimulateRequest, SimulateResponse } from "../../proto/gen/cosmos/tx/v1beta1/service.ts";
import type { RequestQuery, ResponseQuery } from "../../proto/gen/tendermint/abci/types.ts";
import { ResponseQuery as ResponseQueryMessage } from "../../proto/gen/tendermint/abci/types.ts";
import type { BlockInfo } from "../context.ts";
import type { Registry } from "../definition.ts";
import { ChainError, QueryError, sdk } from "../errors.ts";
import { readContext } from "../execution.ts";
import { limitedGasMeter } from "../gas.ts";
import { HeightNotRetained } from "../store/storeerrors.ts";
import { type CommittedState, keyLengthMax, prefixRange } from "../store/types.ts";
import type { TxOutcome } from "../transaction.ts";

/** What queries read. */
export type QueriedState = Pick<CommittedState, "storeNames" | "height" | "latest" | "recent" | "at" | "prove">;

export interface QueryHost {
  readonly state: QueriedState;
  readonly registry: Registry;
  readonly version: string;
  /** What a query may cost, in gas; "0" in app.toml means no bound of its own. */
  readonly queryGasLimit: bigint;
  /** What may be answered here and now, where a longer query can be answered elsewhere; left out: everything. */
  readonly here?: { readonly gas: bigint; readonly simulationGas: bigint; readonly entries: number };
  /** The last block, for queries of the newest height. */
  lastBlock(): BlockInfo;
  /** With a bound of gas; 0 is none. */
  simulate(txBytes: Uint8Array, gasMax: bigint): TxOutcome;
}

/** Entries that one /subspace answer may hold. */
const subspaceEntriesMax = 10_000;
const simulatePath = "/cosmos.tx.v1beta1.Service/Simulate";

type Answer = Partial<ResponseQuery>;

/** Thrown where `here` is not enough. */
export class LongQuery extends Error {}

const notReady = () => sdk.invalidHeight("the chain is not ready; please wait for first block");

/** What ABCI says for a refused query: a gRPC status becomes the SDK error that its baseapp maps it to. */
function refusal(error: ChainError | QueryError): Answer {
  const wrapped = error instanceof QueryError ? fromStatus(error) : error;
  return { code: wrapped.code, codespace: wrapped.codespace, log: wrapped.message };
}

function fromStatus(error: QueryError): ChainError {
  const text = `rpc error: code = ${error.status} desc = ${error.message}`;
  if (error.status === "NotFound") return sdk.keyNotFound(text);
  if (error.status === "InvalidArgument" || error.status === "FailedPrecondition") return sdk.invalidRequest(text);
  return sdk.unknownRequest(text);
}

export async function answerQuery(host: QueryHost, request: RequestQuery): Promise<ResponseQuery> {
  const height = request.height === 0n ? BigInt(host.state.height) : request.height;
  let answer: Answer;
  try {
    answer = await route(host, request, height);
  } catch (error) {
    if (error instanceof HeightNotRetained) {
      answer = refusal(
        sdk.notFound(
          `failed to load state at height ${height}; ${error.message} (latest height: ${host.state.height})`,
        ),
      );
    } else if (error instanceof ChainError || error instanceof QueryError) answer = refusal(error);
    else throw error;
  }
  return ResponseQueryMessage.fromPartial({ height, ...answer });
}

function route(host: QueryHost, request: RequestQuery, height: bigint): Answer | Promise<Answer> {
  if (request.path === simulatePath) return answerSimulate(host, request.data);
  const handler = host.registry.query(request.path);
  if (handler !== undefined) return answerModule(host, request, height, handler);
  const path = request.path.split("/").filter((part) => part !== "");
  if (path.length === 0) throw sdk.unknownRequest("no query path provided");
  if (path[0] === "store") return answerStore(host, request, height, path);
  if (path[0] === "app" && path[1] === "version") return { codespace: "sdk", value: Buffer.from(host.version) };
  if (path[0] === "app") throw sdk.unknownRequest("expected second parameter to be 'version'");
  throw sdk.unknownRequest("unknown query path");
}

function checkHeight(host: QueryHost, height: bigint, prove: boolean): void {
  if (height < 0n) throw sdk.invalidRequest("cannot query with height < 0; please provide a valid height");
  if (host.state.height === 0) throw notReady();
  if (height > BigInt(host.state.height))
    throw sdk.invalidHeight("cannot query with height in the future; please provide a valid height");
  if (prove && height <= 1n)
    throw sdk.invalidRequest("cannot query with proof when height <= 1; please provide a valid height");
}

async function answerModule(
  host: QueryHost,
  request: RequestQuery,
  height: bigint,
  handler: NonNullable<ReturnType<Registry["query"]>>,
): Promise<Answer> {
  checkHeight(host, height, request.prove);
  const newest = Number(height) === host.state.height;
  const stores = newest
    ? host.state.latest
    : (host.state.recent(Number(height)) ?? (await host.state.at(Number(height))));
  const block = newest ? host.lastBlock() : { ...host.lastBlock(), height };
  const limit = host.queryGasLimit > 0n ? host.queryGasLimit : (1n << 64n) - 1n;
  const here = host.here === undefined || host.state.recent(Number(height)) === undefined ? limit : host.here.gas;
  const gas = limitedGasMeter(here < limit ? here : limit);
  const query = decodeQuery(handler.request, request.data);
  try {
    return { value: handler.response.encode(handler.run(readContext(stores, block, gas), query)) };
  } catch (error) {
    // A handler may have put the refusal into words of its own.
    if (here < limit && error instanceof Error && gas.consumed > here) throw new LongQuery();
    throw error;
  }
}

/** The protobuf runtime's own errors say what is wrong with the bytes; anything else it throws would be a defect of ours. */
function decodeQuery<Q>(codec: { decode(bytes: Uint8Array): Q; typeName: string }, data: Uint8Array): Q {
  try {
    return codec.decode(data);
  } catch (error) {
    throw new QueryError(
      "InvalidArgument",
      `${codec.typeName}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** /store/NAME/key: one value, with proof where asked; /store/NAME/subspace: every entry under a prefix. */
async function answerStore(
  host: QueryHost,
  request: RequestQuery,
  height: bigint,
  path: readonly string[],
): Promise<Answer> {
  const [, name = "", kind = ""] = path;
  if (!host.state.storeNames.includes(name)) throw sdk.unknownRequest(`no such store: ${name}`);
  if (kind !== "key" && kind !== "subspace")
    throw sdk.unknownRequest(`unexpected query path: /${path.slice(1).join("/")}`);
  // The SDK answers a proof at "latest" for the version below it, so that the header which carries its app hash exists.
  const at = request.prove && request.height === 0n && height > 1n ? height - 1n : height;
  if (request.data.length === 0) throw sdk.txDecode("query cannot be zero length");
  if (request.data.length > keyLengthMax)
    throw sdk.invalidRequest(`a key has at most ${keyLengthMax} bytes, got ${request.data.length}`);
  checkHeight(host, at, request.prove);
  if (kind === "subspace") return { height: at, ...(await answerSubspace(host, name, request.data, Number(at))) };
  if (request.prove) {
    const { value, ops } = await host.state.prove(Number(at), name, request.data);
    return {
      key: request.data,
      height: at,
      ...(value === undefined ? {} : { value }),
      proofOps: { ops: ops.map((op) => ({ ...op })) },
    };
  }
  const stores = host.state.recent(Number(at)) ?? (await host.state.at(Number(at)));
  const value = stores.store(name).get(request.data);
  return { key: request.data, height: at, ...(value === undefined ? {} : { value }) };
}

async function answerSubspace(host: QueryHost, name: string, prefix: Uint8Array, height: number): Promise<Answer> {
  const stores = host.state.recent(height) ?? (await host.state.at(height));
  const parts: Uint8Array[] = [];
  let count = 0;
  const here = host.state.recent(height) === undefined ? undefined : host.here;
  for (const [key, value] of stores.store(name).iterate(prefixRange(prefix))) {
    if (here !== undefined && count === here.entries) throw new LongQuery();
    if (++count > subspaceEntriesMax)
      throw sdk.invalidRequest(`more than ${subspaceEntriesMax} entries; ask for a longer prefix`);
    parts.push(pair(key, value));
  }
  return { key: prefix, value: Buffer.concat(parts) };
}

/** One `pairs` element of cosmos.store.internal.kv.v1beta1.Pairs {key = 1, value = 2}. */
function pair(key: Uint8Array, value: Uint8Array): Uint8Array {
  const field = (tag: number, bytes: Uint8Array) =>
    bytes.length === 0 ? [] : [Uint8Array.of(tag, ...uvarint(bytes.length)), bytes];
  const inner = Buffer.concat([...field(0x0a, key), ...field(0x12, value)]);
  return Buffer.concat([Uint8Array.of(0x0a, ...uvarint(inner.length)), inner]);
}

function uvarint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}

function answerSimulate(host: QueryHost, data: Uint8Array): Answer {
  if (host.state.height === 0) throw notReady();
  const request = decodeQuery(
    { decode: (bytes) => SimulateRequest.decode(bytes), typeName: SimulateRequest.$type },
    data,
  );
  if (request.txBytes.length === 0) throw new QueryError("InvalidArgument", "empty txBytes is not allowed");
  const { here, queryGasLimit } = host;
  const gasMax =
    here !== undefined && (queryGasLimit === 0n || here.simulationGas < queryGasLimit)
      ? here.simulationGas
      : queryGasLimit;
  const outcome = host.simulate(request.txBytes, gasMax);
  if (gasMax !== queryGasLimit && outcome.code !== 0 && outcome.gasUsed > gasMax) throw new LongQuery();
  if (outcome.code !== 0) throw new QueryError("Unknown", `${outcome.log} with gas used: '${outcome.gasUsed}'`);
  const response = SimulateResponse.fromPartial({
    gasInfo: { gasWanted: outcome.gasWanted, gasUsed: outcome.gasUsed },
    result: {
      data: outcome.data,
      log: outcome.log,
      events: outcome.events.map(({ type, attributes }) => ({ type, attributes: [...attributes] })),
      msgResponses: TxMsgData.decode(outcome.data).msgResponses,
    },
  });
  return { value: SimulateResponse.encode(response).finish() };
}
