import { duplexPair } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frame, readFrame } from "./frames.ts";
import { StreamFailure } from "./taking.ts";

const limits = { bytesMax: 1000, deadlineMillis: 20_000 };

describe("messages on a link", () => {
  it("arrive whole however the bytes are cut, one after the other, and what follows stays in the stream", async () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        messages,
        fc.uint8Array({ maxLength: 50 }),
        fc.integer({ min: 1, max: 40 }),
        async (sent, tail, cut) => {
          const [near, far] = duplexPair();
          const bytes = Buffer.concat([...sent.map(frame), tail]);
          for (let at = 0; at < bytes.length; at += cut) near.write(bytes.subarray(at, at + cut));
          near.end();
          for (const message of sent) expect(await readFrame(far, limits)).toEqual(Buffer.from(message));
          const rest: Buffer[] = [];
          for await (const chunk of far) rest.push(chunk as Buffer);
          expect(Buffer.concat(rest)).toEqual(Buffer.from(tail));
        },
      ),
    );
  });

  const refusals: readonly [string, Buffer, string][] = [
    ["longer than may be", frame(new Uint8Array(1001)), "a message of 1001 bytes; expected at most 1000"],
    ["whose length does not end", Buffer.from([0xff, 0xff, 0xff, 0xff]), "more than 3 bytes"],
    ["whose length is not in its shortest form", Buffer.from([0x81, 0x00]), "not in its shortest form"],
  ];
  it.each(refusals)("are refused %s", async (_, bytes, text) => {
    const [near, far] = duplexPair();
    near.write(bytes);
    const reading = readFrame(far, limits);
    await expect(reading).rejects.toThrow(StreamFailure);
    await expect(reading).rejects.toThrow(text);
  });

  it("are given up on when the other end hangs up in the middle, breaks, or says nothing until the deadline", async () => {
    const [near, far] = duplexPair();
    near.end(frame(new Uint8Array(9)).subarray(0, 5));
    await expect(readFrame(far, limits)).rejects.toThrow("hung up");
    const [, broken] = duplexPair();
    const reading = readFrame(broken, limits);
    broken.destroy(new Error("reset"));
    await expect(reading).rejects.toThrow("reset");
    const [, silent] = duplexPair();
    await expect(readFrame(silent, { ...limits, deadlineMillis: 1 })).rejects.toThrow("nothing whole came within 1 ms");
  });
});
