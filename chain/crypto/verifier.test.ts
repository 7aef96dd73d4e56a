/** Verifiers with and without workers give the same answers, whatever the workers do. */
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sha256 } from "./hash.ts";
import { JobRing, ringSlots } from "./jobring.ts";
import { checkDigest, positiveCache } from "./positives.ts";
import { generateKeyPair, sign } from "./sign.ts";
import type { SignatureCheck, SignatureVerifier } from "./types.ts";
import { inlineVerifier, verifySignature, type WorkerVerifier, workerVerifier } from "./verifier.ts";
import type { VerifyWorkerData } from "./verifyworker.ts";
import type { VerifyThread, WorkerVerifierOptions } from "./workerverifier.ts";

const keys = { secp256k1: generateKeyPair("secp256k1"), ed25519: generateKeyPair("ed25519") };

function goodCheck(number: number, scheme: SignatureCheck["scheme"] = "secp256k1", messageBytes = 100): SignatureCheck {
  const message = new Uint8Array(messageBytes);
  new DataView(message.buffer).setUint32(0, number);
  return { scheme, publicKey: keys[scheme].publicKey, signature: sign(keys[scheme], message), message };
}

const goodChecks = (count: number, from = 0): SignatureCheck[] =>
  Array.from({ length: count }, (_, i) => goodCheck(from + i));

const changed = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, i) => (i === at % bytes.length ? byte ^ 1 : byte));

/** A good check, or one of the ways to be bad. */
const someCheck = (): fc.Arbitrary<SignatureCheck> =>
  fc
    .record({
      number: fc.nat(40),
      scheme: fc.constantFrom("secp256k1" as const, "secp256k1" as const, "ed25519" as const),
      messageBytes: fc.constantFrom(4, 100, 300, 1943, 1944, 5000),
      spoil: fc.constantFrom(
        "none",
        "none",
        "none",
        "signature",
        "key",
        "message",
        "short",
        "long",
        "empty",
        "garbage",
      ),
      at: fc.nat(63),
      garbage: fc.uint8Array({ maxLength: 80 }),
    })
    .map(({ number, scheme, messageBytes, spoil, at, garbage }) => {
      const check = goodCheck(number, scheme, messageBytes);
      if (spoil === "signature") return { ...check, signature: changed(check.signature, at) };
      if (spoil === "key") return { ...check, publicKey: changed(check.publicKey, at) };
      if (spoil === "message") return { ...check, message: changed(check.message, at) };
      if (spoil === "short") return { ...check, signature: check.signature.subarray(0, at) };
      if (spoil === "long") return { ...check, signature: Uint8Array.of(...check.signature, 0) };
      if (spoil === "empty") return { ...check, publicKey: new Uint8Array(), signature: new Uint8Array() };
      if (spoil === "garbage") return { ...check, publicKey: garbage, signature: garbage };
      return check;
    });

const open: SignatureVerifier[] = [];
function workers(options: WorkerVerifierOptions): WorkerVerifier {
  const verifier = workerVerifier(options);
  open.push(verifier);
  return verifier;
}

afterEach(async () => {
  for (const verifier of open.splice(0)) await verifier.close();
});

const untilWorkersHaveVerified = (verifier: WorkerVerifier, count: number): Promise<void> =>
  vi.waitFor(() => expect(verifier.verifiedByWorkers()).toBeGreaterThanOrEqual(count), {
    timeout: 20_000,
    interval: 5,
  });

/** A thread of our own making on the same ring: it claims as a worker does and then behaves badly. */
function badThread(behave: (ring: JobRing) => void): {
  spawn: NonNullable<WorkerVerifierOptions["spawn"]>;
  act: () => void;
} {
  let ring: JobRing | undefined;
  return {
    spawn: ({ memory, thread }: VerifyWorkerData): VerifyThread => {
      ring = new JobRing(memory, thread);
      return { terminate: async () => undefined };
    },
    act: () => behave(ring!),
  };
}

