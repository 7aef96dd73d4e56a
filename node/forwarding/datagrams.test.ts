import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { DatagramFrame } from "../../proto/gen/weir/wire/v1/wire.ts";
import { ForwardingScene, type SceneOptions, transportNames } from "../../test/helpers/forwardingscene.ts";
import { frame } from "../transport/frames.ts";
import type { Link } from "../transport/transport.ts";
import { DatagramReader, datagramBytesMax, datagramFrame } from "./wire.ts";

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function open(options: SceneOptions = {}): Promise<ForwardingScene> {
  const scene = await ForwardingScene.open(options);
  ends.push(() => scene.close());
  return scene;
}

/** A program that answers datagrams. */
async function program(answer: (payload: Buffer, reply: (payload: Buffer) => void, port: number) => void) {
  const socket = createSocket("udp4");
  socket.on("message", (payload, { port, address }) =>
    answer(payload, (back) => socket.send(back, port, address), port),
  );
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  ends.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return { host: "127.0.0.1", port: socket.address().port };
}

const echoing = () => program((payload, reply) => reply(payload));

class FlowEnd {
  readonly link: Link;
  readonly #reader = new DatagramReader();
  readonly #came: DatagramFrame[] = [];
  #wake: () => void = () => {};

  constructor(link: Link) {
    this.link = link;
    link.stream.on("data", (chunk: Buffer) => {
      this.#came.push(...this.#reader.take(chunk));
      this.#wake();
    });
  }

  send(host: string, port: number, payload: string | Buffer): void {
    this.link.stream.write(datagramFrame({ host, port, payload: Buffer.from(payload) }));
  }

  async next(): Promise<DatagramFrame> {
    while (this.#came.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#came.shift()!;
  }
}

async function flow(scene: ForwardingScene, session = 1n): Promise<FlowEnd> {
  return new FlowEnd(await scene.client(session).forward({ host: "", port: 0 }, { datagrams: true }));
}

for (const transport of transportNames)
  describe(`a flow of datagrams over ${transport}`, () => {
    it("goes to many places by one link, and brings each answer back with its sender's address, counted with its frame", async () => {
      const scene = await open({ transport });
      const [one, two] = [await echoing(), await echoing()];
      const end = await flow(scene);
      end.send(one.host, one.port, "first");
      expect(await end.next()).toMatchObject({ ...one, payload: Buffer.from("first") });
      end.send(two.host, two.port, Buffer.alloc(datagramBytesMax, 7));
      const big = await end.next();
      expect([big.port, big.payload.length]).toEqual([two.port, datagramBytesMax]);
      const size = (payload: Buffer) => BigInt(datagramFrame({ ...one, payload }).length);
      const [session] = scene.forwarding.book.all;
      expect(session!.carried).toBe(2n * (size(Buffer.from("first")) + size(Buffer.alloc(datagramBytesMax))));
    });

    it("hears nobody whom it did not send to", async () => {
      const scene = await open({ transport });
      const stranger = createSocket("udp4");
      ends.push(() => new Promise<void>((resolve) => stranger.close(() => resolve())));
      const place = await program((payload, reply, port) => {
        // What a stranger sends is there before the answer is on its way.
        stranger.send("unasked", port, "127.0.0.1", () => reply(payload));
      });
      const end = await flow(scene);
      for (const word of ["one", "two", "three"]) {
        end.send(place.host, place.port, word);
        expect(String((await end.next()).payload)).toBe(word);
      }
    });

    it("loses what the policy or its name keeps from going anywhere, and goes on", async () => {
      const lookup = async (host: string) => {
        if (host === "nowhere.example") throw new Error("ENOTFOUND");
        return ["127.0.0.1"];
      };
      const scene = await open({ transport, lookup, settings: { deniedDomains: ["denied.example"] } });
      const place = await echoing();
      const end = await flow(scene);
      end.send("denied.example", place.port, "x");
      end.send("nowhere.example", place.port, "x");
      end.send("not a host", place.port, "x");
      end.send(place.host, 25, "x");
      end.send("somewhere.example", place.port, "through");
      expect(await end.next()).toMatchObject({ host: "127.0.0.1", port: place.port });
      expect(scene.forwarding.counts.get("datagram_lost")).toBe(4);
    });

    it("is cut where a frame is none: too long, or not a datagram", async () => {
      const scene = await open({ transport });
      const place = await echoing();
      const huge = DatagramFrame.encode({ ...place, payload: Buffer.alloc(datagramBytesMax + 1) }).finish();
      const bad = [Buffer.from([0xff, 0xff, 0x7f]), frame(Buffer.from("nonsense")), frame(huge)];
      for (const [index, bytes] of bad.entries()) {
        const end = await flow(scene, BigInt(index));
        const broken = new Promise((resolve) => end.link.stream.once("close", resolve));
        end.link.stream.write(bytes);
        await broken;
      }
      expect(scene.forwarding.flowsOpen).toBe(0);
    });
  });

describe("frames of datagrams", () => {
  it("are found whole, however the bytes are cut", () => {
    const sent = [1, 0, 300, datagramBytesMax].map((length, index) => ({
      host: `host${index}.example`,
      port: index + 1,
      payload: Buffer.alloc(length, index),
    }));
    const bytes = Buffer.concat(sent.map(datagramFrame));
    for (const step of [1, 7, 1000, bytes.length]) {
      const reader = new DatagramReader();
      const found: DatagramFrame[] = [];
      for (let at = 0; at < bytes.length; at += step) found.push(...reader.take(bytes.subarray(at, at + step)));
      expect(found.map(({ host, port, payload }) => [host, port, payload.length])).toEqual(
        sent.map(({ host, port, payload }) => [host, port, payload.length]),
      );
    }
  });
});
