/**
 * CometBFT's RPC over HTTP: JSON-RPC by POST (single and batch), URIs by GET, and the door to websockets. Owns the transport and its
 * limits; calls are rpc-dispatch.ts, what a method answers is rpc-methods.ts. Binds where it is told, by default to loopback only.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { readBody } from "./rpc-body.ts";
import { type Call, Dispatcher, isCall, parseRequest, refusedForm, requestProblem } from "./rpc-dispatch.ts";
import { faults } from "./rpc-error.ts";
import { fault, type RpcAnswer } from "./rpc-fault.ts";
import { defaultFairnessLimits, Fairness, type FairnessLimits } from "./rpc-limits.ts";
import { listOfEndpoints } from "./rpc-list.ts";
import type { RpcBackend, RpcMethod } from "./rpc-method.ts";
import { rpcMethods } from "./rpc-methods.ts";
import { fromUri, ParamError } from "./rpc-params.ts";
import { answerParts } from "./rpc-rawjson.ts";
import { defaultWebSocketLimits, WebSockets } from "./rpc-websocket.ts";

export interface RpcLimits extends FairnessLimits {
  readonly bodyBytesMax: number;
  readonly batchMax: number;
  readonly connectionsMax: number;
  readonly headerBytesMax: number;
  /** To read a whole request. */
  readonly requestMillisMax: number;
  /** Of a connection on which nothing moves, a slow reader's included. */
  readonly idleMillisMax: number;
  readonly subscribedClientsMax: number;
  readonly subscriptionsPerClientMax: number;
}

/** CometBFT's defaults. */
export const defaultRpcLimits: RpcLimits = {
  ...defaultFairnessLimits,
  bodyBytesMax: 1_000_000,
  batchMax: 10,
  connectionsMax: 900,
  headerBytesMax: 1 << 20,
  requestMillisMax: 10_000,
  idleMillisMax: 30_000,
  subscribedClientsMax: defaultWebSocketLimits.subscribedClientsMax,
  subscriptionsPerClientMax: defaultWebSocketLimits.subscriptionsPerClientMax,
};

export interface RpcServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly limits?: Partial<RpcLimits>;
  /** Origins that browsers may call from; "*" is every one. */
  readonly corsOrigins?: readonly string[];
  /** The port is taken at once; what comes before this settles waits for it. */
  readonly ready?: Promise<unknown>;
  /** By default CometBFT's. */
  readonly methods?: Readonly<Record<string, RpcMethod>>;
}

const bodyTooLong = "error reading request body: http: request body too large";
/** How often requests that take too long are looked for. */
const checkMillis = 1_000;
/** What a URI call is answered with: it has no id of its own. */
const uriId = -1;

export class RpcServer {
  readonly #server: Server;
  readonly #limits: RpcLimits;
  readonly #fairness: Fairness;
  readonly #corsOrigins: readonly string[];
  readonly #dispatcher: Dispatcher;
  readonly #sockets: WebSockets;
  readonly #stopPublishing: () => void;
  #ready: Promise<unknown> | undefined;

