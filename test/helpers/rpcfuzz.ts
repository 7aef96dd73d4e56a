/**
 * Sends hostile inputs to a running node and judges every answer: typed, JSON, without a stack or a defect behind it. Owns the
 * connections and the verdict; the inputs are rpcinputs.ts.
 */
import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { WebSocket } from "ws";
import { type Random, seededRandom } from "./random.ts";
import { body, path, request } from "./rpcinputs.ts";

export interface RpcFuzzOptions {
  readonly port: number;
  readonly seed: number;
  readonly cases: number;
}

export interface RpcFuzzCounts {
  readonly cases: number;
  results: number;
  errors: number;
  /** Notifications, pages and sockets that were cut on purpose. */
  others: number;
}

/** Connections that work at the same time. */
const lanes = 12;
const answerMillisMax = 30_000;
const statuses = new Set([200, 400, 404, 429, 431, 500, 503]);

export async function fuzzRpc({ port, seed, cases }: RpcFuzzOptions): Promise<RpcFuzzCounts> {
  const counts: RpcFuzzCounts = { cases, results: 0, errors: 0, others: 0 };
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  const lane = async (number: number) => {
    const random = seededRandom(seed * 1_000 + number);
    const socket = new FuzzSocket(port, counts);
    for (let i = number; i < cases; i += lanes) await oneCase(random, agent, port, socket, counts);
    socket.close();
  };
  try {
    await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
  } finally {
    agent.destroy();
  }
  return counts;
}

async function oneCase(random: Random, agent: Agent, port: number, socket: FuzzSocket, counts: RpcFuzzCounts) {
  switch (random.below(10)) {
    case 0:
    case 1:
      return judgeHttp(await send(agent, port, path(random)), counts);
    case 2:
    case 3:
    case 4:
      return socket.send(random);
    case 5:
      if (random.chance(10)) return halfOpen(port, body(random), counts);
      return judgeHttp(await send(agent, port, "/", body(random)), counts);
    default:
      return judgeHttp(await send(agent, port, "/", body(random)), counts);
  }
}

interface HttpAnswer {
  readonly sent: string;
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function send(agent: Agent, port: number, target: string, content?: Buffer): Promise<HttpAnswer> {
  const sent = content === undefined ? target : `${target} ${content.toString("latin1")}`;
  return new Promise((resolve, reject) => {
    const options = { agent, host: "127.0.0.1", port, path: target, method: content === undefined ? "GET" : "POST" };
    const sending = httpRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode = 0, headers } = response;
        resolve({
          sent,
          status: statusCode,
          type: headers["content-type"] ?? "",
          text: Buffer.concat(chunks).toString(),
        });
      });
    });
    sending.setTimeout(answerMillisMax, () => sending.destroy(new Error(`no answer to ${sent.slice(0, 2_000)}`)));
    sending.on("error", (error: NodeJS.ErrnoException) => {
      // The node closed a kept connection that had been idle, just when it was used again: not this request's fault.
      if (sending.reusedSocket && error.code === "ECONNRESET") resolve(send(agent, port, target, content));
      else reject(error);
    });
    sending.end(content);
  });
}

function judgeHttp({ sent, status, type, text }: HttpAnswer, counts: RpcFuzzCounts): void {
  if (!statuses.has(status)) throw new Error(`status ${status} for ${sent.slice(0, 2_000)}: ${text.slice(0, 500)}`);
  if (type === "application/json") judge(sent, text, counts);
  else if (text === "" || type.startsWith("text/")) counts.others++;
  else throw new Error(`an answer of type ${JSON.stringify(type)} to ${sent.slice(0, 2_000)}`);
}

interface Answered {
  readonly result?: unknown;
  readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly data?: unknown };
}

function judge(sent: string, text: string, counts: RpcFuzzCounts): void {
  const parsed = JSON.parse(text) as Answered | Answered[];
  for (const answer of Array.isArray(parsed) ? parsed : [parsed]) {
    const { error } = answer;
    if (error === undefined) {
      if (answer.result === undefined) throw new Error(`neither result nor error for ${sent.slice(0, 2_000)}: ${text}`);
      counts.results++;
      continue;
    }
    const isTyped = typeof error.code === "number" && typeof error.message === "string";
    const data = String(error.data ?? "");
    const tellsTooMuch = data === "internal" || /\n\s+at |node_modules|\.ts:\d/.test(data);
    if (!isTyped || tellsTooMuch) throw new Error(`a bad error for ${sent.slice(0, 2_000)}: ${text.slice(0, 1_000)}`);
    counts.errors++;
  }
}

/** Sends a part of what it promises and goes away. */
function halfOpen(port: number, content: Buffer, counts: RpcFuzzCounts): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${content.length + 10}\r\n\r\n`);
      socket.write(content, () => {
        socket.destroy();
        counts.others++;
        resolve();
      });
    });
    socket.on("error", () => resolve());
  });
}

const lastId = "last";

/** A websocket that is opened again whenever the node had a reason to close it. */
class FuzzSocket {
  readonly #port: number;
  readonly #counts: RpcFuzzCounts;
  #socket: WebSocket | undefined;

  constructor(port: number, counts: RpcFuzzCounts) {
    this.#port = port;
    this.#counts = counts;
  }

  /** The message is answered, or needs no answer, when the one after it is. */
  async send(random: Random): Promise<void> {
    const socket = await this.#open();
    const message = random.chance(2) ? Buffer.from(request(random)) : body(random);
    const sent = message.toString("latin1");
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${sent.slice(0, 2_000)}`)), answerMillisMax);
      const done = (error?: Error) => {
        clearTimeout(timer);
        socket.removeAllListeners("message");
        socket.removeAllListeners("close");
        if (error === undefined) resolve();
        else reject(error);
      };
      socket.once("close", () => {
        this.#counts.others++;
        done();
      });
      socket.on("message", (data) => {
        const text = String(data);
        try {
          if ((JSON.parse(text) as { readonly id?: unknown }).id === lastId) done();
          else judge(sent, text, this.#counts);
        } catch (error) {
          done(error as Error);
        }
      });
      socket.send(message, { binary: random.chance(5) });
      socket.send(JSON.stringify({ jsonrpc: "2.0", id: lastId, method: "health" }));
    });
  }

  async #open(): Promise<WebSocket> {
    if (this.#socket?.readyState === WebSocket.OPEN) return this.#socket;
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/websocket`);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", () => resolve());
      socket.once("error", reject);
    });
    socket.on("error", () => socket.terminate());
    this.#socket = socket;
    return socket;
  }

  close(): void {
    this.#socket?.terminate();
  }
}
