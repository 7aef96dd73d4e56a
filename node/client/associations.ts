/**
 * Datagrams of programs on this machine (RFC 1928 §7): a UDP socket on loopback for each association, whose datagrams go through a relay and come
 * back. Owns that socket and the header that SOCKS puts before each datagram; does not own the way through the relay.
 */
import { createSocket, type Socket } from "node:dgram";
import type { Duplex } from "node:stream";
import type { DatagramFrame } from "../../proto/gen/weir/wire/v1/wire.ts";
import { DatagramReader, datagramBytesMax, datagramFrame } from "../forwarding/wire.ts";
import { addressBytes } from "../transport/resolve.ts";
import type { Forwarded } from "./paidsession.ts";
import { answerProxy } from "./socks.ts";

const kinds = { ipv4: 1, name: 3, ipv6: 4 } as const;
/** What waits for the relay: beyond it datagrams are dropped, as networks do. */
const waitingBytesMax = 1 << 20;
const portBytes = 2;

/** What a program sent; undefined where it is no such datagram, or a fragment, which nobody sends. */
export function readDatagram(message: Buffer): DatagramFrame | undefined {
  if (message.length < 4 || message[0] !== 0 || message[1] !== 0 || message[2] !== 0) return undefined;
  const found = readHost(message);
  if (found === undefined || message.length < found.end + portBytes) return undefined;
  const port = message.readUInt16BE(found.end);
  const payload = message.subarray(found.end + portBytes);
  if (port === 0 || payload.length > datagramBytesMax) return undefined;
  return { host: found.host, port, payload };
}

function readHost(message: Buffer): { readonly host: string; readonly end: number } | undefined {
  const kind = message[3];
  const length = kind === kinds.ipv4 ? 4 : kind === kinds.ipv6 ? 16 : kind === kinds.name ? (message[4] ?? 0) : 0;
  const start = kind === kinds.name ? 5 : 4;
  const end = start + length;
  if (length === 0 || message.length < end) return undefined;
  const bytes = message.subarray(start, end);
  if (kind === kinds.ipv4) return { host: bytes.join("."), end };
  if (kind === kinds.name) return { host: bytes.toString("latin1"), end };
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  return { host: groups.join(":"), end };
}

/** As a program reads it. */
export function writeDatagram({ host, port, payload }: DatagramFrame): Buffer {
  const address = addressBytes(host);
  const name = Buffer.from(host, "latin1").subarray(0, 255);
  const place =
    address === undefined
      ? [kinds.name, name.length, ...name]
      : [address.length === 4 ? kinds.ipv4 : kinds.ipv6, ...address];
  return Buffer.concat([Buffer.from([0, 0, 0, ...place, port >> 8, port & 0xff]), payload]);
}

export interface AssociationOptions {
  /** The program's connection: as long as it stands, the association does. */
  readonly control: Duplex;
  /** A literal address of this machine. */
  readonly host: string;
  open(): Promise<Forwarded>;
}

/** Resolves when it is over. */
export async function associate(options: AssociationOptions): Promise<void> {
  const { control, host, open } = options;
  const forwarded = await open();
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  try {
    await bound(socket, host);
    const { port } = socket.address();
    const address = addressBytes(host) ?? Uint8Array.of(127, 0, 0, 1);
    answerProxy(control, "socks", "done", { address: [...address], port });
    exchange(socket, host, forwarded);
    await Promise.race([ended(control), ended(forwarded.stream)]);
  } finally {
    socket.close();
    forwarded.link.reset();
    control.destroy();
  }
}

const bound = (socket: Socket, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(0, host, () => {
      socket.off("error", reject);
      socket.on("error", () => undefined);
      resolve();
    });
  });

const ended = (stream: Duplex): Promise<void> =>
  new Promise((resolve) => {
    stream.once("close", resolve);
    stream.once("error", () => resolve());
    stream.resume();
  });

function exchange(socket: Socket, host: string, { stream, sent, received }: Forwarded): void {
  const reader = new DatagramReader();
  let program: number | undefined;
  socket.on("message", (message, from) => {
    // Whoever speaks first is the program; other ports of this machine are not heard.
    program ??= from.port;
    if (from.port !== program || from.address !== host || stream.writableLength > waitingBytesMax) return;
    const datagram = readDatagram(message);
    if (datagram === undefined) return;
    const frame = datagramFrame(datagram);
    stream.write(frame);
    sent(frame.length);
  });
  stream.on("data", (chunk: Buffer) => {
    received(chunk.length);
    try {
      for (const datagram of reader.take(chunk)) {
        if (program !== undefined) socket.send(writeDatagram(datagram), program, host);
      }
    } catch {
      // What the relay says is no datagram: nothing behind it can be read either.
      stream.destroy();
    }
  });
}