  private constructor(backend: RpcBackend, options: RpcServerOptions) {
    this.#limits = { ...defaultRpcLimits, ...options.limits };
    this.#fairness = new Fairness(this.#limits);
    this.#corsOrigins = options.corsOrigins ?? [];
    this.#ready = options.ready?.finally(() => {
      this.#ready = undefined;
    });
    // A node that never becomes ready closes this server, and those who wait with it.
    this.#ready?.catch(() => {});
    this.#dispatcher = new Dispatcher(backend, options.methods ?? rpcMethods);
    const { headerBytesMax, requestMillisMax, idleMillisMax, connectionsMax } = this.#limits;
    this.#server = createServer(
      {
        maxHeaderSize: headerBytesMax,
        requestTimeout: requestMillisMax,
        headersTimeout: requestMillisMax,
        keepAliveTimeout: requestMillisMax,
        connectionsCheckingInterval: Math.min(checkMillis, requestMillisMax),
      },
      (request, response) => this.#serve(request, response),
    );
    this.#server.maxConnections = connectionsMax;
    this.#server.timeout = idleMillisMax;
    const { bodyBytesMax, subscribedClientsMax, subscriptionsPerClientMax } = this.#limits;
    this.#sockets = new WebSockets(
      { ...defaultWebSocketLimits, messageBytesMax: bodyBytesMax, subscribedClientsMax, subscriptionsPerClientMax },
      (text, subscriber) => this.#dispatcher.answerMessage(text, subscriber),
      (address) => this.#fairness.refusal(address),
    );
    this.#stopPublishing = backend.engine.onBlock((applied) => this.#sockets.publish(applied));
    this.#server.on("connection", (socket) => this.#admit(socket));
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
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

  /** Cut without a word: who has so many connections knows. */
  #admit(socket: Socket): void {
    const address = socket.remoteAddress ?? "";
    if (!this.#fairness.connect(address)) {
      socket.destroy();
      return;
    }
    socket.once("close", () => this.#fairness.disconnect(address));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    if (URL.parse(request.url ?? "", "http://localhost")?.pathname === "/websocket") {
      if (this.#ready === undefined) this.#sockets.upgrade(request, socket, head);
      else this.#ready.then(() => this.#sockets.upgrade(request, socket, head)).catch(() => socket.destroy());
    } else socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  }

  /** Requests under way may end; after `graceMillis` their connections are cut. */
  async close(graceMillis = 1_000): Promise<void> {
    this.#stopPublishing();
    this.#sockets.close();
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
      // The client went away while it was still sending: nobody is there to be told.
      if (request.destroyed && !request.complete) return;
      this.#dispatcher.logDefect("an RPC request failed", error);
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
    const body = await readBody(request, this.#limits.bodyBytesMax, this.#fairness);
    await this.#ready;
    if (body.kind !== "read") {
      response.setHeader("Connection", "close");
      if (body.kind === "too long") send(response, 400, fault(undefined, faults.invalidRequest(bodyTooLong)));
      else send(response, 503, fault(undefined, faults.server("too many bytes of requests are being read; try again")));
      return;
    }
    const url = URL.parse(request.url ?? "/", "http://localhost");
    if (url?.pathname === "/") await this.#answerJson(body.text, request, response);
    else await this.#answerUri(url?.pathname.slice(1) ?? "", url?.searchParams ?? new URLSearchParams(), response);
  }

  async #answerUri(name: string, query: URLSearchParams, response: ServerResponse): Promise<void> {
    if (this.#dispatcher.isSocketMethod(name)) {
      send(response, 404, fault(uriId, faults.methodNotFound()));
      return;
    }
    const method = this.#dispatcher.methods.get(name);
    if (method === undefined && !isEncoded(name)) {
      response.writeHead(400, { "Content-Type": "text/plain; charset=utf-8" }).end("400 Bad Request");
      return;
    }
    if (method === undefined) {
      response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" }).end("404 page not found\n");
      return;
    }
    const refusal = this.#fairness.refusal(response.req.socket.remoteAddress ?? "");
    if (refusal !== undefined) {
      send(response, 429, fault(uriId, faults.server(refusal)));
      return;
    }
    let args: Readonly<Record<string, unknown>>;
    try {
      args = fromUri(method.params, query);
    } catch (error) {
      if (!(error instanceof ParamError)) throw error;
      const text = `error converting http params to arguments: ${error.message}`;
      send(response, 500, fault(uriId, faults.invalidParams(text)));
      return;
    }
    const answer = await this.#dispatcher.call(uriId, method, args);
    if (answer.error === undefined && method.cacheable(args)) cache(response);
    send(response, answer.error === undefined ? 200 : 500, answer);
  }

  async #answerJson(body: string, { headers, socket }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (body === "") {
      response
        .writeHead(200, { "Content-Type": "text/html" })
        .end(listOfEndpoints(headers.host ?? "", this.#dispatcher.listed()));
      return;
    }
    const parsed = parseRequest(body);
    if (parsed instanceof ParamError) {
      send(response, 500, refusedForm(parsed.message));
      return;
    }
    const requests = Array.isArray(parsed) ? parsed : [parsed];
    if (requests.length > this.#limits.batchMax) {
      const text = `batch request exceeds maximum (${this.#limits.batchMax}) allowed number of requests`;
      send(response, 200, fault(undefined, faults.invalidRequest(text)));
      return;
    }
    const refusal = this.#fairness.refusal(socket.remoteAddress ?? "", requests.length);
    if (refusal !== undefined) {
      send(response, 429, fault(undefined, faults.server(refusal)));
      return;
    }
    const problem = requests.map(requestProblem).find((text) => text !== undefined);
    if (problem !== undefined) {
      send(response, 500, refusedForm(problem));
      return;
    }
    await this.#answerRequests(requests.filter(isCall), response);
  }

  /** One after another: a batch gets no more of the node than its calls would one by one. */
  async #answerRequests(requests: readonly Call[], response: ServerResponse): Promise<void> {
    if (requests.length > 1) this.#dispatcher.expect(requests);
    const answers: RpcAnswer[] = [];
    let isCacheable = true;
    for (const request of requests) {
      const { answer, cacheable } = await this.#dispatcher.answerCall(request);
      isCacheable &&= cacheable;
      answers.push(answer);
    }
    const [only] = answers;
    if (only === undefined) {
      response.writeHead(200).end();
      return;
    }
    if (isCacheable) cache(response);
    send(response, 200, answers.length === 1 ? only : answers);
  }
}

function isEncoded(path: string): boolean {
  return !/%(?![0-9a-fA-F]{2})/.test(path);
}

function send(response: ServerResponse, status: number, answer: RpcAnswer | readonly RpcAnswer[]): void {
  const parts = answerParts(answer);
  const length = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": length });
  for (const part of parts.slice(0, -1)) response.write(part);
  response.end(parts.at(-1));
}

const cache = (response: ServerResponse): void => {
  response.setHeader("Cache-Control", "public, max-age=86400");
};

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
