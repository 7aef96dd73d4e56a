import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameError, FrameReader, frameOf } from "./framing.ts";

const framesIn = (reader: FrameReader): number[][] => {
  const frames: number[][] = [];
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push([...frame]);
  return frames;
};

describe("a reader of frames", () => {
  it("finds the same frames however the bytes are split and glued", () => {
    const message = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.nat(300), { maxLength: 40 }), (messages, cuts) => {
        const stream = Buffer.concat(messages.map(frameOf));
        const reader = new FrameReader();
        const found: number[][] = [];
        let at = 0;
        for (const cut of [...cuts, stream.length]) {
          reader.push(stream.subarray(at, at + cut));
          at += cut;
          found.push(...framesIn(reader));
        }
        expect(found).toEqual(messages.map((bytes) => [...bytes]));
        expect(reader.waiting).toBe(0);
      }),
    );
  });

  it("takes a length as Go's binary.PutUvarint writes it", () => {
    expect([...frameOf(new Uint8Array(300)).subarray(0, 2)]).toEqual([0xac, 0x02]);
    expect([...frameOf(new Uint8Array(127)).subarray(0, 1)]).toEqual([0x7f]);
    const reader = new FrameReader();
    reader.push(Uint8Array.of(0, 1, 7));
    expect(framesIn(reader)).toEqual([[], [7]]);
  });

  it.each([
    ["longer than any message", [0xff, 0xff, 0xff, 0xff, 0x0f], /a frame of 4294967295 bytes; at most 2147483647/],
    ["of six bytes", [0x80, 0x80, 0x80, 0x80, 0x80, 0x01], /more than 5 bytes/],
    ["that never ends", [0xff, 0xff, 0xff, 0xff, 0xff], /more than 5 bytes/],
    ["not in its shortest form", [0x81, 0x00, 0x05], /not written in its shortest form/],
  ])("refuses a length %s", (_what, bytes, message) => {
    const reader = new FrameReader();
    reader.push(Uint8Array.from(bytes));
    expect(() => reader.next()).toThrow(FrameError);
    const again = new FrameReader();
    again.push(Uint8Array.from(bytes));
    expect(() => again.next()).toThrow(message);
  });

  it("waits for the rest of a length and of a message", () => {
    const reader = new FrameReader(1000);
    const stream = frameOf(new Uint8Array(500).fill(3));
    for (const byte of stream.subarray(0, -1)) {
      reader.push(Uint8Array.of(byte));
      expect(reader.next()).toBeUndefined();
    }
    reader.push(stream.subarray(-1));
    expect(reader.next()).toEqual(new Uint8Array(500).fill(3));
    reader.push(frameOf(new Uint8Array(1001)));
    expect(() => reader.next()).toThrow(/1001 bytes; at most 1000/);
  });
});
