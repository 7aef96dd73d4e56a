/** Oracles' daemons with a relay's daemon on a real chain: what they read stands there, and of a relay that is not there a signed zero. */

import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { silentLog } from "../../chain/log.ts";
import { Registry } from "../../chain/server/metrictext.ts";
import { openChainClient } from "../../node/chain/chainclient.ts";
import { systemClock } from "../../node/clock.ts";
import { defaultsOf } from "../../node/daemon/settings.ts";
import { openStore } from "../../node/daemon/store.ts";
import { startOracle } from "../../node/oracle/oracle.ts";
import { oracleSchema } from "../../node/oracle/settings.ts";
import { startRelay } from "../../node/relay/relay.ts";
import { relaySchema } from "../../node/relay/settings.ts";
import { refusal, refuse } from "../../node/transport/opening.ts";
import type { Link } from "../../node/transport/transport.ts";
import { QueryReadingsRequest, QueryReadingsResponse } from "../../proto/gen/weir/attestation/v1/query.ts";
import type { Reading } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import { type MeasuringNode, measuringChainId, type Party, startMeasuringNode } from "../helpers/measuringnode.ts";

const chainId = measuringChainId;
const clock = systemClock;
const wallMillis = () => Date.now();
const epochSeconds = 12;

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "weir-oracle-"));
  ends.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** One that nobody listens at. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function chainAndStore(node: MeasuringNode, party: Party, daemon: string, directory: string) {
  const store = await openStore(directory, { daemon, chainId });
  const chain = openChainClient({
    chainId,
    rpc: [node.rpcUrl],
    signer: party.signer,
    store,
    clock,
    log: silentLog,
    gasPrices: () => "",
    pollMillis: 20,
  });
  return { store, chain };
}

const nothingSold = async () => {
  const serve = async (link: Link) => refuse(link, refusal(RefusalCode.REFUSAL_CODE_FULL, "nothing is sold here"));
  const status = () => ({ sessionsOpen: 0, flowsOpen: 0, unsettled: [] });
  return { serveSession: serve, serveForward: serve, drain: () => undefined, status, stop: async () => undefined };
};

async function runRelay(node: MeasuringNode, port: number): Promise<void> {
  const party = node.relays[0]!;
  const directory = folder();
  const { store, chain } = await chainAndStore(node, party, "relay", directory);
  const relay = await startRelay({
    settings: { ...defaultsOf(relaySchema), listen: { host: "127.0.0.1", port } },
    identity: party.identity,
    chain,
    store,
    directory,
    log: silentLog,
    clock,
    registry: new Registry(),
    wallMillis,
    openForwarding: nothingSold,
  });
  ends.push(async () => {
    await relay.stop();
    await chain.close();
    await store.close();
  });
}

async function runOracle(node: MeasuringNode, party: Party, directory = folder()) {
  const { store, chain } = await chainAndStore(node, party, "oracle", directory);
  const { publicKey } = party.identity;
  const settings = { ...defaultsOf(oracleSchema), allowPrivateAddresses: true };
  const registry = new Registry();
  const oracle = await startOracle({
    settings,
    transportKey: party.identity,
    vrfKey: { publicKey, seed: party.vrfSeed },
    chain,
    store,
    log:
      process.env.ORACLE_DEBUG === undefined
        ? silentLog
        : {
            debug: (...a) => console.log(Date.now() % 100000, "D", ...a),
            info: (...a) => console.log(Date.now() % 100000, "I", ...a),
            warn: (...a) => console.log(Date.now() % 100000, "W", ...a),
            error: (...a) => console.log("E", ...a),
          },
    clock,
    registry,
    wallMillis,
  });
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    await oracle.stop();
    await chain.close();
    await store.close();
  };
  ends.push(stop);
  return { oracle, chain, stop, registry, directory };
}

type Running = Awaited<ReturnType<typeof runOracle>>;

async function readingsOf({ chain }: Running, epoch: bigint, relay: bigint): Promise<Reading[]> {
  const request = QueryReadingsRequest.encode({ epoch, relay }).finish();
  const path = "/weir.attestation.v1.Query/Readings";
  const { readings } = await chain.query(path, request, (bytes) => QueryReadingsResponse.decode(bytes));
  return readings!.readings;
}

const nextBlock = ({ chain }: Running): Promise<void> =>
  new Promise((resolve) => {
    const stop = chain.onBlock(() => {
      stop();
      resolve();
    });
  });

/** The first epoch of which all oracles have submitted both readings, of one that is there: a busy machine can miss a slot. */
async function submittedByAll(oracles: readonly Running[]): Promise<bigint> {
  for (;;) {
    const done = oracles.map(({ oracle }) => {
      const { epochs } = oracle.status();
      const isWhole = (of: (typeof epochs)[number]) => of.submit === "done" && of.signed === 2 && of.zeros === 1;
      return epochs.filter(isWhole).map(({ epoch }) => epoch);
    });
    const found = done[0]!.find((epoch) => done.every((list) => list.includes(epoch)));
    if (found !== undefined) return found;
    await nextBlock(oracles[0]!);
  }
}

describe("oracles' daemons on a real chain", { timeout: 180_000 }, () => {
  it("read a relay that is there and one that is not, and all of it stands on the chain", async () => {
    const [port, nobody] = [await freePort(), await freePort()];
    const node = await startMeasuringNode({
      oracles: 3,
      relayEndpoints: [`127.0.0.1:${port}`, `127.0.0.1:${nobody}`],
      claimBps: 50_000_000n,
      epochSeconds,
      blockMillis: 200,
      params: { covertRate: 0n },
    });
    ends.push(() => node.remove());
    await runRelay(node, port);
    const oracles = await Promise.all(node.oracles.map((party) => runOracle(node, party)));
    const epoch = await submittedByAll(oracles);
    const there = await readingsOf(oracles[0]!, epoch, 1n);
    expect(there.map(({ oracle }) => oracle).toSorted()).toEqual([1n, 2n, 3n]);
    for (const reading of there) {
      expect(reading.measuredBps).toBeGreaterThan(0n);
      expect(reading).toMatchObject({ checksPassed: 4, isCountersigned: true, observedPrefix: "127.0.0.0/24" });
    }
    const absent = await readingsOf(oracles[0]!, epoch, 2n);
    expect(absent).toHaveLength(3);
    for (const reading of absent) expect(reading).toMatchObject({ measuredBps: 0n, checksPassed: 0 });
  });
});
