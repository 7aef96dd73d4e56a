import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../node/clock.ts";
import { echo } from "../node/measurement/echo.ts";
import { FalseEcho, measureEcho } from "../node/measurement/echoed.ts";
import { accept, ask, hear, refusal, refuse } from "../node/transport/opening.ts";
import { type Link, LinkFailure, type Listener, type ListenOptions } from "../node/transport/transport.ts";
import { RefusalCode } from "../proto/gen/weir/wire/v1/wire.ts";
import { bytesOf, identity, refusalOf, transportNames, transportsOf } from "./helpers/forwardingscene.ts";

const deadlineMillis = 20_000;
const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** What daemons may rely on, whoever carries their links. */
for (const name of transportNames)
  describe(`the seam, over ${name},`, () => {
    async function pair(changes: Partial<ListenOptions> = {}) {
      const make = transportsOf(name);
      const [relay, dialler] = [identity(), identity()];
      const arrived: Link[] = [];
      const refused: string[] = [];
      let wake = () => {};
      const listener: Listener = await make(relay).listen({
        address: { host: "127.0.0.1", port: 0 },
        connectionsMax: 8,
        connectionsPerAddressMax: 8,
        handshakeMillisMax: deadlineMillis,
        onLink: (link) => {
          link.stream.on("error", () => undefined);
          arrived.push(link);
          wake();
        },
        onRefused: (reason) => void refused.push(reason),
        ...changes,
      });
      ends.push(() => listener.close());
      const dial = async (expectedKey = relay.publicKey): Promise<[near: Link, far: Link]> => {
        const near = await make(dialler).dial(listener.address, { expectedKey, deadlineMillis });
        near.stream.on("error", () => undefined);
        while (arrived.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const far = arrived.shift()!;
        ends.push(() => {
          near.stream.destroy();
          far.stream.destroy();
        });
        return [near, far];
      };
      return { relay, dialler, dial, refused, listener };
    }

    it("shows each end the other's key, and gives both the same secret, of this link and purpose alone", async () => {
      const { relay, dialler, dial } = await pair();
      const [near, far] = await dial();
      const [other] = await dial();
      expect([Buffer.from(near.peerKey), Buffer.from(far.peerKey)]).toEqual(
        [relay.publicKey, dialler.publicKey].map((key) => Buffer.from(key)),
      );
      const context = randomBytes(8);
      const secret = near.exportKey("one", context, 48);
      expect(secret.length).toBe(48);
      expect(far.exportKey("one", context, 48)).toEqual(secret);
      for (const another of [
        near.exportKey("two", context, 48),
        near.exportKey("one", randomBytes(8), 48),
        other.exportKey("one", context, 48),
      ]) {
        expect(another).not.toEqual(secret);
      }
    });

    it("dials nobody but whom it expects, and says why there is no link", async () => {
      const { dial, dialler, listener } = await pair();
      await expect(dial(dialler.publicKey)).rejects.toThrow("another key than was expected");
      await listener.close();
      await expect(dial()).rejects.toThrow(LinkFailure);
      await expect(dial()).rejects.toThrow("ECONNREFUSED");
    });

    it("takes no more links than it may", async () => {
      const { dial, refused } = await pair({ connectionsMax: 1 });
      await dial();
      await expect(dial()).rejects.toThrow(LinkFailure);
      expect(refused[0]).toContain("which is the most");
    });

    it("carries first words, a yes and a no", async () => {
      const { dial } = await pair();
      const terms = { chainId: "weir-test-1", deadlineMillis };
      const [near, far] = await dial();
      const yes = ask(near, { ping: {} }, terms);
      expect((await hear(far, terms)).ping).toEqual({});
      accept(far, { pingPort: 7 });
      expect((await yes).pingPort).toBe(7);
      const [again, there] = await dial();
      const no = refusalOf(ask(again, { ping: {} }, terms));
      await hear(there, terms);
      refuse(there, refusal(RefusalCode.REFUSAL_CODE_FULL, "no room", 5));
      expect(await no).toMatchObject({ code: RefusalCode.REFUSAL_CODE_FULL, message: "no room", retryMillis: 5 });
    });

    it("ends one direction by itself where that is wished, and both where it is not", async () => {
      const { dial } = await pair();
      const [near, far] = await dial();
      far.stream.allowHalfOpen = true;
      near.stream.allowHalfOpen = true;
      const heard = bytesOf(far.stream);
      near.stream.end("question");
      expect(String(await heard)).toBe("question");
      const back = bytesOf(near.stream);
      far.stream.end("answer");
      expect(String(await back)).toBe("answer");
      const [one, two] = await dial();
      two.stream.resume();
      const closed = once(two.stream, "close");
      one.stream.resume().end();
      await closed;
    });

    it("shows a break as an error, not as an end", async () => {
      const { dial } = await pair();
      const [near, far] = await dial();
      const broken = bytesOf(near.stream);
      far.reset();
      await expect(broken).rejects.toThrow("ECONNRESET");
      // At once, and with much on its way: it once took the process along.
      for (let count = 0; count < 10; count++) {
        const [one, other] = await dial();
        const closed = new Promise((resolve) => other.stream.resume().once("close", resolve));
        one.stream.write(Buffer.alloc(4 << 20));
        one.reset();
        await closed;
      }
    });

    it("holds back who writes faster than the other end reads", async () => {
      const { dial } = await pair();
      const [near, far] = await dial();
      far.stream.pause();
      const chunk = Buffer.alloc(1 << 20);
      let written = 0;
      while (near.stream.write(chunk) && written < 1000) written++;
      expect(written).toBeLessThan(1000);
      let received = 0;
      far.stream.on("data", (bytes: Buffer) => {
        received += bytes.length;
      });
      near.stream.end();
      far.stream.resume();
      await once(far.stream, "end");
      expect(received).toBe((written + 1) * chunk.length);
    });

    it("carries a measurement, whose false echo is found", async () => {
      const { dial } = await pair();
      const nonce = randomBytes(16);
      for (const isFalse of [false, true]) {
        const [near, far] = await dial();
        const over = new AbortController();
        if (isFalse) far.stream.pipe(far.stream);
        else void echo(far, nonce, { bytesMax: 1n << 40n });
        let bytes = 0;
        const onBytes = (more: number) => {
          bytes += more;
          if (bytes > 4 << 20) over.abort();
        };
        const measured = measureEcho(near, {
          seed: randomBytes(32),
          sessionNonce: nonce,
          onBytes,
          signal: over.signal,
          clock: systemClock,
        });
        if (isFalse) await expect(measured).rejects.toThrow(FalseEcho);
        else await measured;
      }
    });
  });
