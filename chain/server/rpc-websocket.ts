/**
 * The RPC over a websocket: every method, and subscriptions to events. Owns the connections, their subscriptions and limits; a client
 * that does not read what it asked for is dropped.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { SealedBlock } from "../consensus/executor.ts";
import { type Condition, parseQuery, QueryError, queryLengthMax } from "../consensus/query.ts";
import { faults, RpcError } from "./rpc-error.ts";
import { type PublishedBlock, publishedBy } from "./rpc-events.ts";
import { fault, type RpcAnswer } from "./rpc-fault.ts";
import { answerParts, type Parts } from "./rpc-rawjson.ts";

export interface WebSocketLimits {
  readonly messageBytesMax: number;
  /** Clients with a subscription, and subscriptions of one client. */
  readonly subscribedClientsMax: number;
  readonly subscriptionsPerClientMax: number;
  /** Answers and events that a client has not read yet. */
  readonly unreadBytesMax: number;
  /** Of all clients together; then those with the most go. */
  readonly unreadBytesTotalMax: number;
  /** Requests of one connection that wait for the ones before: from half of it on no more is read. */
  readonly waitingRequestsMax: number;
}

/** CometBFT's defaults, where it has them. */
export const defaultWebSocketLimits: WebSocketLimits = {
  messageBytesMax: 1_000_000,
  subscribedClientsMax: 100,
  subscriptionsPerClientMax: 5,
  unreadBytesMax: 8 << 20,
  unreadBytesTotalMax: 128 << 20,
  waitingRequestsMax: 4_000,
};

type SubscriptionId = string | number;

/** What the RPC's methods for a websocket are given. */
export interface Subscriber {
  subscribe(id: SubscriptionId, query: string): void;
  unsubscribe(query: string): void;
  unsubscribeAll(): void;
}

interface Subscription {
  /** What stands before the event in every message. */
  readonly head: string;
  readonly conditions: readonly Condition[];
}

/** Answers one message; undefined for a notification. */
export type AnswerMessage = (text: string, subscriber: Subscriber) => Promise<RpcAnswer | undefined>;

const pingMillis = 30_000;
/** Blocks whose events are not with everyone yet. */
const deliveriesMax = 32;
/** Events go out for so long before others have their turn. */
const deliveryMillis = 5;
/** Larger ones are not copied for each who wants them: they go as a message of several parts. */
const copiedBytesMax = 16_384;
/** With so much unread the next request waits. */
const unreadAnswersBytesMax = 1 << 18;

interface Delivery {
  readonly block: PublishedBlock;
  readonly clients: IterableIterator<Client>;
}

export class WebSockets {
  readonly #limits: WebSocketLimits;
  readonly #answer: AnswerMessage;
  /** Why an address may ask no more just now. */
  readonly #refusal: (address: string) => string | undefined;
  readonly #server: WebSocketServer;
  readonly #clients = new Set<Client>();
  readonly #pings: NodeJS.Timeout;
  readonly #deliveries: Delivery[] = [];
  #isDelivering = false;

