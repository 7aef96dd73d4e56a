import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { silentLog } from "../../chain/log.ts";
import { Registry } from "../../chain/server/metrictext.ts";
import { openChainClient } from "../../node/chain/chainclient.ts";
import { systemClock } from "../../node/clock.ts";
import { defaultsOf } from "../../node/daemon/settings.ts";
import { openStore } from "../../node/daemon/store.ts";
import { type RunningRelay, startRelay } from "../../node/relay/relay.ts";
import { ask as askChain } from "../../node/relay/report.ts";
import { type RelaySettings, relaySchema } from "../../node/relay/settings.ts";
import { refusal, refuse } from "../../node/transport/opening.ts";
import type { Link } from "../../node/transport/transport.ts";
import { QueryReadingsRequest, QueryReadingsResponse } from "../../proto/gen/weir/attestation/v1/query.ts";
import { RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import { type MeasuringNode, measuringChainId, startMeasuringNode } from "../helpers/measuringnode.ts";
import { type Read, TestOracle } from "../helpers/testoracle.ts";

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A relay that sells nothing. */
const nothingSold = async () => {
  const serve = async (link: Link) => refuse(link, refusal(RefusalCode.REFUSAL_CODE_FULL, "nothing is sold here"));
  return {
    serveSession: serve,
    serveForward: serve,
    drain: () => undefined,
    status: () => ({ sessionsOpen: 0, flowsOpen: 0, unsettled: [] }),
    stop: async () => undefined,
  };
};

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "weir-relay-"));
  ends.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function relayOf(node: MeasuringNode, directory: string, changes: Partial<RelaySettings> = {}) {
  const [party] = node.relays;
  const { signer, identity } = party!;
  const store = await openStore(directory, { daemon: "relay", chainId: measuringChainId });
  const log = silentLog;
  const chain = openChainClient({
    chainId: measuringChainId,
    rpc: [node.rpcUrl],
    signer,
    store,
    clock: systemClock,
    log,
    gasPrices: () => "",
    pollMillis: 20,
  });
  const settings = { ...defaultsOf(relaySchema), listen: { host: "127.0.0.1", port: 0 }, ...changes };
  const registry = new Registry();
  const relay = await startRelay({
    settings,
    identity,
    chain,
    store,
    directory,
    log,
    clock: systemClock,
    registry,
    wallMillis: () => Date.now(),
    openForwarding: nothingSold,
  });
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    await relay.stop();
    await chain.close();
    await store.close();
  };
  ends.push(stop);
  return { relay, registry, chain, stop };
}

const readingsOf = async (oracle: TestOracle, epoch: bigint) => {
  const request = [QueryReadingsRequest, { epoch, relay: 1n }] as const;
  const path = "/weir.attestation.v1.Query/Readings";
  return (await askChain(oracle.chain, path, request, QueryReadingsResponse)).readings!.readings;
};

async function scene() {
  const node = await startMeasuringNode({
    oracles: 3,
    relayEndpoints: ["relay.example.org:443"],
    claimBps: 100_000_000n,
    epochSeconds: 4,
    blockMillis: 50,
  });
  ends.push(() => node.remove());
  const directory = folder();
  const running = await relayOf(node, directory);
  const oracles = oraclesOf(node, running.relay);
  return { node, directory, ...running, oracles };
}

function oraclesOf(node: MeasuringNode, { address }: RunningRelay): TestOracle[] {
  const oracles = node.oracles.map(
    (party) => new TestOracle({ node, party, relay: node.relays[0]!, relayAddress: address }),
  );
  ends.push(async () => {
    await Promise.all(oracles.map((oracle) => oracle.close()));
  });
  return oracles;
}

/** An epoch in which all of them found their slot: on a busy machine one may be missed. */
async function measuredByAll(oracles: readonly TestOracle[]): Promise<Read[]> {
  for (;;) {
    const reads = await Promise.all(oracles.map((oracle) => oracle.measure()));
    const whole = reads.filter((read) => read !== undefined);
    const isOneEpoch = whole.every(({ epoch }) => epoch === whole[0]?.epoch);
    if (whole.length === oracles.length && isOneEpoch) return whole;
    await nextEpoch(oracles[0]!);
  }
}

async function nextEpoch({ chain }: TestOracle): Promise<void> {
  const { readEpoch } = await import("../../node/measurement/epochfacts.ts");
  const { number } = await readEpoch(chain, undefined);
  while ((await readEpoch(chain, undefined)).number === number) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("a relay's daemon on a real chain", { timeout: 120_000 }, () => {
  it("is measured by who is drawn for it, agrees, and brings its readings to the chain once", async () => {
    const { oracles, relay, chain } = await scene();
    const reads = await measuredByAll(oracles);
    for (const { failure, attestation } of reads) {
      expect(failure).toBeUndefined();
      expect(attestation.measuredBps).toBeGreaterThan(0n);
      expect(attestation.relaySignature).toHaveLength(64);
    }
    await Promise.all(oracles.map((oracle, index) => oracle.commit(reads[index]!)));
    for (const [index, oracle] of oracles.entries()) await oracle.deliver(oracle.delivery(reads[index]!));
    const { epoch } = reads[0]!;
    let given = await readingsOf(oracles[0]!, epoch);
    while (given.length < 3) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      given = await readingsOf(oracles[0]!, epoch);
    }
    expect(given.map(({ isCountersigned }) => isCountersigned)).toEqual([true, true, true]);
    expect(relay.status()).toMatchObject({ relay: 1n });
    expect(chain.address).toBeTruthy();
  });
});
