/** A daemon's transactions against a real node that is killed, cut off and lied about: each lands once or not at all, and nobody signs twice. */
import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ChainClient, ChainClientOptions } from "../../node/chain/chainclient.ts";
import { type AccountSigner, signerOf } from "../../node/chain/signer.ts";
import { memoryStore } from "../../node/daemon/store.ts";
import { balanceOf, clientOf, fundedSigner, sendMessage, testChainId } from "../helpers/daemonchain.ts";
import { type FaultyRpc, faultyRpc } from "../helpers/faultyrpc.ts";
import { startTestNode, type TestNode } from "../helpers/node.ts";

let node: TestNode;
let signer: AccountSigner;
const open: ChainClient[] = [];

beforeAll(async () => {
  node = await startTestNode();
  signer = await fundedSigner(0);
});
afterEach(async () => {
  for (const chain of open.splice(0)) await chain.close();
});
afterAll(() => node.remove());

function client(faulty: FaultyRpc, options: Partial<ChainClientOptions> = {}): ChainClient {
  const chain = clientOf([node.rpcUrl], { signer, open: faulty.open, ...options });
  open.push(chain);
  return chain;
}

/** Nobody else's, so that its balance says how often it was paid. */
const stranger = (): string => signerOf(Uint8Array.from(randomBytes(32))).address;
const distinct = (sent: readonly string[]): number => new Set(sent).size;

