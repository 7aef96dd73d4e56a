import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Clock } from "../clock.ts";
import { type Download, measureDownload, wholeBytesMin } from "./measuredownload.ts";

/** A way whose other end sends this at these moments, and then ends where it says so. */
async function over(pieces: readonly (readonly [atMillis: number, bytes: number])[], head: string): Promise<Download> {
  let now = 0;
  let end = () => {};
  const clock: Clock = {
    now: () => now,
    after: (_, action) => {
      end = action;
      return () => {};
    },
  };
  // What is written to it is not what comes from it.
  const stream = new PassThrough({ write: (_chunk, _encoding, done) => done() });
  const forwarded = { stream, link: { reset: () => undefined }, sent: () => undefined, received: () => undefined };
  const terms = { host: "example.org", port: 80, path: "/", millis: 2_000, dropMillis: 500, bytesMax: 1 << 28, clock };
  const done = measureDownload({ connect: () => Promise.resolve(forwarded) }, terms);
  await Promise.resolve();
  stream.emit("data", Buffer.from(head, "latin1"));
  for (const [at, bytes] of pieces) {
    now = at;
    stream.emit("data", Buffer.alloc(bytes));
  }
  end();
  return done;
}

const answer = (bytes: number, status = "200 OK") => `HTTP/1.1 ${status}\r\nContent-Length: ${bytes}\r\nX: y\r\n\r\n`;
const mib = 1 << 20;

describe("measuring a download", () => {
  it("drops what came while it was slow to start", async () => {
    const head = answer(64 * mib);
    const found = await over(
      [
        [400, 50],
        [1_000, mib],
        [1_500, mib],
      ],
      head,
    );
    expect(found).toEqual({ bytes: 2 * mib, millis: 1_000, bps: BigInt(2 * mib) * 8n });
  });

  it("counts all of what was there before it could be warm", async () => {
    for (const at of [100, 499, 500, 501, 999]) {
      const head = answer(32 * mib);
      const { bytes, millis } = await over(
        [
          [1, mib],
          [at, 31 * mib],
        ],
        head,
      );
      expect({ bytes, millis }).toEqual({ bytes: 32 * mib + head.length, millis: at });
    }
  });

  it("counts nothing of a burst that broke off, of a refusal, and of what is too little to tell", async () => {
    expect(await over([[100, mib]], answer(32 * mib))).toMatchObject({ bytes: 0, bps: 0n });
    expect(await over([[100, mib]], "HTTP/1.1 200 OK\r\n\r\n")).toMatchObject({ bytes: 0, bps: 0n });
    expect(await over([[100, mib]], answer(mib, "404 Not Found"))).toMatchObject({ bytes: 0, bps: 0n });
    const little = wholeBytesMin / 2;
    expect(await over([[100, little]], answer(little))).toMatchObject({ bytes: 0, bps: 0n });
  });
});
