/**
 * The RPC over a websocket: every method, and subscriptions to events. Owns the connections, their subscriptions and limits; a client
 * that does not read what it asked for is dropped.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { AppliedBlock } from "../consensus/executor.ts";
import { type Condition, parseQuery, QueryError, queryLengthMax } from "../consensus/query.ts";
import { RpcError } from "./rpc-error.ts";
import { matches, type Published, publishedBy } from "./rpc-events.ts";

export interface WebSocketLimits {
  readonly messageBytesMax: number;
  /** Clients with a subscription, and subscriptions of one client. */
  readonly subscribedClientsMax: number;
  readonly subscriptionsPerClientMax: number;
  /** Answers and events that a client has not read yet. */
  readonly unreadBytesMax: number;
  /** Requests of one connection that wait for the ones before. */
  readonly waitingRequestsMax: number;
}

/** CometBFT's defaults, where it has them. */
export const defaultWebSocketLimits: WebSocketLimits = {
  messageBytesMax: 1_000_000,
  subscribedClientsMax: 100,
  subscriptionsPerClientMax: 5,
  unreadBytesMax: 8 << 20,
  waitingRequestsMax: 1_000,
};

export type SubscriptionId = string | number;

/** What the RPC's methods for a websocket are given. */
export interface Subscriber {
  subscribe(id: SubscriptionId, query: string): void;
  unsubscribe(query: string): void;
  unsubscribeAll(): void;
}

interface Subscription {
  readonly id: SubscriptionId;
  readonly conditions: readonly Condition[];
}

/** Answers one message; undefined for a notification. */
export type AnswerMessage = (text: string, subscriber: Subscriber) => Promise<unknown>;

const pingMillis = 30_000;

export class WebSockets {
  readonly #limits: WebSocketLimits;
  readonly #answer: AnswerMessage;
  readonly #server: WebSocketServer;
  readonly #clients = new Set<Client>();
  readonly #pings: NodeJS.Timeout;

  constructor(limits: WebSocketLimits, answer: AnswerMessage) {
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
      const client = new Client(connection, this.#limits, this.#answer, () => this.#subscribedClients());
      this.#clients.add(client);
      connection.on("close", () => this.#clients.delete(client));
      connection.on("error", () => connection.terminate());
    });
  }

  publish(applied: AppliedBlock): void {
    if (this.#subscribedClients() === 0) return;
    const events = publishedBy(applied);
    for (const client of this.#clients) client.publish(events);
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

class Client implements Subscriber {
  readonly #connection: WebSocket;
  readonly #limits: WebSocketLimits;
  readonly #answer: AnswerMessage;
  readonly #subscribedClients: () => number;
  readonly #subscriptions = new Map<string, Subscription>();
  #waiting = 0;
  #lastAnswer: Promise<void> = Promise.resolve();
  #isAlive = true;

  constructor(connection: WebSocket, limits: WebSocketLimits, answer: AnswerMessage, subscribedClients: () => number) {
    this.#connection = connection;
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
    this.#subscriptions.set(query, { id, conditions });
  }

  unsubscribe(query: string): void {
    parse(query);
    if (!this.#subscriptions.delete(query)) throw new RpcError("subscription not found");
  }

  unsubscribeAll(): void {
    if (this.#subscriptions.size === 0) throw new RpcError("subscription not found");
    this.#subscriptions.clear();
  }

  publish(events: readonly Published[]): void {
    for (const [query, { id, conditions }] of this.#subscriptions) {
      for (const { tags, data } of events) {
        if (!matches(conditions, tags)) continue;
        this.#send({ jsonrpc: "2.0", id, result: { query, data: data(), events: tags } });
      }
    }
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
    const text = String(data);
    this.#lastAnswer = this.#lastAnswer.then(async () => {
      const answer = await this.#answer(text, this);
      this.#waiting--;
      if (answer !== undefined) this.#send(answer);
    });
  }

  #send(message: unknown): void {
    if (this.#connection.readyState !== this.#connection.OPEN) return;
    this.#connection.send(JSON.stringify(message));
    if (this.#connection.bufferedAmount > this.#limits.unreadBytesMax) this.#connection.terminate();
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
