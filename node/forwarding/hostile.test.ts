import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Log } from "../../chain/log.ts";
import { ExitKind } from "../../proto/gen/weir/attestation/v1/state.ts";
import { RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import { bytesOf, chainId, ForwardingScene, refusalOf, type SceneOptions } from "../../test/helpers/forwardingscene.ts";
import type { Clock } from "../clock.ts";
import { frame } from "../transport/frames.ts";
import { ask, type Refusal } from "../transport/opening.ts";
import type { Link } from "../transport/transport.ts";
import { intervalBytesMin } from "./credit.ts";
import { forwardingLimits } from "./limits.ts";
import { datagramFrame, sendVoucher } from "./wire.ts";

const scenes: ForwardingScene[] = [];
async function open(options: SceneOptions = {}): Promise<ForwardingScene> {
  const scene = await ForwardingScene.open(options);
  scenes.push(scene);
  return scene;
}
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});

/** Time that a test moves on. */
class MovedClock implements Clock {
  #now = 0;
  readonly #timers = new Map<() => void, number>();

  now(): number {
    return this.#now;
  }

  after(millis: number, action: () => void): () => void {
    const timer = () => action();
    this.#timers.set(timer, this.#now + millis);
    return () => this.#timers.delete(timer);
  }

  move(millis: number): void {
    for (const end = this.#now + millis; this.#now < end; ) {
      const next = Math.min(end, ...this.#timers.values());
      this.#now = next;
      for (const [timer, at] of [...this.#timers]) if (at <= next && this.#timers.delete(timer)) timer();
    }
  }
}

const deadlineMillis = 20_000;

/** Until something that has no event of its own is so. */
const patience = { timeout: 60_000, interval: 10 };

describe("a relay, by clients that mean it no good,", () => {
  it("carries to nowhere that is not public, unless its operator said so", async () => {
    const scene = await open({ settings: { allowsPrivate: false }, lookup: async () => ["10.1.2.3"] });
    const client = scene.client(1n);
    const local = await scene.destination((socket) => socket.destroy());
    for (const host of [local.host, "localhost", "rebound.example", "169.254.169.254", "::ffff:127.0.0.1", "127.1"]) {
      const refused = await refusalOf(client.forward({ ...local, host }));
      expect([host, refused.code]).toEqual([host, RefusalCode.REFUSAL_CODE_POLICY]);
    }
  });

  it("carries to no port and no name that its operator does not want, and says so to the client alone", async () => {
    const exit = { kind: ExitKind.EXIT_KIND_WEB, ports: [] };
    const scene = await open({
      settings: { exit, deniedDomains: ["denied.example"] },
      lookup: async () => ["127.0.0.1"],
    });
    const client = scene.client(1n);
    const refusedAt = async (host: string, port: number) => (await refusalOf(client.forward({ host, port }))).message;
    expect(await refusedAt("somewhere.example", 8080)).toBe("this relay carries nothing to port 8080");
    expect(await refusedAt("www.Denied.example.", 443)).toBe("this relay carries nothing to that name");
    expect(scene.forwarding.counts.get("flow_denied")).toBe(2);
  });

  it("cuts a control link that says what is no voucher, is too long, or is wrong again and again", async () => {
    const scene = await open();
    const bad = [frame(Buffer.from("nonsense")), frame(Buffer.alloc(513)), Buffer.from([0xff, 0xff, 0xff, 0x7f])];
    for (const [index, bytes] of bad.entries()) {
      const client = scene.client(BigInt(10 + index));
      await client.open();
      const closed = once(client.control.stream, "close");
      client.control.stream.resume().write(bytes);
      await closed;
    }
    const client = scene.client(2n);
    await client.open();
    const closed = once(client.control.stream, "close");
    const worthless = { ...client.voucherFor(1000n), signature: randomBytes(64) };
    for (let count = 0; count < forwardingLimits.badVouchersMax; count++) sendVoucher(client.control.stream, worthless);
    client.control.stream.resume();
    await closed;
    expect(scene.forwarding.counts.get("voucher_refused")).toBe(forwardingLimits.badVouchersMax);
    expect(scene.forwarding.book.held).toEqual([]);
  });

  it("gives nothing for the vouchers of another session, and nothing for one twice", async () => {
    const scene = await open();
    const [client, other] = [scene.client(1n), scene.client(2n)];
    await client.open();
    await other.open();
    const good = client.voucherFor(1000n);
    for (const control of [other.control, client.control, client.control]) sendVoucher(control.stream, good);
    expect((await other.receipt()).refused?.text).toBe("not signed by the session's key");
    expect((await client.receipt()).refused).toBeUndefined();
    expect((await client.receipt()).refused?.text).toBe("not higher than the last one");
    const [, session] = scene.forwarding.book.all;
    expect(session!.held).toBeUndefined();
  });

  it("stays within two vouchers over many streams at once, and within a deposit that is spent", async () => {
    const scene = await open();
    const place = await scene.destination((socket) => socket.end(Buffer.alloc(3 << 20)));
    const client = scene.client(1n);
    const streams = await Promise.all(Array.from({ length: 12 }, () => client.forward(place)));
    let received = 0;
    const all = new Promise<void>((resolve) => {
      for (const { stream } of streams) {
        stream.on("data", (chunk: Buffer) => {
          received += chunk.length;
          if (received === Number(2n * intervalBytesMin)) resolve();
        });
      }
    });
    await all;
    const [session] = scene.forwarding.book.all;
    expect([session!.carried, session!.isWaiting]).toEqual([2n * intervalBytesMin, true]);
    const poor = scene.client(2n, {}, 1n);
    const { stream } = await poor.forward(place);
    const affordable = (1n << 30n) / 50_000n;
    let got = 0;
    await new Promise<void>((resolve) => {
      stream.on("data", (chunk: Buffer) => {
        got += chunk.length;
        if (got === Number(affordable)) resolve();
      });
    });
    const [, spent] = scene.forwarding.book.all;
    expect(spent!.isSpent).toBe(true);
  });

  it("cuts who waits too long for its own voucher, says nothing for too long, or stays too long", async () => {
    const clock = new MovedClock();
    const scene = await open({ clock });
    const client = scene.client(1n);
    const source = await scene.destination((socket) => socket.end(Buffer.alloc(20 << 20)));
    const unpaid = await client.forward(source);
    const broken = bytesOf(unpaid.stream);
    const [session] = scene.forwarding.book.all;
    await expect.poll(() => session!.isWaiting, patience).toBe(true);
    clock.move(forwardingLimits.unpaidMillisMax + 3 * forwardingLimits.sweepMillis);
    await expect(broken).rejects.toThrow("ECONNRESET");
    const quiet = await scene.destination((socket) => socket.resume());
    const silent = bytesOf((await scene.client(2n).forward(quiet)).stream);
    clock.move(forwardingLimits.idleMillisMax + 2 * forwardingLimits.sweepMillis);
    await expect(silent).rejects.toThrow("ECONNRESET");
    // Who went away has only said its last, as far as anybody can see.
    const gone = await scene.client(3n).forward(quiet);
    gone.stream.destroy();
    const isHalfClosed = () => [...scene.forwarding.flows].some((flow) => flow.isHalfClosed());
    await expect.poll(isHalfClosed, patience).toBe(true);
    clock.move(forwardingLimits.halfClosedMillisMax + 3 * forwardingLimits.sweepMillis);
    await expect.poll(() => scene.forwarding.flowsOpen, patience).toBe(0);
  });

  it("keeps one control link for each session, and hangs up on the older one though its client does not", async () => {
    const clock = new MovedClock();
    const scene = await open({ clock });
    const client = scene.client(1n);
    await client.open();
    const older = client.control.stream;
    older.allowHalfOpen = true;
    const gone = once(older.resume(), "end");
    await client.open();
    await gone;
    clock.move(forwardingLimits.lingerMillisMax);
    while (!older.destroyed) {
      older.write("x");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect((await client.pay(1000n)).refused).toBeUndefined();
  });

  it("hangs up on who is refused and does not go", async () => {
    const clock = new MovedClock();
    const scene = await open({ clock });
    const client = scene.client(1n);
    const link = await client.dial();
    link.stream.allowHalfOpen = true;
    const proof = new Uint8Array(64);
    await refusalOf(ask(link, { session: { session: 1n, proof } }, { chainId, deadlineMillis }));
    clock.move(forwardingLimits.lingerMillisMax);
    link.stream.resume();
    await once(link.stream, "end");
    link.stream.end();
  });

  it("answers five thousand opens: as many as there may be are carried, all others are refused, and none is left", async () => {
    const flowsMax = 300;
    const scene = await open({ transport: "no sockets", settings: { flowsMax }, limits: { flowsPerSessionMax: 5000 } });
    const place = await scene.destination((socket) => socket.resume());
    const client = scene.client(1n);
    const openOne = () =>
      client.forward(place).catch((error: Refusal) => {
        if (error.code !== RefusalCode.REFUSAL_CODE_FULL) throw error;
        return undefined;
      });
    const answers: (Link | undefined)[] = [];
    while (answers.length < 5000) answers.push(...(await Promise.all(Array.from({ length: 200 }, openOne))));
    const links = answers.filter((answer) => answer !== undefined);
    expect(links.length).toBe(flowsMax);
    expect(scene.forwarding.flowsOpen).toBe(flowsMax);
    expect(scene.asked.length).toBe(1);
    for (const link of links) link.reset();
    await expect.poll(() => scene.forwarding.flowsOpen, patience).toBe(0);
  });

  it("asks the chain no more often than it may, whatever sessions are named", async () => {
    const scene = await open({ transport: "no sockets" });
    const stranger = scene.client(1n);
    scene.facts.clear();
    let answer = () => {};
    scene.silence = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const codes = Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const link = await stranger.dial();
        const session = { session: BigInt(1000 + index), proof: new Uint8Array(64) };
        return (await refusalOf(ask(link, { session }, { chainId, deadlineMillis }))).code;
      }),
    );
    while (scene.forwarding.counts.get("session_refused")! < 168)
      await new Promise((resolve) => setTimeout(resolve, 10));
    answer();
    const of = (wanted: RefusalCode, all: readonly RefusalCode[]) => all.filter((code) => code === wanted).length;
    expect(of(RefusalCode.REFUSAL_CODE_NOT_NOW, await codes)).toBe(32);
    expect(of(RefusalCode.REFUSAL_CODE_FULL, await codes)).toBe(168);
    expect(scene.forwarding.book.size).toBe(0);
  });
});

describe("what a relay keeps and says", () => {
  it("has no destination in it: no name, address or port, in no file, log line, figure or error", async () => {
    const lines: string[] = [];
    const write = (...words: unknown[]) =>
      void lines.push(JSON.stringify(words, (_key, value) => (typeof value === "bigint" ? `${value}` : value)));
    const log: Log = { debug: write, info: write, warn: write, error: write };
    const lookup = async (host: string) => {
      if (host.startsWith("gone")) throw new Error(`queryA ENOTFOUND ${host}`);
      return [host.startsWith("dead") ? "127.99.88.77" : "127.0.0.1"];
    };
    const scene = await open({ log, lookup, settings: { deniedDomains: ["denied-marker.example"] } });
    const place = await scene.destination((socket) => socket.pipe(socket));
    const { port } = place;
    const client = scene.client(1n);
    await client.open();
    const carried = await client.forward({ host: "carried-marker.example", port });
    carried.stream.end("payload-marker");
    expect(String(await bytesOf(carried.stream))).toBe("payload-marker");
    const refusals = await Promise.all(
      ["gone-marker.example", "dead-marker.example", "x.denied-marker.example", "no host marker"].map((host) =>
        refusalOf(client.forward({ host, port: 47_113 })),
      ),
    );
    const flow = await client.forward({ host: "", port: 0 }, { datagrams: true });
    flow.stream.write(datagramFrame({ host: "datagram-marker.example", port, payload: Buffer.from("payload-marker") }));
    flow.stream.write(datagramFrame({ host: "gone-marker.example", port: 47_114, payload: Buffer.from("x") }));
    await expect.poll(() => scene.forwarding.counts.get("datagram_lost"), patience).not.toBe(0);
    await client.pay(1000n);
    scene.facts.delete(2n);
    await refusalOf(scene.client(3n, { relay: 9n }).forward(place));
    scene.forwarding.drain();
    await scene.restart();
    const files = filesOf(scene.directory);
    expect(files.length).toBeGreaterThan(2);
    const kept = [
      ...files.map((file) => readFileSync(file).toString("latin1")),
      ...lines,
      ...refusals.map(({ message }) => message),
      JSON.stringify([...scene.forwarding.counts]),
    ];
    const marks = [/marker/i, /127\.99\.88\.77|127\.0\.0\.1/, /47113|47114/, new RegExp(`\\b${port}\\b`)];
    for (const text of kept) for (const mark of marks) expect(text).not.toMatch(mark);
    // A search that finds nothing where something is would find nothing here either.
    expect(files.some((file) => readFileSync(file).includes("MANIFEST"))).toBe(true);
  });
});

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