describe("the inline verifier", () => {
  it("answers as a fresh check does, however often it is asked", () => {
    const verifier = inlineVerifier();
    const property = fc.property(fc.array(someCheck(), { maxLength: 8 }), (checks) => {
      for (const check of [...checks, ...checks]) expect(verifier.verify(check)).toBe(verifySignature(check));
    });
    fc.assert(property, { numRuns: 30 });
  });
});

describe("the verifier with workers", () => {
  it("answers as a fresh check does: prefetched or not, in order, skipped, repeated, or garbage", async () => {
    const verifier = workers({ workers: 2 });
    verifier.prefetch(goodChecks(4));
    await untilWorkersHaveVerified(verifier, 4);
    const batch = fc.array(fc.tuple(someCheck(), fc.constantFrom("ask", "ask", "ask", "skip", "ask twice", "copy")), {
      maxLength: 30,
    });
    const property = fc.property(batch, someCheck(), (asked, other) => {
      verifier.prefetch(asked.map(([check]) => check));
      for (const [check, how] of asked) {
        if (how === "skip") continue;
        const again =
          how === "copy" ? { ...check, message: check.message.slice(), signature: check.signature.slice() } : check;
        expect(verifier.verify(again)).toBe(verifySignature(check));
        if (how === "ask twice") expect(verifier.verify(check)).toBe(verifySignature(check));
      }
      expect(verifier.verify(other)).toBe(verifySignature(other));
    });
    fc.assert(property, { numRuns: 30 });
  });

  it("takes no answer for a check that differs from the prefetched one", async () => {
    const verifier = workers({ workers: 1 });
    for (const part of ["message", "publicKey", "signature"] as const) {
      const check = goodCheck(1);
      verifier.prefetch([check]);
      await untilWorkersHaveVerified(verifier, 1);
      expect(verifier.verify({ ...check, [part]: changed(check[part], 2) })).toBe(false);
      expect(verifier.verify({ ...check, scheme: "ed25519" })).toBe(false);
      expect(verifier.verify(check)).toBe(true);
    }
  });

  it("lets workers do the work", async () => {
    const verifier = workers({ workers: 1 });
    const checks = goodChecks(50);
    verifier.prefetch(checks);
    await untilWorkersHaveVerified(verifier, 50);
    for (const check of checks) expect(verifier.verify(check)).toBe(true);
  });

  it("verifies a batch larger than the ring", async () => {
    const verifier = workers({ workers: 1 });
    const good = goodChecks(8);
    const bad = { ...good[0]!, message: new Uint8Array(1) };
    const checks = Array.from({ length: ringSlots + 3000 }, (_, i) => (i % 1000 === 999 ? bad : good[i % 8]!));
    verifier.prefetch(checks);
    for (const [i, check] of checks.entries()) expect(verifier.verify(check)).toBe(i % 1000 !== 999);
  });

  it("verifies a batch that grows while it is asked for", async () => {
    const verifier = workers({ workers: 1 });
    const good = goodChecks(900);
    const checks = good.map((check, i) => (i % 7 === 3 ? { ...check, signature: changed(check.signature, i) } : check));
    verifier.prefetch([]);
    for (let start = 0; start < checks.length; start += 100) {
      verifier.prefetchMore(checks.slice(start, start + 100));
      for (let i = Math.max(0, start - 50); i < start + 50; i++) expect(verifier.verify(checks[i]!)).toBe(i % 7 !== 3);
    }
  });

  it("lets workers do the work of what was prefetched later", async () => {
    const verifier = workers({ workers: 1 });
    const checks = goodChecks(60);
    verifier.prefetch(checks.slice(0, 20));
    verifier.prefetchMore(checks.slice(20));
    await untilWorkersHaveVerified(verifier, 60);
    for (const check of checks) expect(verifier.verify(check)).toBe(true);
    expect(verifier.verifiedByWorkers()).toBe(60);
  });

  it("collects the answers of batches that are asked for in turns", () => {
    // A thread whose answer is known from ours.
    const { spawn, act } = badThread((ring) => {
      for (let slot = ring.take(); slot >= 0; slot = ring.take()) ring.finish(slot, false);
    });
    const verifier = workers({ workers: 1, spawn });
    const batches = [goodChecks(5), goodChecks(5, 10), goodChecks(5, 20)];
    for (const batch of batches) verifier.prefetchBeside(batch);
    act();
    for (let i = 0; i < 5; i++) for (const batch of batches) expect(verifier.verify(batch[i]!)).toBe(false);
    expect(verifier.verify(goodCheck(0))).toBe(true);
  });

  it("answers as a fresh check does for more batches side by side than it remembers, none of them asked for to its end", () => {
    const verifier = workers({ workers: 1 });
    const isBad = (number: number) => number % 7 === 3;
    const batches = Array.from({ length: 100 }, (_, batch) =>
      goodChecks(60, 100 * batch).map((check, i) =>
        isBad(i) ? { ...check, signature: changed(check.signature, i) } : check,
      ),
    );
    for (const [index, batch] of batches.entries()) {
      verifier.prefetchBeside(batch);
      for (const earlier of batches.slice(Math.max(0, index - 40), index + 1)) {
        const i = (index * 13) % 50;
        expect(verifier.verify(earlier[i]!)).toBe(!isBad(i));
      }
    }
  });

  it("forgets a batch when the next one comes", async () => {
    const verifier = workers({ workers: 1 });
    for (let round = 0; round < 30; round++) {
      const checks = goodChecks(200, 1000 * round).map((check, i) =>
        i % 7 === 3 ? { ...check, signature: changed(check.signature, i) } : check,
      );
      verifier.prefetch(checks);
      for (let i = 0; i < 10; i++) expect(verifier.verify(checks[i]!)).toBe(i % 7 !== 3);
    }
  });

  it("loses nothing when its workers are killed in the middle", async () => {
    const spawned: Worker[] = [];
    const lost = vi.fn();
    const spawn: WorkerVerifierOptions["spawn"] = (data, tell) => {
      const worker = new Worker(new URL("./verifyworker.ts", import.meta.url), { workerData: data, execArgv: [] });
      worker.on("exit", () => tell("killed"));
      spawned.push(worker);
      return worker;
    };
    const verifier = workers({ workers: 2, spawn, onWorkerLost: lost });
    const checks = goodChecks(600).map((check, i) =>
      i % 5 === 4 ? { ...check, message: changed(check.message, i) } : check,
    );
    verifier.prefetch(checks);
    await untilWorkersHaveVerified(verifier, 20);
    const ends = spawned.map((worker) => worker.terminate());
    for (const [i, check] of checks.entries()) expect(verifier.verify(check)).toBe(i % 5 !== 4);
    await Promise.all(ends);
    await vi.waitFor(() => expect(lost).toHaveBeenCalledTimes(2));

    verifier.prefetch(checks);
    for (const [i, check] of checks.entries()) expect(verifier.verify(check)).toBe(i % 5 !== 4);
  });

  it("does not wait for a worker that claimed a job and died", () => {
    const { spawn, act } = badThread((ring) => ring.take());
    const verifier = workers({ workers: 1, spawn });
    const checks = goodChecks(3);
    verifier.prefetch(checks);
    act();
    for (const check of checks) expect(verifier.verify(check)).toBe(true);
    // It is known to be stalled now: its next claims are passed over at once.
    const wait = vi.spyOn(Atomics, "wait");
    for (let round = 0; round < 10; round++) {
      const more = goodChecks(1, 10 + round);
      verifier.prefetch(more);
      act();
      expect(verifier.verify(more[0]!)).toBe(true);
    }
    expect(wait).not.toHaveBeenCalled();
    wait.mockRestore();
  });

  it("drops the answer of a worker that comes too late, also when its slot holds another job", () => {
    let claimed = -1;
    const { spawn, act } = badThread((ring) => {
      if (claimed < 0) {
        claimed = ring.take();
        return;
      }
      ring.digest(claimed).fill(7);
      ring.finish(claimed, true);
    });
    const verifier = workers({ workers: 1, spawn });
    verifier.prefetch([goodCheck(0)]);
    act();
    // The next batch goes once round the ring: its last check, a bad one, lies where the claimed job lay.
    const bad = { ...goodCheck(1), message: new Uint8Array(1) };
    verifier.prefetch([...new Array<SignatureCheck>(ringSlots - 1).fill(goodCheck(2)), bad]);
    act();
    expect(verifier.verify(bad)).toBe(false);
    expect(verifier.verify(bad)).toBe(false);
  });

  it("says that a worker failed, and goes on without", async () => {
    const lost = vi.fn();
    const spawn: WorkerVerifierOptions["spawn"] = (data, tell) => {
      const worker = new Worker(new URL("./verifyworker.ts", import.meta.url), {
        workerData: { ...data, verifierInUse: "another" },
        execArgv: [],
      });
      worker.on("error", (error) => tell((error as Error).message));
      return worker;
    };
    const verifier = workers({ workers: 1, spawn, onWorkerLost: lost });
    await vi.waitFor(() => expect(lost).toHaveBeenCalledTimes(1), { timeout: 20_000 });
    expect(lost.mock.calls[0]![0]).toMatch(/this thread verifies by .*, the executing thread by another/);
    const checks = goodChecks(3);
    verifier.prefetch(checks);
    for (const check of checks) expect(verifier.verify(check)).toBe(true);
  });

  it("answers after it was closed, and ends its threads", async () => {
    const verifier = workers({ workers: 2 });
    verifier.prefetch(goodChecks(10));
    await verifier.close();
    const checks = goodChecks(3);
    verifier.prefetch(checks);
    for (const check of checks) expect(verifier.verify(check)).toBe(true);
  });

  it("refuses a number of workers that it cannot have", () => {
    for (const count of [-1, 17, 1.5, Number.NaN])
      expect(() => workerVerifier({ workers: count })).toThrow("give a whole number from 0 to 16");
  });
});

