/** A client and its relay that are killed at their durable writes while traffic is paid for: nothing is paid twice, and nothing earned is lost. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, it } from "vitest";
import { asArray, asObject } from "../../chain/consensus/json.ts";
import { NodeClient } from "../../node/chain/nodeclient.ts";
import { inWallet } from "../../node/client/accounts.ts";
import { ClientStore, type SessionRecord } from "../../node/client/store.ts";
import { openStore } from "../../node/daemon/store.ts";
import { QueryRelayRequest, QueryRelayResponse } from "../../proto/gen/weir/attestation/v1/query.ts";
import { buyingScene, sceneChainId } from "../helpers/buyingscene.ts";
import { Killer, untilBlock } from "../helpers/killer.ts";
import { seededRandom } from "../helpers/random.ts";

const seed = Number(process.env.WEIR_KILL_SEED ?? 1);
const killsWanted = Number(process.env.WEIR_KILLS ?? 6);
/** A start takes seconds on a busy machine, and a life ends by the next one. */
const timeout = 240_000 + killsWanted * 10_000;
const amount = 1_000_000n;
/** What is left in the code's account for the wallet to be one. */
const dust = 1n;

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const run = promisify(execFile);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Of a million bytes, so that each costs some vouchers; whether it came whole. */
async function webServer(): Promise<{ url: string; get(proxyPort: number): Promise<boolean> }> {
  const body = randomBytes(1 << 20);
  const server = createServer((_, response) => response.end(body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    async get(proxyPort) {
      try {
        const args = ["-sS", "--max-time", "15", "--socks5-hostname", `127.0.0.1:${proxyPort}`, url];
        const { stdout } = await run("curl", args, { encoding: "buffer", maxBuffer: 1 << 24 });
        return stdout.equals(body);
      } catch {
        // Whoever carried it was killed.
        return false;
      }
    },
  };
}

/** Where the genesis has the relay. */
async function portOf(client: NodeClient): Promise<number> {
  const data = QueryRelayRequest.encode({ relay: "1" }).finish();
  const { value } = await client.abciQuery({ path: "/weir.attestation.v1.Query/Relay", data });
  const [endpoint = ""] = QueryRelayResponse.decode(value).relay?.relay?.terms[0]?.endpoints ?? [];
  return Number(endpoint.split(":")[1]);
}

/** What the chain told of sessions, since its first block. */
async function sessionsTold(client: NodeClient) {
  const opened = new Set<string>();
  const closed = new Set<string>();
  const paid = new Map<string, bigint>();
  const last = await client.height();
  for (let height = 1n; height <= last; height++) {
    const results = await client.rpc.call("block_results", { height: `${height}` });
    const txs = asArray(results.txs_results ?? [], "txs_results").map((one) => asObject(one, "result"));
    const lists = [...txs.map(({ events }) => events), results.finalize_block_events];
    for (const event of lists.flatMap((list) => asArray(list ?? [], "events"))) {
      const { type, attributes } = asObject(event, "event");
      const pairs = asArray(attributes ?? [], "attributes").map((one) => asObject(one, "attribute"));
      const fields = new Map(pairs.map(({ key, value }) => [String(key), String(value)]));
      const session = fields.get("session") ?? "";
      if (type === "session_opened") opened.add(session);
      if (type === "session_closed") closed.add(session);
      if (type !== "voucher_settled") continue;
      paid.set(session, (paid.get(session) ?? 0n) + BigInt(fields.get("paid")!.replace(/\D+$/, "") || "0"));
    }
  }
  return { opened, closed, paid };
}

/** A node, a relay and a client of one code, both to be killed; what the client's proxy brings. */
async function scene() {
  const market = await buyingScene({ relays: 1, running: 0, epochSeconds: 10, blockMillis: 150 });
  ends.push(() => market.end());
  const folder = mkdtempSync(join(tmpdir(), "weir-killed-"));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const web = await webServer();
  const { privateKey, identity } = market.node.relays[0]!;
  const node = new NodeClient(market.node.rpcUrl);
  const shared = { chainId: sceneChainId, rpcUrl: market.node.rpcUrl, port: await portOf(node) };
  const relaySecrets = { account: hex(privateKey), transport: hex(identity.seed), vrf: "" };
  const clientSecrets = { account: "", transport: hex(randomBytes(32)), vrf: "" };
  const code = await market.code(amount);
  let proxyPort = 0;
  const relay = new Killer(
    { ...shared, daemon: "relay", directory: join(folder, "relay"), code: "", secrets: relaySecrets },
    seededRandom(seed * 10),
  );
  const client = new Killer(
    { ...shared, daemon: "client", directory: join(folder, "client"), code, secrets: clientSecrets },
    seededRandom(seed * 10 + 1),
    ({ says, port = 0 }) => {
      if (says === "proxy") proxyPort = port;
    },
  );
  for (const killer of [relay, client]) ends.push(() => killer.end());
  const download = async () => proxyPort > 0 && (await web.get(proxyPort));
  const problems = () => [...relay.problems, ...client.problems];
  const until = (condition: () => Promise<boolean>) =>
    untilBlock(market.node, async () => problems().length > 0 || (await condition()));
  return { market, node, folder, relay, client, download, problems, until };
}

/** What the client has on disk. */
async function recordsIn(folder: string) {
  const kept = await openStore(join(folder, "client", "client"), { daemon: "client", chainId: sceneChainId });
  const store = new ClientStore(kept);
  const [sessions, wallets] = [await store.sessions(), await store.wallets()];
  await kept.close();
  return { sessions, wallets };
}

it("pays once for what was carried, over kill -9 of either end at any durable write", { timeout }, async () => {
  const { market, node, folder, relay, client, download, problems, until } = await scene();
  relay.start();
  client.start();
  await until(async () => {
    await download();
    return relay.killCount + client.killCount >= killsWanted;
  });
  relay.spare();
  client.spare();
  let whole = 0;
  await until(async () => {
    if (await download()) whole += 1;
    return whole >= 3;
  });
  await client.stop();
  expect(problems()).toEqual([]);

  const { sessions, wallets } = await recordsIn(folder);
  const { opened, closed, paid } = await sessionsTold(node);
  // No session that was paid for is unknown, and none was opened twice; nor was the code taken over twice.
  expect(sessions.map(({ id }) => `${id}`).toSorted()).toEqual([...opened].toSorted());
  expect(wallets).toHaveLength(1);
  // All of it is in the wallet, with the relay, or locked in a session that its client closed alone.
  const paidFor = ({ id }: SessionRecord) => paid.get(`${id}`) ?? 0n;
  for (const session of sessions) expect(paidFor(session)).toBeLessThanOrEqual(session.signed.amount);
  const waiting = sessions.filter(({ id }) => !closed.has(`${id}`));
  const locked = waiting.reduce((sum, session) => sum + session.locked - paidFor(session), 0n);
  const spent = sessions.reduce((sum, session) => sum + paidFor(session), 0n);
  expect(await inWallet(market.sender.chain, wallets[0]!.address, "uusdc")).toBe(amount - dust - locked - spent);
  // Whoever was there at the end was paid to the last voucher.
  const last = sessions.toSorted((a, b) => a.openedAtMillis - b.openedAtMillis).at(-1)!;
  expect(last).toMatchObject({ state: "closed" });
  expect(last.signed.bytes).toBeGreaterThan(2n << 20n);
  expect(paidFor(last)).toBe(last.signed.amount);
});
