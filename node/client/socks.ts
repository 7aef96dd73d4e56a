/**
 * What programs on this machine say to be taken somewhere: SOCKS 5 (RFC 1928; names are resolved at the far end), HTTP's CONNECT, and plain HTTP
 * requests as to any proxy; told apart by the first byte. Owns the two languages up to the moment when bytes are carried; does not own who carries them, or how.
 */
import type { Duplex } from "node:stream";
import { StreamFailure, take } from "../transport/taking.ts";

export interface Destination {
  /** A name or a literal address, as it was asked for. */
  readonly host: string;
  readonly port: number;
}

export type ProxyRequest =
  | {
      readonly kind: "connect";
      readonly destination: Destination;
      readonly language: ProxyLanguage;
      /** Of a plain HTTP request: what the other end is to hear first, and then nothing is answered here. */
      readonly head?: Buffer;
    }
  | { readonly kind: "datagrams"; readonly language: "socks" };

export type ProxyLanguage = "socks" | "http";

/** Why a request leads nowhere, in both languages. */
export const outcomes = {
  done: { socks: 0, http: "200 Connection established" },
  failed: { socks: 1, http: "502 Bad Gateway" },
  forbidden: { socks: 2, http: "403 Forbidden" },
  unreachable: { socks: 4, http: "502 Bad Gateway" },
  unsupported: { socks: 7, http: "405 Method Not Allowed" },
} as const;
export type Outcome = keyof typeof outcomes;

const version5 = 5;
const noAuthentication = 0;
const noneAcceptable = 0xff;
const commands = { connect: 1, associate: 3 } as const;
const addressKinds = { ipv4: 1, name: 3, ipv6: 4 } as const;
const headBytesMax = 8192;

/** Takes what a program says, piece by piece, until a deadline for all of it. */
class Taker {
  readonly #stream: Duplex;
  readonly #deadline: number;

  constructor(stream: Duplex, deadlineMillis: number) {
    this.#stream = stream;
    this.#deadline = performance.now() + deadlineMillis;
  }

  take(ready: (held: Buffer) => number | undefined): Promise<Buffer> {
    return take(this.#stream, Math.max(0, this.#deadline - performance.now()), ready);
  }

  exactly(length: number): Promise<Buffer> {
    return this.take((held) => (held.length >= length ? length : undefined));
  }
}

/** What the program wants. Its language is answered by `answerProxy`. */
export async function hearProxy(stream: Duplex, deadlineMillis: number): Promise<ProxyRequest> {
  const taker = new Taker(stream, deadlineMillis);
  const first = (await taker.exactly(1))[0]!;
  if (first === version5) return await hearSocks(stream, taker);
  stream.unshift(Buffer.of(first));
  return await hearHttp(stream, taker);
}

async function hearSocks(stream: Duplex, taker: Taker): Promise<ProxyRequest> {
  const methods = await taker.exactly((await taker.exactly(1))[0]!);
  if (!methods.includes(noAuthentication)) {
    stream.end(Buffer.of(version5, noneAcceptable));
    throw new StreamFailure("the program wants to authenticate; this proxy asks for nothing");
  }
  stream.write(Buffer.of(version5, noAuthentication));
  const [version, command, , kind] = await taker.exactly(4);
  if (version !== version5) throw new StreamFailure(`version ${version} of SOCKS; expected 5`);
  const host = await hearAddress(taker, kind!);
  const port = (await taker.exactly(2)).readUInt16BE();
  if (command === commands.associate) return { kind: "datagrams", language: "socks" };
  if (command === commands.connect && host !== undefined && port > 0) {
    return { kind: "connect", destination: { host, port }, language: "socks" };
  }
  answerProxy(stream, "socks", "unsupported");
  throw new StreamFailure(`command ${command} of SOCKS, or an address of kind ${kind}, which nobody serves here`);
}

async function hearAddress(taker: Taker, kind: number): Promise<string | undefined> {
  if (kind === addressKinds.ipv4) return (await taker.exactly(4)).join(".");
  if (kind === addressKinds.name) return (await taker.exactly((await taker.exactly(1))[0]!)).toString("latin1");
  if (kind !== addressKinds.ipv6) return undefined;
  const bytes = await taker.exactly(16);
  return Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16)).join(":");
}

const headEnd = Buffer.from("\r\n\r\n");
/** "CONNECT example.org:443 HTTP/1.1", "CONNECT [2001:db8::1]:443 HTTP/1.1". */
const connectLine = /^CONNECT (?:\[([0-9a-fA-F:.]{2,45})\]|([^\s:]{1,253})):([0-9]{1,5}) HTTP\/1\.[01]$/;
const portMax = 65_535;

async function hearHttp(stream: Duplex, taker: Taker): Promise<ProxyRequest> {
  const head = await taker.take((held) => {
    const at = held.indexOf(headEnd);
    if (at === -1 && held.length > headBytesMax) throw new StreamFailure("the request is too long");
    return at === -1 ? undefined : at + headEnd.length;
  });
  const text = head.toString("latin1");
  const plain = plainRequest(text);
  if (plain !== undefined) return plain;
  const [, literal, name, portText] = connectLine.exec(text.split("\r\n", 1)[0]!) ?? [];
  const port = Number(portText);
  const host = literal ?? name;
  if (host === undefined || port < 1 || port > portMax) {
    answerProxy(stream, "http", "unsupported");
    throw new StreamFailure("an HTTP request that is neither CONNECT host:port nor of an http:// address");
  }
  return { kind: "connect", destination: { host, port }, language: "http" };
}

/** "GET http://example.org/path HTTP/1.1" (RFC 9112 §3.2.2). */
const absoluteLine =
  /^([A-Z]{1,20}) http:\/\/(?:\[([0-9a-fA-F:.]{2,45})\]|([^\s:/?#@]{1,253}))(?::([0-9]{1,5}))?([/?][^\s#]*)? HTTP\/1\.[01]$/;
/** Between the program and this proxy alone. */
const hopHeaders = /^(?:connection|keep-alive|proxy-connection|proxy-authorization|proxy-authenticate|te|upgrade) *:/i;

/** As the other end wants to hear it. One request a connection: the next may be to somebody else. */
function plainRequest(text: string): ProxyRequest | undefined {
  const [line = "", ...headers] = text.slice(0, -headEnd.length).split("\r\n");
  const [, method, literal, name, portText = "80", path = "/"] = absoluteLine.exec(line) ?? [];
  const host = literal ?? name;
  const port = Number(portText);
  if (method === undefined || host === undefined || port < 1 || port > portMax) return undefined;
  const target = path.startsWith("/") ? path : `/${path}`;
  const kept = headers.filter((header) => !hopHeaders.test(header));
  const head = Buffer.from(
    [`${method} ${target} HTTP/1.1`, ...kept, "Connection: close", "", ""].join("\r\n"),
    "latin1",
  );
  return { kind: "connect", destination: { host, port }, language: "http", head };
}

/** Says how it went; after "done" the stream's bytes are the program's own. `bound` is where datagrams are taken. */
export function answerProxy(
  stream: Duplex,
  language: ProxyLanguage,
  outcome: Outcome,
  bound: { readonly address: readonly number[]; readonly port: number } = { address: [0, 0, 0, 0], port: 0 },
): void {
  const code = outcomes[outcome][language];
  const answer =
    typeof code === "string"
      ? Buffer.from(`HTTP/1.1 ${code}\r\n\r\n`)
      : Buffer.of(version5, code, 0, addressKinds.ipv4, ...bound.address, bound.port >> 8, bound.port & 0xff);
  if (outcome === "done") stream.write(answer);
  else stream.end(answer);
}
