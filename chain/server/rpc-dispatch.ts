/**
 * JSON-RPC 2.0 without its transport: the form of requests, the call of a method, the form of answers. Owns which throw is told to the
 * client and which is a defect; HTTP is rpc.ts, websockets are rpc-websocket.ts.
 */
import { EvidenceError } from "../consensus/evidence.ts";
import { MempoolError } from "../consensus/mempool.ts";
import { QueryError } from "../consensus/query.ts";
import { faults, RpcError } from "./rpc-error.ts";
import { fault, type Id, type RpcAnswer } from "./rpc-fault.ts";
import type { RpcBackend, RpcMethod } from "./rpc-method.ts";
import { fromJson, jsonKind, ParamError, type ParamSpec } from "./rpc-params.ts";
import { parseJson } from "./rpc-parse.ts";
import { Turns } from "./rpc-turns.ts";
import type { Subscriber } from "./rpc-websocket.ts";

/** What may be thrown at a client; anything else is a defect. */
const refusals = [RpcError, MempoolError, QueryError, EvidenceError] as const;

interface SocketMethod {
  readonly params: ParamSpec;
  readonly run: (subscriber: Subscriber, id: Id, args: Readonly<Record<string, unknown>>) => void;
}

/** Only over a websocket. */
const socketMethods: ReadonlyMap<string, SocketMethod> = new Map([
  ["subscribe", { params: { query: "text" }, run: (to, id, { query }) => to.subscribe(id, String(query)) }],
  ["unsubscribe", { params: { query: "text" }, run: (to, _id, { query }) => to.unsubscribe(String(query)) }],
  ["unsubscribe_all", { params: {}, run: (to) => to.unsubscribeAll() }],
]);

type Arguments = Readonly<Record<string, unknown>>;

/** Over a websocket CometBFT calls wrong parameters an internal error. */
function internalOnSockets(answer: RpcAnswer): RpcAnswer {
  const { error } = answer;
  if (error?.code !== faults.invalidParams("").code) return answer;
  return { ...answer, error: faults.internal(error.data ?? "") };
}

export class Dispatcher {
  readonly #backend: RpcBackend;
  readonly #turns: Turns;
  /** A map, so that no name is found on Object's prototype. */
  readonly methods: ReadonlyMap<string, RpcMethod>;

  constructor(backend: RpcBackend, methods: Readonly<Record<string, RpcMethod>>) {
    this.#backend = backend;
    this.#turns = new Turns(() => backend.engine.isSealing);
    this.methods = new Map(Object.entries(methods));
  }

  /** Names and parameters of every method, those for websockets included. */
  *listed(): Generator<readonly [string, ParamSpec]> {
    for (const [name, { params }] of this.methods) yield [name, params];
    for (const [name, { params }] of socketMethods) yield [name, params];
  }

  isSocketMethod(name: string): boolean {
    return socketMethods.has(name);
  }

  /** A message of a websocket; undefined where there is nothing to answer. */
  async answerMessage(text: string, subscriber: Subscriber): Promise<RpcAnswer | undefined> {
    const request = parseRequest(text);
    if (request instanceof ParamError) return refusedForm(request.message);
    const problem = requestProblem(request);
    if (problem !== undefined) return refusedForm(problem);
    if (!isCall(request)) return undefined;
    const socketMethod = socketMethods.get(request.method ?? "");
    if (socketMethod === undefined) return internalOnSockets((await this.answerCall(request)).answer);
    const run = (args: Arguments) => {
      socketMethod.run(subscriber, request.id, args);
      return {};
    };
    const method = {
      params: socketMethod.params,
      cacheable: () => false,
      run: (_: RpcBackend, args: Arguments) => run(args),
    };
    return internalOnSockets((await this.answerCall(request, method)).answer);
  }

