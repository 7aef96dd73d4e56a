import { duplexPair } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StreamFailure } from "../transport/taking.ts";
import { answerProxy, hearProxy, type ProxyRequest } from "./socks.ts";

const deadlineMillis = 20_000;

/** What is heard of these bytes, however they are cut, what is answered, and what is left for the other end. */
async function heard(bytes: Buffer, cut = bytes.length) {
  const [near, far] = duplexPair();
  for (let at = 0; at < bytes.length; at += Math.max(1, cut)) near.write(bytes.subarray(at, at + Math.max(1, cut)));
  const answers: Buffer[] = [];
  near.on("data", (chunk: Buffer) => answers.push(chunk));
  let request: ProxyRequest | Error;
  try {
    request = await hearProxy(far, deadlineMillis);
    answerProxy(far, request.language, "done");
  } catch (error) {
    request = error as Error;
  }
  near.end();
  const rest: Buffer[] = [];
  for await (const chunk of far) rest.push(chunk as Buffer);
  far.end();
  return { request, answer: Buffer.concat(answers), rest: Buffer.concat(rest).toString("latin1") };
}

const greeting = [5, 1, 0];
const socks = (...bytes: readonly number[]) => Buffer.from([...greeting, ...bytes]);
const named = (name: string, port: number) =>
  socks(5, 1, 0, 3, name.length, ...Buffer.from(name), port >> 8, port & 0xff);
const ok = Buffer.from([5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);

describe("a program that speaks SOCKS 5", () => {
  it("is understood however its bytes are cut, and what follows the request is left alone", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.domain(),
        fc.integer({ min: 1, max: 65_535 }),
        fc.integer({ min: 1, max: 30 }),
        async (host, port, cut) => {
          const { request, answer, rest } = await heard(Buffer.concat([named(host, port), Buffer.from("GET /")]), cut);
          expect(request).toEqual({ kind: "connect", destination: { host, port }, language: "socks" });
          expect(answer).toEqual(ok);
          expect(rest).toBe("GET /");
        },
      ),
      { numRuns: 50 },
    );
  });

  it("may give literal addresses, and ask for datagrams", async () => {
    expect((await heard(socks(5, 1, 0, 1, 192, 0, 2, 7, 0, 80))).request).toMatchObject({
      destination: { host: "192.0.2.7", port: 80 },
    });
    const v6 = [0x20, 1, 0x0d, 0xb8, ...new Array<number>(11).fill(0), 1];
    expect((await heard(socks(5, 1, 0, 4, ...v6, 1, 187))).request).toMatchObject({
      destination: { host: "2001:db8:0:0:0:0:0:1", port: 443 },
    });
    expect((await heard(socks(5, 3, 0, 1, 0, 0, 0, 0, 0, 0))).request).toEqual({
      kind: "datagrams",
      language: "socks",
    });
  });

  it.each([
    ["wants a password", Buffer.from([5, 1, 2]), Buffer.from([5, 255])],
    ["wants to listen", socks(5, 2, 0, 1, 192, 0, 2, 7, 0, 80), Buffer.from([5, 0, 5, 7, 0, 1, 0, 0, 0, 0, 0, 0])],
    ["names no kind of address", socks(5, 1, 0, 9, 0, 80), Buffer.from([5, 0, 5, 7, 0, 1, 0, 0, 0, 0, 0, 0])],
    ["asks for port 0", named("example.org", 0), Buffer.from([5, 0, 5, 7, 0, 1, 0, 0, 0, 0, 0, 0])],
    ["speaks another version", socks(4, 1, 0, 1, 0, 0, 0, 0, 0, 80), Buffer.from([5, 0])],
  ])("is refused where it %s", async (_, bytes, expected) => {
    const { request, answer } = await heard(bytes);
    expect(request).toBeInstanceOf(StreamFailure);
    expect(answer).toEqual(expected);
  });
});

describe("a program that speaks HTTP", () => {
  it("is understood where it says CONNECT, and only there", async () => {
    const head = (line: string) => Buffer.from(`${line}\r\nHost: x\r\n\r\nrest`);
    const { request, answer, rest } = await heard(head("CONNECT example.org:443 HTTP/1.1"), 3);
    expect(request).toEqual({ kind: "connect", destination: { host: "example.org", port: 443 }, language: "http" });
    expect(answer.toString()).toBe("HTTP/1.1 200 Connection established\r\n\r\n");
    expect(rest).toBe("rest");
    expect((await heard(head("CONNECT [2001:db8::1]:8443 HTTP/1.1"))).request).toMatchObject({
      destination: { host: "2001:db8::1", port: 8443 },
    });
    for (const line of [
      "GET / HTTP/1.1",
      "CONNECT example.org HTTP/1.1",
      "CONNECT a:0 HTTP/1.1",
      "CONNECT a:65536 HTTP/1.1",
    ]) {
      const refused = await heard(head(line));
      expect(refused.request).toBeInstanceOf(StreamFailure);
      expect(refused.answer.toString()).toBe("HTTP/1.1 405 Method Not Allowed\r\n\r\n");
    }
  });

  it("is understood where it asks for an http:// address, and its words are made the other end's", async () => {
    const lines = [
      "GET http://example.org:8080/a?b HTTP/1.1",
      "Host: example.org:8080",
      "Proxy-Connection: keep-alive",
      "X: 1",
    ];
    const { request, rest } = await heard(Buffer.from(`${lines.join("\r\n")}\r\n\r\nbody`), 5);
    expect(request).toMatchObject({ destination: { host: "example.org", port: 8080 }, language: "http" });
    const head = (request as { readonly head: Buffer }).head.toString();
    expect(head).toBe("GET /a?b HTTP/1.1\r\nHost: example.org:8080\r\nX: 1\r\nConnection: close\r\n\r\n");
    expect(rest).toBe("body");
    const short = await heard(Buffer.from("HEAD http://[2001:db8::1] HTTP/1.0\r\n\r\n"));
    expect(short.request).toMatchObject({ destination: { host: "2001:db8::1", port: 80 } });
    for (const line of ["GET http://a@b/ HTTP/1.1", "GET https://a/ HTTP/1.1", "GET http://a:0/ HTTP/1.1"]) {
      expect((await heard(Buffer.from(`${line}\r\n\r\n`))).request).toBeInstanceOf(StreamFailure);
    }
  });

  it("is given up on when it says too much, hangs up, or says nothing", async () => {
    expect((await heard(Buffer.alloc(9000, 65))).request).toMatchObject({ message: "the request is too long" });
    const [near, far] = duplexPair();
    near.end("CONN");
    await expect(hearProxy(far, deadlineMillis)).rejects.toThrow("hung up");
    const [, silent] = duplexPair();
    await expect(hearProxy(silent, 1)).rejects.toThrow("nothing whole came");
  });

  it("is told why it is not carried", () => {
    const [near, far] = duplexPair();
    near.setEncoding("latin1");
    answerProxy(far, "http", "forbidden");
    expect(near.read()).toBe("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
});
