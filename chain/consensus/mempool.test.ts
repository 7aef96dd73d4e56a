import { describe, expect, it } from "vitest";
import type { ExecTxResult, RequestCheckTx, ResponseCheckTx } from "../../proto/gen/tendermint/abci/types.ts";
import { defaultMempoolOptions, Mempool, type MempoolOptions } from "./mempool.ts";

const tx = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const texts = (txs: readonly Uint8Array[]): string[] => txs.map((bytes) => Buffer.from(bytes).toString());

const answer = (code: number): ResponseCheckTx => ({
  code,
  data: new Uint8Array(),
  log: "",
  info: "",
  gasWanted: 10n,
  gasUsed: 0n,
  events: [],
  codespace: "",
});

function pool(options: Partial<MempoolOptions> = {}, check: (text: string, type: number) => number = () => 0) {
  const checked: string[] = [];
  const app = {
    checkTx: ({ tx: bytes, type }: RequestCheckTx) => {
      const text = Buffer.from(bytes).toString();
      checked.push(`${type === 1 ? "again " : ""}${text}`);
      return answer(check(text, type));
    },
  };
  return { mempool: new Mempool(app, { ...defaultMempoolOptions, ...options }), checked };
}

const result = (code: number): ExecTxResult => ({ ...answer(code) });

async function update(mempool: Mempool, height: bigint, txs: readonly string[], codes: readonly number[] = []) {
  await mempool.lock();
  await mempool.update(
    height,
    txs.map(tx),
    txs.map((_, i) => result(codes[i] ?? 0)),
  );
  mempool.unlock();
}

describe("the mempool", () => {
  it("keeps what the application takes, in the order it came, and counts bytes", async () => {
    const { mempool } = pool({}, (text) => (text === "bad" ? 7 : 0));
    for (const text of ["one", "bad", "three"]) await mempool.check(tx(text));
    expect(texts(mempool.first(10))).toEqual(["one", "three"]);
    expect([mempool.size, mempool.bytes]).toEqual([2, 8]);
    expect(texts(mempool.first(1))).toEqual(["one"]);
  });

  it("knows what it has seen, and asks again about what was refused", async () => {
    const { mempool, checked } = pool({}, (text) => (text === "bad" ? 7 : 0));
    await mempool.check(tx("a"));
    await expect(mempool.check(tx("a"))).rejects.toThrow("tx already exists in cache");
    await mempool.check(tx("bad"));
    await mempool.check(tx("bad"));
    expect(checked).toEqual(["a", "bad", "bad"]);
    await update(mempool, 1n, ["a"]);
    await expect(mempool.check(tx("a"))).rejects.toThrow("tx already exists in cache");
    await update(mempool, 2n, ["a"], [5]);
    await mempool.check(tx("a"));
  });

  it("forgets the oldest hash beyond its cache", async () => {
    const { mempool } = pool({ cacheMax: 2 });
    for (const text of ["a", "b", "c"]) await mempool.check(tx(text));
    await update(mempool, 1n, ["a"]);
    await update(mempool, 2n, ["b", "c"]);
    await expect(mempool.check(tx("c"))).rejects.toThrow("tx already exists in cache");
    await expect(mempool.check(tx("a"))).resolves.toMatchObject({ code: 0 });
  });

  it("refuses by count, by bytes and by size, in CometBFT's words", async () => {
    const { mempool } = pool({ transactionsMax: 2, bytesMax: 100, txBytesMax: 10 });
    await expect(mempool.check(tx("x".repeat(11)))).rejects.toThrow("Tx too large. Max size is 10, but got 11");
    await mempool.check(tx("a"));
    await mempool.check(tx("b"));
    await expect(mempool.check(tx("c"))).rejects.toThrow(
      "mempool is full: number of txs 2 (max: 2), total txs bytes 2 (max: 100)",
    );
    const narrow = pool({ bytesMax: 5 }).mempool;
    await narrow.check(tx("abcd"));
    await expect(narrow.check(tx("ef"))).rejects.toThrow("total txs bytes 4 (max: 5)");
  });

  it("reaps as many as fit by bytes and by gas, never beyond the first that does not", async () => {
    const { mempool } = pool();
    for (const text of ["aaaa", "bbbbbbbbbb", "c"]) await mempool.check(tx(text));
    // Each takes two bytes more in a block: tag and length.
    expect(texts(mempool.reap(6n, -1n))).toEqual(["aaaa"]);
    expect(texts(mempool.reap(17n, -1n))).toEqual(["aaaa"]);
    expect(texts(mempool.reap(18n, -1n))).toEqual(["aaaa", "bbbbbbbbbb"]);
    expect(texts(mempool.reap(-1n, 29n))).toEqual(["aaaa", "bbbbbbbbbb"]);
    expect(texts(mempool.reap(-1n, -1n))).toHaveLength(3);
  });

  it("refuses what no block can hold, and drops it when blocks become smaller", async () => {
    const { mempool } = pool();
    mempool.fitInto(8n);
    await expect(mempool.check(tx("sevenby"))).rejects.toThrow("tx pre check: tx size is too big: 9, max: 8");
    await mempool.check(tx("sixbyt"));
    await mempool.check(tx("one"));
    expect(texts(mempool.reap(8n, -1n))).toEqual(["sixbyt"]);
    mempool.fitInto(7n);
    expect(texts(mempool.reap(7n, -1n))).toEqual(["one"]);
    expect([mempool.size, mempool.bytes]).toEqual([1, 3]);
  });

  it("checks the rest again after a block and drops what no longer holds", async () => {
    const { mempool, checked } = pool({}, (text, type) => (type === 1 && text === "b" ? 5 : 0));
    for (const text of ["a", "b", "c"]) await mempool.check(tx(text));
    await update(mempool, 1n, ["a"]);
    expect(checked.slice(3)).toEqual(["again b", "again c"]);
    expect(texts(mempool.first(10))).toEqual(["c"]);
    await mempool.check(tx("b"));
    expect(mempool.bytes).toBe(2);
  });

  it("drops what has waited too many blocks", async () => {
    const { mempool } = pool({ blocksToLive: 2 });
    await mempool.check(tx("old"));
    await update(mempool, 1n, []);
    await mempool.check(tx("new"));
    await update(mempool, 2n, []);
    expect(texts(mempool.first(10))).toEqual(["new"]);
  });

  it("holds checks back while a block is committed, and waits for those under way", async () => {
    const order: string[] = [];
    const { promise, resolve } = Promise.withResolvers<ResponseCheckTx>();
    const app = {
      checkTx: ({ tx: bytes }: RequestCheckTx) => {
        order.push(`check ${Buffer.from(bytes)}`);
        return Buffer.from(bytes).toString() === "slow" ? promise : answer(0);
      },
    };
    const mempool = new Mempool(app, defaultMempoolOptions);
    const slow = mempool.check(tx("slow"));
    const locked = mempool.lock().then(() => order.push("locked"));
    const held = mempool.check(tx("held")).then(() => order.push("held"));
    resolve(answer(0));
    await slow;
    await locked;
    expect(order).toEqual(["check slow", "locked"]);
    mempool.unlock();
    await held;
    expect(order).toEqual(["check slow", "locked", "check held", "held"]);
  });

  it("fails one check when the application fails, and remembers nothing of it", async () => {
    let isBroken = true;
    const { mempool } = pool({}, () => {
      if (isBroken) throw new Error("a defect");
      return 0;
    });
    await expect(mempool.check(tx("a"))).rejects.toThrow("a defect");
    isBroken = false;
    await expect(mempool.check(tx("a"))).resolves.toMatchObject({ code: 0 });
  });
});
