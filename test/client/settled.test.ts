import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Log } from "../../chain/log.ts";
import { closeChannel, sessionOf } from "../../node/client/channels.ts";
import { defaultsOf } from "../../node/daemon/settings.ts";
import { relaySchema } from "../../node/relay/settings.ts";
import { type Buyer, buyingScene, type Scene, type SceneRelay } from "../helpers/buyingscene.ts";

const run = promisify(execFile);
const timeout = 120_000;
const body = randomBytes(2 << 20);
/** A voucher pays for a fee only where nobody would lose it otherwise. */
const dear = { ...defaultsOf(relaySchema).settle, feePerVoucherMicros: 1n, epochsMax: 90 };

let scene: Scene;
let web: Server;
let port = 0;
let relay: SceneRelay;
const lines: string[] = [];

beforeAll(async () => {
  const write = (...words: unknown[]) =>
    void lines.push(JSON.stringify(words, (_key, value) => (typeof value === "bigint" ? `${value}` : value)));
  const log: Log = { debug: write, info: write, warn: write, error: write };
  scene = await buyingScene({ relays: 1, running: 0, epochSeconds: 4 });
  relay = await scene.startRelay(0, {}, log);
  web = createServer((_request, response) => response.end(body));
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  port = (web.address() as AddressInfo).port;
}, timeout);

afterAll(async () => {
  web.close();
  await scene.end();
}, timeout);

async function bought(buyer: Buyer, path: string) {
  const client = await buyer.connect();
  const proxy = `127.0.0.1:${client.address.port}`;
  const url = `http://localhost:${port}/${path}`;
  const { stdout } = await run("curl", ["-sS", "--max-time", "30", "--socks5-hostname", proxy, url], {
    encoding: "buffer",
    maxBuffer: 1 << 24,
  });
  expect(stdout.equals(body)).toBe(true);
  return client;
}

/** What the chain has settled, once it is so much. */
async function settledOf(id: bigint, bytesMin = 1) {
  for (;;) {
    const session = await sessionOf(scene.sender.chain, id);
    if (session === undefined) throw new Error(`session ${id} ended without a voucher`);
    if (session.bytes >= BigInt(bytesMin)) return session;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The relay has a voucher that is not settled. */
async function holding(): Promise<void> {
  while ((relay.relay.status().unsettled as unknown[]).length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

describe("a relay that was paid", { timeout }, () => {
  it("settles with the epoch, its own count beside its client's, and keeps nothing of where it carried to", async () => {
    const buyer = await scene.buyer(1_000_000n);
    const client = await bought(buyer, "marker-path");
    const { record } = await buyer.saw("opened");
    const session = await settledOf(record.id, body.length);
    expect(session.deliveredBytes).toBeGreaterThanOrEqual(BigInt(body.length));
    const kept = [
      ...filesOf(relay.directory).map((file) => readFileSync(file).toString("latin1")),
      ...lines,
      JSON.stringify(relay.relay.status(), (_key, value) => (typeof value === "bigint" ? `${value}` : value)),
    ];
    expect(kept.length).toBeGreaterThan(4);
    const marks = [/localhost/, new RegExp(`\\b${port}\\b`), /marker-path/];
    for (const text of kept) for (const mark of marks) expect(text).not.toMatch(mark);
    await client.leave();
  });

  it("notices that its client closed without it, and brings the higher voucher before the window is over", async () => {
    const defaults = defaultsOf(relaySchema);
    const exit = { ...defaults.exit, policy: "all" } as const;
    relay.relay.reload({ ...defaults, allowPrivateAddresses: true, exit, lowerClaim: false, settle: dear });
    const buyer = await scene.buyer(1_000_000n);
    const client = await bought(buyer, "second");
    const { record } = await buyer.saw("opened");
    await holding();
    const [wallet] = await buyer.store.wallets();
    const { endsEpoch } = await closeChannel(buyer.purse, buyer.store, wallet!, record, new Uint8Array(0));
    expect(endsEpoch).toBeGreaterThan(0n);
    expect((await settledOf(record.id)).isClosing).toBe(true);
    await client.leave();
  });
});
