import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { datagramBytesMax } from "../forwarding/wire.ts";
import { readDatagram, writeDatagram } from "./associations.ts";

const hosts = () => fc.oneof(fc.ipV4(), fc.domain(), fc.constant("2001:db8:0:0:0:0:0:1"));

describe("a datagram of SOCKS", () => {
  it("is read as it was written", () =>
    fc.assert(
      fc.property(
        hosts(),
        fc.integer({ min: 1, max: 65_535 }),
        fc.uint8Array({ maxLength: 2_000 }),
        (host, port, payload) => {
          const read = readDatagram(writeDatagram({ host, port, payload }));
          expect({ ...read, payload: Uint8Array.from(read!.payload) }).toEqual({ host, port, payload });
        },
      ),
    ));

  it("is dropped where it is a fragment, cut off, to no port, or too long; whatever comes, nothing throws", () => {
    const good = writeDatagram({ host: "192.0.2.1", port: 53, payload: Uint8Array.of(1) });
    expect(readDatagram(good)).toBeDefined();
    for (const at of [0, 1, 2]) expect(readDatagram(Buffer.from(good).fill(1, at, at + 1))).toBeUndefined();
    for (let length = 0; length < 10; length++) expect(readDatagram(good.subarray(0, length))).toBeUndefined();
    expect(readDatagram(writeDatagram({ host: "192.0.2.1", port: 0, payload: Uint8Array.of(1) }))).toBeUndefined();
    const long = new Uint8Array(datagramBytesMax + 1);
    expect(readDatagram(writeDatagram({ host: "192.0.2.1", port: 53, payload: long }))).toBeUndefined();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void readDatagram(Buffer.from(bytes))));
  });
});
