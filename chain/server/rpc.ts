/**
 * CometBFT's RPC over HTTP: JSON-RPC by POST (single and batch) and URIs by GET. Owns the transport, its limits and the form of errors;
 * what a method answers is rpc-methods.ts. Binds where it is told, by default to loopback only.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { MempoolError } from "../consensus/mempool.ts";
import { QueryError } from "../consensus/query.ts";
import { faults, RpcError, type RpcFault } from "./rpc-error.ts";
import type { RpcBackend, RpcMethod } from "./rpc-method.ts";
import { rpcMethods } from "./rpc-methods.ts";
import { fromJson, fromUri, jsonKind, ParamError, parseJson } from "./rpc-params.ts";

export interface RpcLimits {
  readonly bodyBytesMax: number;
  readonly batchMax: number;
  readonly connectionsMax: number;
  readonly headerBytesMax: number;
  /** To read a whole request. */
  readonly requestMillisMax: number;
  /** Of a connection on which nothing moves, a slow reader's included. */
  readonly idleMillisMax: number;
}

/** CometBFT's defaults. */
export const defaultRpcLimits: RpcLimits = {
  bodyBytesMax: 1_000_000,
  batchMax: 10,
  connectionsMax: 900,
  headerBytesMax: 1 << 20,
  requestMillisMax: 10_000,
  idleMillisMax: 30_000,
};

export interface RpcServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly limits?: Partial<RpcLimits>;
  /** Origins that browsers may call from; "*" is every one. */
  readonly corsOrigins?: readonly string[];
  /** By default CometBFT's. */
  readonly methods?: Readonly<Record<string, RpcMethod>>;
}

type Id = string | number;

interface RpcAnswer {
  readonly jsonrpc: "2.0";
  readonly id?: Id;
  readonly result?: unknown;
  readonly error?: RpcFault;
}

/** What a URI call is answered with: it has no id of its own. */
const uriId = -1;

export class RpcServer {
  readonly #backend: RpcBackend;
  readonly #server: Server;
  readonly #limits: RpcLimits;
  readonly #corsOrigins: readonly string[];
  /** Method names a client cannot guess from Object's prototype. */
  readonly #methods: ReadonlyMap<string, RpcMethod>;

