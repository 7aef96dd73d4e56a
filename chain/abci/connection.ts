/**
 * One ABCI connection: requests in, answers out, in the order they came. Owns that order, the slices in which many small requests leave
 * room for the other connections, and how much may wait; what a request means is calls.ts.
 */
import type { Socket } from "node:net";
import { type Request, Request as RequestMessage, type Response } from "../../proto/gen/tendermint/abci/types.ts";
import type { Log } from "../log.ts";
import { UpgradeHalt } from "../upgrades.ts";
import { call, failedAnswer, isOfConsensus, type Method, methodOf } from "./calls.ts";
import { encodeResponse, responseParts } from "./encoderesponse.ts";
import { FrameReader } from "./framing.ts";
import type { HostedApplication } from "./server.ts";

export interface ConnectionHost {
  readonly app: HostedApplication;
  readonly log: Log;
  readonly frameBytesMax: number;
  admit(connection: Connection): "run" | "wait" | "refuse";
  halt(error: Error): void;
  left(connection: Connection): void;
}

/** Requests that wait here before the sender is made to wait. */
const waitingMax = 1_024;
/** Transactions whose signatures the workers are given at once. */
const expectedMax = 512;
/** Then the other connections have their turn: a block must not wait behind a queue of transactions. */
const sliceMillis = 4;

export class Connection {
  readonly #host: ConnectionHost;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #waiting: Request[] = [];
  /** Of the transactions that wait first, how many the workers have been told of. */
  #expected = 0;
  #isRunning = false;
  #isOver = false;

  constructor(host: ConnectionHost, socket: Socket) {
    this.#host = host;
    this.#socket = socket;
    this.#reader = new FrameReader(host.frameBytesMax);
    socket.on("data", (bytes) => this.#received(bytes));
    // The engine's death shows as an error here too, and is the engine's to explain.
    socket.on("error", (error) => host.log.debug(`an ABCI connection failed: ${error.message}`));
    socket.on("close", () => {
      this.#isOver = true;
      host.left(this);
    });
  }

  close(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #received(bytes: Uint8Array): void {
    if (this.#isOver) return;
    try {
      this.#reader.push(bytes);
      for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
        this.#waiting.push(RequestMessage.decode(frame));
      }
    } catch (error) {
      this.#end(`what came over an ABCI connection is no request: ${messageOf(error)}`);
      return;
    }
    if (this.#waiting.length >= waitingMax) this.#socket.pause();
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0 && !this.#isOver) {
      const isWritten = await this.#answerSlice();
      if (this.#waiting.length < waitingMax / 2) this.#socket.resume();
      if (!isWritten) await this.#drained();
      else if (this.#waiting.length > 0) await new Promise((resolve) => setImmediate(resolve));
    }
    this.#isRunning = false;
  }

  /** Answers what waits for a few milliseconds' time; false when the socket takes no more for now. */
  async #answerSlice(): Promise<boolean> {
    const end = performance.now() + sliceMillis;
    let isWritten = true;
    this.#socket.cork();
    do {
      this.#expect();
      const request = this.#waiting[0]!;
      const answering = this.#answer(request);
      const response = answering instanceof Promise ? await answering : answering;
      if (response === undefined || this.#isOver) break;
      this.#waiting.shift();
      if (this.#expected > 0) this.#expected--;
      for (const part of responseParts(response)) isWritten = this.#socket.write(part);
    } while (this.#waiting.length > 0 && isWritten && performance.now() < end);
    this.#socket.uncork();
    return isWritten;
  }

  /** Tells the workers of the transactions that stand first in the queue. */
  #expect(): void {
    if (this.#expected > 0 || this.#waiting[0]?.checkTx === undefined) return;
    const txs: Uint8Array[] = [];
    for (const { checkTx } of this.#waiting) {
      if (checkTx === undefined || txs.length === expectedMax) break;
      txs.push(checkTx.tx);
    }
    this.#expected = txs.length;
    if (txs.length > 1) this.#host.app.expect?.(txs);
  }

  /** Undefined when there is no answer: the connection is over, or the node about to stop. */
  #answer(request: Request): Response | undefined | Promise<Response | undefined> {
    const method = methodOf(request);
    if (method === undefined) {
      this.#end("an ABCI request that this version does not know; expected one of ABCI 2.0 (CometBFT 0.38)");
      return undefined;
    }
    if (isOfConsensus(method) && !this.#isAdmitted()) return undefined;
    try {
      const answer = call(this.#host.app, method, request);
      if (answer instanceof Promise) return answer.catch((error: unknown) => this.#failed(method, error));
      return answer;
    } catch (error) {
      return this.#failed(method, error);
    }
  }

  #isAdmitted(): boolean {
    const admission = this.#host.admit(this);
    if (admission === "wait") this.#isOver = true;
    if (admission === "refuse") {
      this.#end("another connection decides this chain's blocks: stop the second engine, or give it a node of its own");
    }
    return admission === "run";
  }

  #failed(method: Method, error: unknown): Response | undefined {
    if (error instanceof UpgradeHalt) {
      // The engine is stopped with the node, and asks for this block again at the next start.
      this.#isOver = true;
      this.#host.halt(error);
      return undefined;
    }
    const stack = error instanceof Error ? error.stack : String(error);
    this.#host.log.error(`${method} met a defect; please report it`, { stack });
    const answer = failedAnswer(method);
    if (answer !== undefined) return answer;
    this.#end(`${method}: ${messageOf(error)}`);
    this.#host.halt(error instanceof Error ? error : new Error(String(error)));
    return undefined;
  }

  /** The engine is told why, and stops by that. */
  #end(reason: string): void {
    this.#isOver = true;
    this.#host.log.error(reason);
    this.#socket.end(encodeResponse({ exception: { error: reason } }));
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#socket.off("drain", done);
        this.#socket.off("close", done);
        resolve();
      };
      this.#socket.once("drain", done);
      this.#socket.once("close", done);
      if (this.#isOver || !this.#socket.writableNeedDrain) done();
    });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
