/** The engine's side of an ABCI socket for tests and benches: an Application whose calls travel. Requests may be sent without waiting. */
import { connect, type Socket } from "node:net";
import type { Application } from "../../chain/abci/application.ts";
import { type Method, methods } from "../../chain/abci/calls.ts";
import { FrameReader, frameOf } from "../../chain/abci/framing.ts";
import { parseAbciAddress } from "../../chain/abci/server.ts";
import { Request, Response } from "../../proto/gen/tendermint/abci/types.ts";

interface Waiting {
  resolve(response: Response): void;
  reject(error: Error): void;
}

export class AbciClient {
  readonly socket: Socket;
  readonly #reader = new FrameReader();
  readonly #waiting: Waiting[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes) => this.#received(bytes));
    socket.on("error", () => {});
    socket.on("close", () => this.#fail(new Error("the ABCI connection is closed")));
  }

  static connect(address: string): Promise<AbciClient> {
    const where = parseAbciAddress(address);
    return new Promise((resolve, reject) => {
      const socket = connect(where.kind === "unix" ? { path: where.path } : { host: where.host, port: where.port });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new AbciClient(socket));
      });
    });
  }

  /** Fails with the text of an Exception. */
  request(request: Request): Promise<Response> {
    return this.answerTo(frameOf(Request.encode(request).finish()));
  }

  /** Sends bytes that are made already. */
  answerTo(frame: Uint8Array): Promise<Response> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.socket.write(frame);
    });
  }

  /** The calls as an Application has them. */
  get application(): Application {
    const calls = methods.map((method: Method) => {
      const send = async (argument: unknown = {}) => (await this.request({ [method]: argument }))[method];
      return [method, send] as const;
    });
    return Object.fromEntries(calls) as unknown as Application;
  }

  close(): void {
    this.socket.destroy();
  }

  #received(bytes: Uint8Array): void {
    this.#reader.push(bytes);
    for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
      const response = Response.decode(frame);
      const waiting = this.#waiting.shift();
      if (response.exception !== undefined) waiting?.reject(new Error(response.exception.error));
      else waiting?.resolve(response);
    }
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
