/**
 * The Application behind CometBFT's socket: ABCI 2.0 over a unix socket or tcp. Owns the listening socket, which connection may decide
 * blocks, and the end after a defect; a connection's own work is connection.ts.
 */
import { chmodSync, existsSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Log } from "../log.ts";
import type { Application } from "./application.ts";
import { Connection, type ConnectionHost } from "./connection.ts";
import { frameBytesMax } from "./framing.ts";

export interface HostedApplication extends Application {
  /** Transactions that are about to be checked, in this order: workers may begin with their signatures. */
  expect?(txs: readonly Uint8Array[]): void;
}

export interface AbciServerOptions {
  readonly app: HostedApplication;
  /** unix://PATH or tcp://HOST:PORT; port 0 takes a free one. */
  readonly address: string;
  readonly log: Log;
  /** A call that decides the chain met a defect: the engine is told, and the node has to end. */
  readonly onHalt: (error: Error) => void;
  readonly frameBytesMax?: number;
}

/** An engine opens four; the rest is for whoever looks in with abci-cli. */
const connectionsMax = 16;
/** What the system takes for a unix socket's path, its closing zero left out. */
export const socketPathBytesMax = process.platform === "linux" ? 107 : 103;

export type AbciAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

export function parseAbciAddress(text: string): AbciAddress {
  const path = /^unix:\/\/(.+)$/.exec(text)?.[1];
  if (path !== undefined) {
    const bytes = Buffer.byteLength(path);
    if (bytes > socketPathBytesMax) {
      throw new Error(
        `the path of the ABCI socket has ${bytes} bytes, and the system takes ${socketPathBytesMax}: ${path}. ` +
          "Use a shorter one, or tcp://127.0.0.1:26658",
      );
    }
    return { kind: "unix", path };
  }
  const [, host = "", digits] = /^tcp:\/\/(\[[0-9a-fA-F:]+\]|[^:/[\]]+):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (host === "" || !(port <= 65_535)) {
    throw new Error(
      `the ABCI address ${JSON.stringify(text)} is not understood; expected unix://PATH or tcp://HOST:PORT`,
    );
  }
  return { kind: "tcp", host: host.replace(/^\[|\]$/g, ""), port };
}

export class AbciServer implements ConnectionHost {
  readonly app: HostedApplication;
  readonly log: Log;
  readonly frameBytesMax: number;
  /** As an engine is told it; of a tcp port 0 the one that was taken. */
  readonly address: string;
  readonly #options: AbciServerOptions;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  /** The one that has begun to decide blocks. */
  #deciding: Connection | undefined;
  #isHeld = false;
  #halted: Error | undefined;

  private constructor(options: AbciServerOptions, server: Server, address: string) {
    this.#options = options;
    this.app = options.app;
    this.log = options.log;
    this.frameBytesMax = options.frameBytesMax ?? frameBytesMax;
    this.#server = server;
    this.address = address;
    server.on("connection", (socket) => this.#accept(socket));
    server.on("error", (error) => options.log.error(`the ABCI socket failed: ${error.message}`));
  }

  static async listen(options: AbciServerOptions): Promise<AbciServer> {
    const address = parseAbciAddress(options.address);
    const server = createServer({ noDelay: true });
    if (address.kind === "unix") {
      await removeStale(address.path);
      await listening(server, { path: address.path });
      // Who can write to it can make blocks.
      chmodSync(address.path, 0o600);
      return new AbciServer(options, server, options.address);
    }
    await listening(server, { host: address.host, port: address.port });
    const taken = server.address();
    const port = typeof taken === "object" && taken !== null ? taken.port : address.port;
    const host = address.host.includes(":") ? `[${address.host}]` : address.host;
    return new AbciServer(options, server, `tcp://${host}:${port}`);
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** No block is decided from now on, and no call that would is answered: the node is about to stop where it was told to. */
  hold(): void {
    this.#isHeld = true;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const connection of this.#connections) connection.close();
    await closed;
  }

  // ----------------------------------------------------------------------------------------------- what a connection asks

  /** Whether this connection's deciding call is to run: "wait" leaves it unanswered, "refuse" is for a second engine. */
  admit(connection: Connection): "run" | "wait" | "refuse" {
    if (this.#isHeld || this.#halted !== undefined) return "wait";
    this.#deciding ??= connection;
    return this.#deciding === connection ? "run" : "refuse";
  }

  halt(error: Error): void {
    if (this.#halted !== undefined) return;
    this.#halted = error;
    this.#options.onHalt(error);
  }

  left(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#deciding === connection) this.#deciding = undefined;
  }

  #accept(socket: Socket): void {
    if (this.#connections.size >= connectionsMax) {
      this.log.warn(`an ABCI connection is refused: ${connectionsMax} are open`);
      socket.destroy();
      return;
    }
    this.#connections.add(new Connection(this, socket));
  }
}

function listening(server: Server, where: { path: string } | { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(where, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** A socket's file outlives a process that was killed; one that answers belongs to a node that runs. */
async function removeStale(path: string): Promise<void> {
  if (!existsSync(path)) return;
  const isAnswered = await new Promise<boolean>((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
  if (isAnswered) throw new Error(`${path} is in use by a running node: stop that one first, or use another --home`);
  unlinkSync(path);
}