describe("a daemon's transaction", () => {
  it("lands, pays what its gas costs, and is answered again for the same purpose", async () => {
    const faulty = faultyRpc();
    const chain = client(faulty, { gasPrices: () => "0.025uweir" });
    const to = stranger();
    const before = await balanceOf(chain, signer.address);
    const first = await chain.submit([sendMessage(signer.address, to, 7n)], { purpose: "pay/1" });
    const again = await chain.submit([sendMessage(signer.address, to, 7n)], { purpose: "pay/1" });
    expect(again).toEqual(first);
    expect(first.responses).toHaveLength(1);
    expect(faulty.sent).toHaveLength(1);
    expect(await balanceOf(chain, to)).toBe(7n);
    const paid = before - (await balanceOf(chain, signer.address)) - 7n;
    expect(paid).toBeGreaterThan(1_000n);
    await chain.submit([sendMessage(signer.address, to, 1n)]);
    await chain.submit([sendMessage(signer.address, to, 1n)]);
    expect(await balanceOf(chain, to)).toBe(9n);
  });

  it("lands once where the answer is lost, or where it has to be sent again", async () => {
    const faulty = faultyRpc();
    const chain = client(faulty);
    const to = stranger();
    faulty.faults.push("answer lost");
    await chain.submit([sendMessage(signer.address, to, 5n)]);
    faulty.faults.push("not sent", "not sent", "answer lost");
    await chain.submit([sendMessage(signer.address, to, 5n)]);
    expect(distinct(faulty.sent)).toBe(2);
    expect(await balanceOf(chain, to)).toBe(10n);
  });

  it("that landed unheard is found, whatever nodes say when it is sent again", async () => {
    const faulty = faultyRpc();
    const chain = client(faulty);
    const to = stranger();
    faulty.faults.push("answer lost", "late", "late");
    await chain.submit([sendMessage(signer.address, to, 6n)]);
    expect(await balanceOf(chain, to)).toBe(6n);
  });

  it("that a killed daemon had signed is the one that the next start sends, whether a node had it or not", async () => {
    for (const fault of ["answer lost", "not sent"] as const) {
      const faulty = faultyRpc();
      const store = memoryStore();
      const to = stranger();
      const first = clientOf([node.rpcUrl], { signer, open: faulty.open, store });
      faulty.faults.push(fault);
      const lost = first.submit([sendMessage(signer.address, to, 3n)], { purpose: "pay" });
      const cut = lost.catch((error: unknown) => error);
      while (faulty.sent.length === 0) await new Promise((resolve) => setImmediate(resolve));
      faulty.isDown = true;
      await first.close();
      await cut;
      faulty.isDown = false;
      const second = client(faulty, { store });
      await second.submit([sendMessage(signer.address, to, 3n)], { purpose: "pay" });
      expect(distinct(faulty.sent)).toBe(1);
      expect(await balanceOf(second, to)).toBe(3n);
    }
  });

  it("that no block took by its last height is forgotten, and only then another is signed, with the same sequence", async () => {
    const faulty = faultyRpc();
    const chain = client(faulty);
    const to = stranger();
    faulty.faults.push(...new Array(50).fill("swallowed"));
    // This one alone: a quiet node makes three blocks faster than anybody signs and sends.
    const lost = chain.submit([sendMessage(signer.address, to, 2n)], { purpose: "pay", timeoutBlocks: 3n });
    await expect(lost).rejects.toMatchObject({ kind: "retry", message: expect.stringContaining("its last") });
    faulty.faults.length = 0;
    await chain.submit([sendMessage(signer.address, to, 2n)], { purpose: "pay" });
    expect(distinct(faulty.sent)).toBe(2);
    expect(await balanceOf(chain, to)).toBe(2n);
  });

  it("whose sequence another program takes says so, and can be submitted again", async () => {
    const faulty = faultyRpc();
    const chain = client(faulty);
    const to = stranger();
    faulty.faults.push(...new Array(50).fill("swallowed"));
    const lost = chain.submit([sendMessage(signer.address, to, 2n)], { purpose: "pay" });
    const outcome = expect(lost).rejects.toMatchObject({
      kind: "retry",
      message: expect.stringContaining("used elsewhere"),
    });
    while (faulty.sent.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await client(faultyRpc()).submit([sendMessage(signer.address, to, 1n)]);
    await outcome;
    faulty.faults.length = 0;
    await chain.submit([sendMessage(signer.address, to, 2n)], { purpose: "pay" });
    expect(await balanceOf(chain, to)).toBe(3n);
  });

  it("that the chain refuses is dropped with its words, and one that nobody can pay for says what to do", async () => {
    const faulty = faultyRpc();
    const chain = client(faulty);
    const tooMuch = chain.submit([sendMessage(signer.address, stranger(), 10n ** 30n)]);
    await expect(tooMuch).rejects.toThrow(`${signer.address} has too little: send it coins`);
    const poor = signerOf(Uint8Array.from(randomBytes(32)));
    const none = client(faulty, { signer: poor }).submit([sendMessage(poor.address, stranger(), 1n)]);
    await expect(none).rejects.toThrow(`${poor.address} has no account on this chain yet`);
    const wrong = chain.submit([sendMessage(stranger(), stranger(), 1n)]);
    await expect(wrong).rejects.toMatchObject({ kind: "drop" });
    expect(faulty.sent).toHaveLength(0);
    await expect(chain.submit([])).rejects.toMatchObject({ kind: "drop" });
  });

  it("is asked of the next node where one is off or of another chain, and of none where all are", async () => {
    const faulty = faultyRpc();
    const dead = "http://127.0.0.1:9";
    const to = stranger();
    const chain = clientOf([dead, node.rpcUrl], { signer, open: faulty.open });
    open.push(chain);
    await chain.submit([sendMessage(signer.address, to, 1n)]);
    expect(await balanceOf(chain, to)).toBe(1n);
    expect(chain.endpoints.find(({ url }) => url === dead)).toMatchObject({
      problem: expect.stringContaining("no node answers"),
    });
    const foreign = clientOf([node.rpcUrl], { signer, chainId: "other-1" });
    open.push(foreign);
    await expect(foreign.submit([sendMessage(signer.address, to, 1n)])).rejects.toMatchObject({ kind: "fatal" });
    await expect(foreign.submit([sendMessage(signer.address, to, 1n)])).rejects.toThrow(`of the chain ${testChainId}`);
  });
});

describe("a daemon whose chain restarts", () => {
  it("goes on where it was: blocks come again, and what it wanted to send lands", async () => {
    const rpcAddress = `tcp://127.0.0.1:${new URL(node.rpcUrl).port}`;
    const chain = client(faultyRpc());
    const heights: bigint[] = [];
    const seen = (least: bigint) =>
      new Promise<void>((resolve) => {
        const stop = chain.onBlock(({ height }) => {
          heights.push(height);
          if (height < least) return;
          stop();
          resolve();
        });
      });
    await seen(1n);
    await node.close();
    const to = stranger();
    const sending = chain.submit([sendMessage(signer.address, to, 4n)], { purpose: "through a restart" });
    const outcome = sending.catch((error: unknown) => error);
    const before = heights.at(-1)!;
    const restarted = await startTestNode({ home: node.home, rpcAddress });
    node = restarted;
    await seen(before + 3n);
    expect(heights).toEqual(heights.toSorted((a, b) => (a < b ? -1 : 1)));
    // Begun while nothing answered, it may have been given up: then nothing was signed.
    if ((await outcome) instanceof Error)
      await chain.submit([sendMessage(signer.address, to, 4n)], { purpose: "through a restart" });
    expect(await balanceOf(chain, to)).toBe(4n);
  });
});