  async answerCall(
    { id, method: name, params }: Call,
    method: RpcMethod | undefined = this.methods.get(name ?? ""),
  ): Promise<{ answer: RpcAnswer; cacheable: boolean }> {
    const answerId = typeof id === "number" ? Math.trunc(id) : id;
    if (method === undefined) return { answer: fault(answerId, faults.methodNotFound()), cacheable: false };
    try {
      const args = fromJson(method.params, params);
      const answer = await this.call(answerId, method, args);
      return { answer, cacheable: answer.error === undefined && method.cacheable(args) };
    } catch (error) {
      if (!(error instanceof ParamError)) throw error;
      const text = `error converting json params to arguments: ${error.message}`;
      return { answer: fault(answerId, faults.invalidParams(text)), cacheable: false };
    }
  }

  async call(id: Id, method: RpcMethod, args: Readonly<Record<string, unknown>>): Promise<RpcAnswer> {
    const turn = this.#turns.next();
    if (turn !== undefined) await turn;
    try {
      return { jsonrpc: "2.0", id, result: await method.run(this.#backend, args) };
    } catch (error) {
      return fault(id, faults.internal(this.#clientText(error)));
    }
  }

  /** A refusal in its own words; a defect without any, since its text may tell what is no client's business. */
  #clientText(error: unknown): string {
    if (refusals.some((kind) => error instanceof kind)) return (error as Error).message;
    this.logDefect("an RPC method failed", error);
    return "internal";
  }

  /** Lets the signatures of a batch be verified together, before its transactions are checked one by one. */
  expect(calls: readonly Call[]): void {
    const { expect } = this.#backend;
    if (expect === undefined) return;
    const txs: Uint8Array[] = [];
    for (const { method, params } of calls) {
      if (method === undefined || !method.startsWith("broadcast_tx_")) continue;
      const tx = typeof params === "object" && params !== null ? (params as { readonly tx?: unknown }).tx : undefined;
      if (typeof tx === "string") txs.push(new Uint8Array(Buffer.from(tx, "base64")));
    }
    if (txs.length > 1) expect(txs);
  }

  logDefect(what: string, error: unknown): void {
    this.#backend.log.error(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}

export interface Call {
  readonly id: Id;
  readonly method?: string;
  readonly params?: unknown;
}

/** What is wrong with the form of a request, in the words of Go's decoder as far as they are of use. */
export function requestProblem(request: unknown): string | undefined {
  if (request === null) return undefined;
  if (typeof request !== "object" || Array.isArray(request)) {
    return `json: cannot unmarshal ${jsonKind(request)} into Go value of type types.RPCRequest`;
  }
  const { id, method, jsonrpc } = request as { id?: unknown; method?: unknown; jsonrpc?: unknown };
  if (jsonrpc !== undefined && jsonrpc !== null && typeof jsonrpc !== "string") {
    return `json: cannot unmarshal ${jsonKind(jsonrpc)} into Go struct field .jsonrpc of type string`;
  }
  if (id === undefined || id === null) return undefined;
  if (typeof id === "number" && !Number.isFinite(id)) {
    return "json: cannot unmarshal number into Go struct field .id of type float64";
  }
  if (typeof id !== "string" && typeof id !== "number") {
    return `json-rpc ID (${goValue(id)}) is of unknown type (${goTypeOf(id)})`;
  }
  if (method === undefined || method === null || typeof method === "string") return undefined;
  return `json: cannot unmarshal ${jsonKind(method)} into Go struct field .method of type string`;
}

const goTypeOf = (value: unknown): string =>
  typeof value === "boolean" ? "bool" : Array.isArray(value) ? "[]interface {}" : "map[string]interface {}";

/** As Go's %v prints it; nested values are not printed, an id has no use for them. */
function goValue(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "[]" : "[…]";
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0 ? "map[]" : "map[…]";
  return String(value);
}

/** A notification has no id and is not answered, by the JSON-RPC rule. */
export const isCall = (request: unknown): request is Call =>
  typeof request === "object" && request !== null && "id" in request && request.id !== null;

/** An error where the text is not JSON. */
export function parseRequest(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof ParamError) return error;
    throw error;
  }
}

export const refusedForm = (problem: string): RpcAnswer =>
  fault(undefined, faults.parse(`error unmarshaling request: ${problem}`));
