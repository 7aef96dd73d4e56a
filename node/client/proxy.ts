/**
 * The proxy on this machine: takes programs' connections, hears where they want to go, and hands them to whatever carries. Owns the listening, its
 * limits, and what a program is told when it fails; does not own relays or money. It keeps no list of destinations, and logs none.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { Log } from "../../chain/log.ts";
import { RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import { Failure, fatal, textOf } from "../daemon/failure.ts";
import { Refusal } from "../transport/opening.ts";
import { addressBytes } from "../transport/resolve.ts";
import type { Address } from "../transport/transport.ts";
import { associate } from "./associations.ts";
import { carry } from "./carrying.ts";
import type { Forwarded } from "./paidsession.ts";
import { answerProxy, type Destination, hearProxy, type Outcome, type ProxyLanguage } from "./socks.ts";

export const connectionsMax = 1_024;
const hearingMillisMax = 10_000;
const highWaterMarkBytes = 256 << 10;

export interface ProxyOptions {
  readonly address: Address;
  /** Addresses beside loopback: whoever reaches them spends this client's money. */
  readonly allowsOthers: boolean;
  connect(destination: Destination): Promise<Forwarded>;
  datagrams(): Promise<Forwarded>;
  readonly log: Log;
}

export interface LocalProxy {
  readonly address: Address;
  readonly connections: number;
  /** Takes no more, and breaks off what is there. */
  close(): Promise<void>;
}

export function isLoopback(host: string): boolean {
  const bytes = addressBytes(host);
  if (bytes === undefined) return false;
  return bytes.length === 4 ? bytes[0] === 127 : bytes.every((byte, index) => byte === (index === 15 ? 1 : 0));
}

const outcomeOf = (error: unknown): Outcome => {
  if (!(error instanceof Refusal)) return "failed";
  if (error.code === RefusalCode.REFUSAL_CODE_POLICY) return "forbidden";
  return error.code === RefusalCode.REFUSAL_CODE_UNREACHABLE ? "unreachable" : "failed";
};

async function serve(socket: Socket, options: ProxyOptions): Promise<void> {
  const request = await hearProxy(socket, hearingMillisMax);
  if (request.kind === "datagrams") {
    const open = () => orRefuse(socket, "socks", options.datagrams());
    return associate({ control: socket, host: options.address.host, open });
  }
  const { destination, language, head } = request;
  const forwarded = await orRefuse(socket, language, options.connect(destination));
  if (head === undefined) answerProxy(socket, language, "done");
  else {
    forwarded.stream.write(head);
    forwarded.sent(head.length);
  }
  await carry(socket, forwarded);
}

async function orRefuse<T>(socket: Socket, language: ProxyLanguage, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    answerProxy(socket, language, outcomeOf(error));
    throw error;
  }
}

export async function startProxy(options: ProxyOptions): Promise<LocalProxy> {
  const { address, allowsOthers, log } = options;
  if (!isLoopback(address.host) && !allowsOthers) {
    throw fatal(
      `the proxy would listen at ${address.host}, where others can reach it and spend your money: use 127.0.0.1, or say --allow-others`,
    );
  }
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, highWaterMark: highWaterMarkBytes, noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    if (sockets.size >= connectionsMax) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    serve(socket, options).catch((error: unknown) => {
      log.debug(`a program's connection ended: ${textOf(error)}`);
      socket.destroySoon();
    });
  });
  const port = await listening(server, address);
  return {
    address: { host: address.host, port },
    get connections() {
      return sockets.size;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function listening(server: Server, { host, port }: Address): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === "EADDRINUSE";
      const advice = isTaken
        ? "another program listens there: is `weir client connect` running already? See --listen"
        : error.message;
      reject(new Failure("fatal", `the proxy cannot listen at ${host}:${port}: ${advice}`));
    });
    server.listen({ host, port }, () => {
      const bound = server.address();
      resolve(bound !== null && typeof bound === "object" ? bound.port : port);
    });
  });
}