  constructor(
    limits: WebSocketLimits,
    answer: AnswerMessage,
    refusal: (address: string) => string | undefined = () => undefined,
  ) {
    this.#refusal = refusal;
    this.#limits = limits;
    this.#answer = answer;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: limits.messageBytesMax,
      perMessageDeflate: false,
    });
    this.#pings = setInterval(() => this.#ping(), pingMillis);
    this.#pings.unref();
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (connection) => {
      const address = request.socket.remoteAddress ?? "";
      const refusal = () => this.#refusal(address);
      const channel = { connection, socket };
      const client = new Client(channel, this.#limits, this.#answer, () => this.#subscribedClients(), refusal);
      this.#clients.add(client);
      connection.on("close", () => this.#clients.delete(client));
      connection.on("error", () => connection.terminate());
    });
  }

  publish(sealed: SealedBlock): void {
    const clients = [...this.#clients].filter(({ isSubscribed }) => isSubscribed);
    if (clients.length === 0) return;
    this.#deliveries.push({ block: publishedBy(sealed), clients: clients.values() });
    if (this.#deliveries.length > deliveriesMax) this.#dropBehind();
    if (!this.#isDelivering) this.#deliver();
  }

  /** In slices, block by block, so that many who listen keep nobody from asking and the engine from sealing. */
  #deliver(): void {
    const sliceEnd = performance.now() + deliveryMillis;
    this.#isDelivering = true;
    for (let next = this.#deliveries[0]; next !== undefined; next = this.#deliveries[0]) {
      for (const client of next.clients) {
        client.publish(next.block);
        if (performance.now() < sliceEnd) continue;
        setImmediate(() => this.#deliver());
        return;
      }
      this.#deliveries.shift();
      this.#limitUnread();
    }
    this.#isDelivering = false;
  }

  /** Whoever has not been told of a block so many blocks later never will be. */
  #dropBehind(): void {
    for (const client of this.#deliveries.shift()?.clients ?? []) client.drop();
  }

  #limitUnread(): void {
    let unread = 0;
    for (const client of this.#clients) unread += client.unreadBytes;
    if (unread > this.#limits.unreadBytesTotalMax) this.#dropSlowest(unread);
  }

  /** Those with the most unread go first, until the rest fits. */
  #dropSlowest(unread: number): void {
    let left = unread;
    const slowest = [...this.#clients].sort((a, b) => b.unreadBytes - a.unreadBytes);
    for (const client of slowest) {
      if (left <= this.#limits.unreadBytesTotalMax) return;
      left -= client.unreadBytes;
      client.drop();
    }
  }

  close(): void {
    clearInterval(this.#pings);
    for (const client of this.#clients) client.close();
    this.#server.close();
  }

  #subscribedClients(): number {
    let count = 0;
    for (const client of this.#clients) if (client.isSubscribed) count++;
    return count;
  }

  #ping(): void {
    for (const client of this.#clients) client.ping();
  }
}

/** A websocket and the connection below it. */
interface Channel {
  readonly connection: WebSocket;
  readonly socket: Duplex;
}

class Client implements Subscriber {
  readonly #connection: WebSocket;
  readonly #socket: Duplex;
  readonly #limits: WebSocketLimits;
  readonly #answer: AnswerMessage;
  readonly #subscribedClients: () => number;
  readonly #refusal: () => string | undefined;
  readonly #subscriptions = new Map<string, Subscription>();
  #waiting = 0;
  #waitingBytes = 0;
  #lastAnswer: Promise<void> = Promise.resolve();
  #isAlive = true;

  constructor(
    { connection, socket }: Channel,
    limits: WebSocketLimits,
    answer: AnswerMessage,
    subscribedClients: () => number,
    refusal: () => string | undefined,
  ) {
    this.#refusal = refusal;
    this.#connection = connection;
    this.#socket = socket;
    this.#limits = limits;
    this.#answer = answer;
    this.#subscribedClients = subscribedClients;
    connection.on("message", (data) => this.#receive(data));
    connection.on("pong", () => {
      this.#isAlive = true;
    });
  }

  get isSubscribed(): boolean {
    return this.#subscriptions.size > 0;
  }

  subscribe(id: SubscriptionId, query: string): void {
    const { subscribedClientsMax, subscriptionsPerClientMax } = this.#limits;
    if (!this.isSubscribed && this.#subscribedClients() >= subscribedClientsMax) {
      throw new RpcError(`max_subscription_clients ${subscribedClientsMax} reached`);
    }
    if (this.#subscriptions.size >= subscriptionsPerClientMax) {
      throw new RpcError(`max_subscriptions_per_client ${subscriptionsPerClientMax} reached`);
    }
    if (query.length > queryLengthMax) throw new RpcError("maximum query length exceeded");
    const conditions = parse(query);
    if (this.#subscriptions.has(query)) throw new RpcError("already subscribed");
    const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"query":${JSON.stringify(query)},`;
    this.#subscriptions.set(query, { head, conditions });
  }

  unsubscribe(query: string): void {
    parse(query);
    if (!this.#subscriptions.delete(query)) throw new RpcError("subscription not found");
  }

  unsubscribeAll(): void {
    if (this.#subscriptions.size === 0) throw new RpcError("subscription not found");
    this.#subscriptions.clear();
  }

  get unreadBytes(): number {
    return this.#connection.bufferedAmount;
  }

  publish(block: PublishedBlock): void {
    for (const [query, { head, conditions }] of this.#subscriptions) {
      for (const { json } of block.find(query, conditions)) this.#sendEvent(head, json());
    }
  }

  #sendEvent(head: string, json: Buffer): void {
    if (json.length <= copiedBytesMax) {
      this.#sendParts([`${head}${json.toString("utf8")}}}`]);
      return;
    }
    this.#sendParts([head, json, "}}"]);
  }

  /** Several parts are one message of several frames. */
  #sendParts(parts: Parts): void {
    if (!this.#mayBeTold()) return;
    this.#gather();
    parts.forEach((part, i) => void this.#connection.send(part, { fin: i === parts.length - 1, binary: false }));
  }

  /** Whoever does not read answers gets no more of them made. */
  async #untilRead(): Promise<void> {
    while (this.#connection.readyState === this.#connection.OPEN && this.unreadBytes > unreadAnswersBytesMax) {
      const { promise, resolve } = Promise.withResolvers<void>();
      for (const event of ["drain", "close"]) this.#socket.once(event, resolve);
      await promise;
      for (const event of ["drain", "close"]) this.#socket.off(event, resolve);
    }
  }

  drop(): void {
    this.#connection.terminate();
  }

  /** A client that has not answered the ping before is gone. */
  ping(): void {
    if (!this.#isAlive) {
      this.#connection.terminate();
      return;
    }
    this.#isAlive = false;
    this.#connection.ping();
  }

  close(): void {
    this.#connection.close(1001);
    this.#connection.terminate();
  }

  /** One after another, so that answers come in the order of the requests. */
  #receive(data: RawData): void {
    if (this.#waiting >= this.#limits.waitingRequestsMax) {
      this.#connection.terminate();
      return;
    }
    this.#waiting++;
    this.#waitingBytes += (data as Buffer).length;
    if (this.#isBehind && !this.#connection.isPaused) this.#connection.pause();
    const text = String(data);
    const refusal = this.#refusal();
    this.#lastAnswer = this.#lastAnswer.then(async () => {
      await this.#untilRead();
      const answer = refusal === undefined ? await this.#answer(text, this) : fault(undefined, faults.server(refusal));
      this.#waiting--;
      this.#waitingBytes -= (data as Buffer).length;
      if (this.#connection.isPaused && !this.#isBehind) this.#connection.resume();
      if (answer !== undefined) this.#sendParts(answerParts(answer));
    });
  }

  get #isBehind(): boolean {
    const { waitingRequestsMax, messageBytesMax } = this.#limits;
    return this.#waiting >= waitingRequestsMax / 2 || this.#waitingBytes > messageBytesMax;
  }

  /** What is said in one turn of the event loop goes out by one call of the system, of which each costs as much as a cheap request. */
  #gather(): void {
    if (this.#socket.writableCorked > 0) return;
    this.#socket.cork();
    setImmediate(() => this.#socket.uncork());
  }

  /** What lies unread from before counts, and not what comes now: one event may be larger than the limit. */
  #mayBeTold(): boolean {
    if (this.#connection.readyState !== this.#connection.OPEN) return false;
    if (this.#connection.bufferedAmount <= this.#limits.unreadBytesMax) return true;
    this.#connection.terminate();
    return false;
  }
}

function parse(query: string): Condition[] {
  try {
    return parseQuery(query);
  } catch (error) {
    if (error instanceof QueryError) throw new RpcError(`failed to parse query: ${error.message}`);
    throw error;
  }
}
