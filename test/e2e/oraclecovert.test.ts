/** An oracle that comes as a buyer, to a real relay over real sockets, on a real chain. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { silentLog } from "../../chain/log.ts";
import { ClientStore } from "../../node/client/store.ts";
import { systemClock } from "../../node/clock.ts";
import { defaultsOf } from "../../node/daemon/settings.ts";
import { memoryStore } from "../../node/daemon/store.ts";
import { CovertBuyer, codesOf } from "../../node/oracle/covert.ts";
import { oracleSchema } from "../../node/oracle/settings.ts";
import { kinds } from "../../node/oracle/work.ts";
import { tlsTransport } from "../../node/transport/tls.ts";
import { buyingScene, type Scene, sceneChainId, senderAt } from "../helpers/buyingscene.ts";

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const content = Buffer.alloc(32 << 20, "what buyers fetch ");

async function webServer(): Promise<string> {
  const server = createServer((_, response) => response.end(content));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/large`;
}

async function buyerIn(scene: Scene, codes: number, urls: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "weir-covert-"));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const codesFile = join(folder, "codes.txt");
  const bought = await Promise.all(Array.from({ length: codes }, () => scene.code(1_000_000n)));
  writeFileSync(codesFile, `# bought\n${bought.join("\n")}\n`);
  const store = memoryStore();
  const { chain } = senderAt(scene.node, store);
  const settings = {
    ...defaultsOf(oracleSchema),
    allowPrivateAddresses: true,
    covert: { ...defaultsOf(oracleSchema).covert, urls, codesFile },
  };
  const wallMillis = () => Date.now();
  const vrfSeed = new Uint8Array(32).fill(7);
  const buyer = await CovertBuyer.open({
    settings,
    chain,
    store,
    vrfSeed,
    clock: systemClock,
    wallMillis,
    log: silentLog,
  });
  ends.push(async () => {
    await buyer!.stop();
    await chain.close();
  });
  return { buyer: buyer!, kept: new ClientStore(store), chain };
}

function actOn(scene: Scene, index: number, millis = 20_000) {
  const { party, port } = scene.relays[index] ?? { party: scene.node.relays[index]!, port: 1 };
  const target = { endpoints: [`127.0.0.1:${port}`], transportKey: party.identity.publicKey };
  const base = { relay: party.id, kind: kinds.covert, claimBps: 1n, checksAtMillis: [], time: undefined };
  return { do: "measure", epoch: 1n, duty: { ...base, target }, untilMillis: Date.now() + millis } as const;
}

const talkOf = (scene: Scene) => ({
  transport: tlsTransport(scene.node.oracles[0]!.identity),
  chainId: sceneChainId,
  dialMillisMax: 5_000,
  allowsPrivate: true,
});

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
};

const epochMillis = 20_000;

describe("an oracle that comes as a buyer", { timeout: 180_000 }, () => {
  it("reads what a session gives, from a wallet for each, and takes back what is left", async () => {
    const scene = await buyingScene({ relays: 2 });
    ends.push(() => scene.end());
    const { buyer, kept } = await buyerIn(scene, 2, [await webServer()]);
    await until(async () => (await kept.wallets()).filter(({ state }) => state === "ready").length === 2);
    const begun = BigInt(Date.now());
    for (const index of [0, 1]) {
      const reading = await buyer.read(actOn(scene, index), talkOf(scene), epochMillis);
      expect(reading.failure).toBe("");
      expect(reading.measuredBps).toBeGreaterThan(0n);
      expect(reading.bytes).toBeGreaterThan(0n);
      expect(reading.startMillis).toBeGreaterThanOrEqual(begun);
      expect([...reading.observedAddress]).toEqual([127, 0, 0, 1]);
      // Nothing of it tells the relay that it was looked at.
      expect(reading.relaySignature).toHaveLength(0);
    }
    const sessions = await kept.sessions();
    expect(new Set(sessions.map(({ wallet }) => wallet)).size).toBe(2);
    await until(async () => (await kept.sessions()).every(({ state }) => state === "closed"));
    for (const { refunded, locked } of await kept.sessions()) {
      expect(refunded).toBeGreaterThan(0n);
      expect(refunded).toBeLessThan(locked);
    }
  });

  it("signs a zero of a relay that sells a session and is not there, and nothing of one that it cannot pay", async () => {
    const scene = await buyingScene({ relays: 2, running: 1 });
    ends.push(() => scene.end());
    const { buyer, kept } = await buyerIn(scene, 1, [await webServer()]);
    await until(async () => (await kept.wallets()).some(({ state }) => state === "ready"));
    const absent = await buyer.read(actOn(scene, 1), talkOf(scene), epochMillis);
    expect(absent).toMatchObject({ measuredBps: 0n, bytes: 0n, durationMillis: 0 });
    expect(absent.failure).toContain("is not there");
    const poor = await buyerIn(scene, 0, [await webServer()]);
    await expect(poor.buyer.read(actOn(scene, 0), talkOf(scene), epochMillis)).rejects.toThrow("add top-up codes");
  });

  it("says nothing of a relay through which one place alone does not answer", async () => {
    const scene = await buyingScene({ relays: 1 });
    ends.push(() => scene.end());
    const { buyer, kept } = await buyerIn(scene, 1, ["http://127.0.0.1:1/nobody"]);
    await until(async () => (await kept.wallets()).some(({ state }) => state === "ready"));
    await expect(buyer.read(actOn(scene, 0), talkOf(scene), epochMillis)).rejects.toThrow("does not carry there");
  });

  it("reads codes line by line", () => {
    expect(codesOf("# ten\n\n weir-a \nweir-b\n")).toEqual(["weir-a", "weir-b"]);
  });
});
