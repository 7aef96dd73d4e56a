import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { VoucherStore } from "./voucherstore.ts";

const folders: string[] = [];
const folder = () => {
  const made = mkdtempSync(join(tmpdir(), "weir-vouchers-"));
  folders.push(made);
  return join(made, "vouchers");
};
afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true });
});

const uint64 = fc.bigInt(0n, (1n << 64n) - 1n);
const voucher = fc.record({
  bytes: uint64,
  amount: fc.bigInt(0n, (1n << 128n) - 1n),
  nonce: uint64,
  delivered: uint64,
  signature: fc.uint8Array({ minLength: 64, maxLength: 64 }).map((bytes) => Uint8Array.from(bytes)),
});

const child = join(import.meta.dirname, "../../test/helpers/voucherchild.ts");

/** Kills the process after it has said so many nonces; the last that it said. */
async function killedAfter(directory: string, first: bigint, count: number): Promise<bigint> {
  const running = spawn(process.execPath, [child, directory, String(first)], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(running, "exit");
  let last = 0n;
  let said = 0;
  for await (const line of createInterface({ input: running.stdout })) {
    last = BigInt(line);
    if (++said === count) running.kill("SIGKILL");
  }
  await exited;
  return last;
}

describe("the vouchers of a relay", () => {
  it("come back as they were kept, the last of each session, and not those that are forgotten", async () => {
    const directory = folder();
    let store = await VoucherStore.open(directory);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(uint64, voucher), { maxLength: 5 }), async (vouchers) => {
        const expected = await store.all();
        for (const [session, one] of vouchers) {
          await store.keep(session, one);
          expected.set(session, one);
        }
        await store.close();
        store = await VoucherStore.open(directory);
        expect(await store.all()).toEqual(expected);
        for (const session of expected.keys()) await store.forget(session);
        expect((await store.all()).size).toBe(0);
      }),
      { numRuns: 10 },
    );
    await store.close();
  });

  it("are all there that were said to be kept, however often the process is killed", async () => {
    const directory = folder();
    let next = 1n;
    for (const count of [1, 7, 30, 2]) {
      const last = await killedAfter(directory, next, count);
      expect(last).toBeGreaterThanOrEqual(next);
      const store = await VoucherStore.open(directory);
      const held = [...(await store.all()).values()];
      expect(held.some(({ nonce }) => nonce >= last)).toBe(true);
      for (const { nonce, amount, bytes } of held) expect([amount, bytes]).toEqual([nonce << 70n, nonce * 1000n]);
      await store.close();
      next = last + 2n;
    }
  });

  it("are refused where a bit of them has flipped, and where another process holds them", async () => {
    const directory = folder();
    const store = await VoucherStore.open(directory);
    // LevelDB would press together what repeats.
    const signature = Uint8Array.from(randomBytes(64));
    await store.keep(1n, { bytes: 1n, amount: 2n, nonce: 3n, delivered: 4n, signature });
    await expect(VoucherStore.open(directory)).rejects.toThrow("in use");
    await store.close();
    const again = await VoucherStore.open(directory);
    await again.close();
    const damaged = readdirSync(directory).filter((name) => flip(join(directory, name), signature));
    expect(damaged).not.toHaveLength(0);
    const read = async () => {
      const opened = await VoucherStore.open(directory);
      try {
        return await opened.all();
      } finally {
        await opened.close();
      }
    };
    await expect(read()).rejects.toThrow("damaged");
  });
});

/** Flips a bit in the voucher's signature, wherever it stands in a file. */
function flip(path: string, signature: Uint8Array): boolean {
  const bytes = readFileSync(path);
  const at = bytes.indexOf(signature.subarray(0, 20));
  if (at === -1) return false;
  bytes[at]! ^= 1;
  writeFileSync(path, bytes);
  return true;
}