describe("the cache of positives", () => {
  it("knows exactly what was added", () => {
    const cache = positiveCache();
    const checks = goodChecks(20);
    for (const check of checks) expect(cache.has(check)).toBe(false);
    for (const check of checks) cache.add(check);
    for (const check of checks) expect(cache.has(check)).toBe(true);
  });

  it("binds scheme, key, signature and message", () => {
    const cache = positiveCache();
    const check = goodCheck(1);
    cache.add(check);
    expect(cache.has({ ...check, scheme: "ed25519" })).toBe(false);
    for (let at = 0; at < 100; at++) {
      expect(cache.has({ ...check, publicKey: changed(check.publicKey, at) })).toBe(false);
      expect(cache.has({ ...check, signature: changed(check.signature, at) })).toBe(false);
      expect(cache.has({ ...check, message: changed(check.message, at) })).toBe(false);
    }
    const moved = Uint8Array.of(...check.signature.subarray(0, 63));
    expect(
      cache.has({ ...check, signature: moved, message: Uint8Array.of(check.signature[63]!, ...check.message) }),
    ).toBe(false);
  });

  it("tells two checks apart that share a signature", () => {
    const cache = positiveCache();
    const check = goodCheck(1);
    const other = { ...check, message: new Uint8Array(9) };
    cache.add(check);
    cache.add(other);
    expect(cache.has(other)).toBe(true);
    expect(cache.has({ ...check, message: new Uint8Array(8) })).toBe(false);
  });

  it("is bounded: the newest stay", () => {
    const cache = positiveCache(1);
    const checks = goodChecks(5);
    for (const check of checks) cache.add(check);
    expect(checks.map((check) => cache.has(check))).toEqual([false, false, false, true, true]);
  });

  it("digests long and short messages alike", () => {
    for (const length of [0, 1, 4000, 5000, 100_000, 3]) {
      const check = { ...goodCheck(1), message: new Uint8Array(length) };
      const all = Uint8Array.of(1, ...check.publicKey, ...check.signature, ...check.message);
      expect(checkDigest(check)).toEqual(sha256(all));
    }
  });
});