  private constructor(backend: RpcBackend, options: RpcServerOptions) {
    this.#backend = backend;
    this.#limits = { ...defaultRpcLimits, ...options.limits };
    this.#corsOrigins = options.corsOrigins ?? [];
    this.#methods = new Map(Object.entries(options.methods ?? rpcMethods));
    const { headerBytesMax, requestMillisMax, idleMillisMax, connectionsMax } = this.#limits;
    this.#server = createServer(
      {
        maxHeaderSize: headerBytesMax,
        requestTimeout: requestMillisMax,
        headersTimeout: requestMillisMax,
        keepAliveTimeout: requestMillisMax,
      },
      (request, response) => this.#serve(request, response),
    );
    this.#server.maxConnections = connectionsMax;
    this.#server.timeout = idleMillisMax;
    this.#server.on("clientError", (_error, socket) => refuseSocket(socket as Socket));
  }

  static async listen(backend: RpcBackend, options: RpcServerOptions): Promise<RpcServer> {
    const rpc = new RpcServer(backend, options);
    await new Promise<void>((resolve, reject) => {
      rpc.#server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, options)));
      rpc.#server.listen(options.port, options.host, resolve);
    });
    return rpc;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Requests under way may end; after `graceMillis` their connections are cut. */
  async close(graceMillis = 1_000): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const cut = setTimeout(() => this.#server.closeAllConnections(), graceMillis);
    await closed;
    clearTimeout(cut);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader("X-Server-Time", Math.floor(Date.now() / 1000));
    this.#allowOrigin(request, response);
    this.#answer(request, response).catch((error: unknown) => {
      this.#logDefect("an RPC request failed", error);
      if (!response.headersSent) send(response, 500, fault(uriId, faults.internal("internal")));
      else response.destroy();
    });
  }

  #allowOrigin(request: IncomingMessage, response: ServerResponse): void {
    const { origin } = request.headers;
    if (origin === undefined) return;
    const isAny = this.#corsOrigins.includes("*");
    if (!isAny && !this.#corsOrigins.includes(origin)) return;
    response.setHeader("Access-Control-Allow-Origin", isAny ? "*" : origin);
    response.setHeader("Access-Control-Allow-Methods", "HEAD, GET, POST");
    response.setHeader("Access-Control-Allow-Headers", "Origin, Accept, Content-Type, X-Requested-With, X-Server-Time");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === "OPTIONS") {
      response.writeHead(204).end();
      return;
    }
    const body = await readBody(request, this.#limits.bodyBytesMax);
    if (body === undefined) {
      response.setHeader("Connection", "close");
      send(
        response,
        400,
        fault(undefined, faults.invalidRequest("error reading request body: http: request body too large")),
      );
      return;
    }
    const url = new URL(`http://localhost${request.url ?? "/"}`);
    if (url.pathname === "/") await this.#answerJson(body, response);
    else await this.#answerUri(url, response);
  }

  async #answerUri(url: URL, response: ServerResponse): Promise<void> {
    const method = this.#methods.get(url.pathname.slice(1));
    if (method === undefined) {
      response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" }).end("404 page not found\n");
      return;
    }
    let args: Readonly<Record<string, unknown>>;
    try {
      args = fromUri(method.params, url.searchParams);
    } catch (error) {
      if (!(error instanceof ParamError)) throw error;
      const text = `error converting http params to arguments: ${error.message}`;
      send(response, 500, fault(uriId, faults.invalidParams(text)));
      return;
    }
    const answer = await this.#call(uriId, method, args);
    if (answer.error === undefined && method.cacheable(args)) cache(response);
    send(response, answer.error === undefined ? 200 : 500, answer);
  }

  async #answerJson(body: string, response: ServerResponse): Promise<void> {
    if (body === "") {
      response.writeHead(200, { "Content-Type": "text/html" }).end(this.#listOfEndpoints());
      return;
    }
    let parsed: unknown;
    try {
      parsed = parseJson(body);
    } catch (error) {
      if (!(error instanceof ParamError)) throw error;
      send(response, 500, fault(undefined, faults.parse(`error unmarshaling request: ${error.message}`)));
      return;
    }
    const requests = Array.isArray(parsed) ? parsed : [parsed];
    if (requests.length > this.#limits.batchMax) {
      const text = `batch request exceeds maximum (${this.#limits.batchMax}) allowed number of requests`;
      send(response, 200, fault(undefined, faults.invalidRequest(text)));
      return;
    }
    const problem = requests.map(requestProblem).find((text) => text !== undefined);
    if (problem !== undefined) {
      send(response, 500, fault(undefined, faults.parse(`error unmarshaling request: ${problem}`)));
      return;
    }
    await this.#answerRequests(requests.filter(isCall), response);
  }

  /** One after another: a batch gets no more of the node than its calls would one by one. */
  async #answerRequests(requests: readonly Call[], response: ServerResponse): Promise<void> {
    const answers: RpcAnswer[] = [];
    let isCacheable = true;
    for (const request of requests) {
      const { answer, cacheable } = await this.#answerRequest(request);
      isCacheable &&= cacheable;
      answers.push(answer);
    }
    if (answers.length === 0) {
      response.writeHead(200).end();
      return;
    }
    if (isCacheable) cache(response);
    send(response, 200, answers.length === 1 ? answers[0] : answers);
  }

  async #answerRequest({ id, method: name, params }: Call): Promise<{ answer: RpcAnswer; cacheable: boolean }> {
    const answerId = typeof id === "number" ? Math.trunc(id) : id;
    const method = this.#methods.get(name ?? "");
    if (method === undefined) return { answer: fault(answerId, faults.methodNotFound()), cacheable: false };
    try {
      const args = fromJson(method.params, params);
      const answer = await this.#call(answerId, method, args);
      return { answer, cacheable: answer.error === undefined && method.cacheable(args) };
    } catch (error) {
      if (!(error instanceof ParamError)) throw error;
      const text = `error converting json params to arguments: ${error.message}`;
      return { answer: fault(answerId, faults.invalidParams(text)), cacheable: false };
    }
  }

  async #call(id: Id, method: RpcMethod, args: Readonly<Record<string, unknown>>): Promise<RpcAnswer> {
    try {
      return { jsonrpc: "2.0", id, result: await method.run(this.#backend, args) };
    } catch (error) {
      return fault(id, faults.internal(this.#clientText(error)));
    }
  }

  /** A refusal in its own words; a defect without any, since its text may tell what is no client's business. */
  #clientText(error: unknown): string {
    if (error instanceof RpcError || error instanceof MempoolError || error instanceof QueryError) return error.message;
    this.#logDefect("an RPC method failed", error);
    return "internal";
  }

  #logDefect(what: string, error: unknown): void {
    this.#backend.log.error(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }

  #listOfEndpoints(): string {
    const links = [...this.#methods].map(([name, { params }]) => {
      const names = Object.keys(params).map((param) => `${param}=_`);
      const path = names.length === 0 ? `/${name}` : `/${name}?${names.join("&")}`;
      return `<a href="${path}">${path}</a><br>`;
    });
    return `<html><body><br>Available endpoints:<br>${links.join("\n")}</body></html>`;
  }
}

interface Call {
  readonly id: Id;
  readonly method?: string;
  readonly params?: unknown;
}

/** What is wrong with the form of a request, in the words of Go's decoder as far as they are of use. */
function requestProblem(request: unknown): string | undefined {
  if (request === null) return undefined;
  if (typeof request !== "object" || Array.isArray(request)) {
    return `json: cannot unmarshal ${jsonKind(request)} into Go value of type types.RPCRequest`;
  }
  const { id, method } = request as { id?: unknown; method?: unknown };
  if (id === undefined || id === null) return undefined;
  if (typeof id !== "string" && typeof id !== "number") return `json-rpc ID (${jsonKind(id)}) is of unknown type`;
  if (method === undefined || method === null || typeof method === "string") return undefined;
  return `json: cannot unmarshal ${jsonKind(method)} into Go struct field .method of type string`;
}

/** A notification has no id and is not answered, by the JSON-RPC rule. */
const isCall = (request: unknown): request is Call =>
  typeof request === "object" && request !== null && "id" in request && request.id !== null;

const fault = (id: Id | undefined, error: RpcFault): RpcAnswer =>
  id === undefined ? { jsonrpc: "2.0", error } : { jsonrpc: "2.0", id, error };

function send(response: ServerResponse, status: number, answer: unknown): void {
  const text = JSON.stringify(answer);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

const cache = (response: ServerResponse): void => {
  response.setHeader("Cache-Control", "public, max-age=86400");
};

/** Undefined when it is longer than allowed: the rest is not read. */
async function readBody(request: IncomingMessage, bytesMax: number): Promise<string | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function refuseSocket(socket: Socket): void {
  if (!socket.writable) return;
  socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

function listenError(error: NodeJS.ErrnoException, { host, port }: RpcServerOptions): Error {
  const address = `${host}:${port}`;
  if (error.code === "EADDRINUSE") {
    return new Error(`the RPC address ${address} is in use: another node runs, or pass another --rpc.laddr`);
  }
  if (error.code === "EADDRNOTAVAIL") return new Error(`the RPC address ${address} is not one of this machine's`);
  if (error.code === "EACCES") return new Error(`the RPC address ${address} needs more rights than this process has`);
  return new Error(`the RPC address ${address} cannot be used: ${error.message}`);
}
