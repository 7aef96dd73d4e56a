import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { silentLog } from "../../chain/log.ts";
import { Registry } from "../../chain/server/metrictext.ts";
import { type ChainClient, openChainClient } from "../../node/chain/chainclient.ts";
import { systemClock } from "../../node/clock.ts";
import { defaultsOf } from "../../node/daemon/settings.ts";
import { openStore } from "../../node/daemon/store.ts";
import { readEpoch } from "../../node/measurement/epochfacts.ts";
import { type RelayParts, type RunningRelay, startRelay } from "../../node/relay/relay.ts";
import { ask as askChain, readReport } from "../../node/relay/report.ts";
import { type RelaySettings, relaySchema } from "../../node/relay/settings.ts";
import { ask, refusal, refuse } from "../../node/transport/opening.ts";
import type { Link } from "../../node/transport/transport.ts";
import { QueryAccountInfoRequest, QueryAccountInfoResponse } from "../../proto/gen/cosmos/auth/v1beta1/query.ts";
import { QueryReadingsRequest, QueryReadingsResponse } from "../../proto/gen/weir/attestation/v1/query.ts";
import { Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
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

async function relayOf(
  node: MeasuringNode,
  directory: string,
  changes: Partial<RelaySettings> = {},
  more: Partial<RelayParts> = {},
) {
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
  const listen = { host: "127.0.0.1", port: 0 };
  const settings = { ...defaultsOf(relaySchema), listen, lowerClaim: false, ...changes };
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
    ...more,
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

const readingsOf = async (chain: ChainClient, epoch: bigint) => {
  const request = [QueryReadingsRequest, { epoch, relay: 1n }] as const;
  const path = "/weir.attestation.v1.Query/Readings";
  return (await askChain(chain, path, request, QueryReadingsResponse)).readings!.readings;
};

async function scene() {
  const node = await startMeasuringNode({
    oracles: 3,
    relayEndpoints: ["relay.example.org:443"],
    claimBps: 100_000_000n,
    epochSeconds: 8,
    blockMillis: 100,
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

/** Measured by all and committed to, in one epoch: on a busy machine one may be missed. */
async function measuredByAll(oracles: readonly TestOracle[]): Promise<Read[]> {
  for (;;) {
    const reads = await Promise.all(oracles.map((oracle) => oracle.measure()));
    const whole = reads.filter((read) => read !== undefined);
    if (whole.length === oracles.length && new Set(whole.map(({ epoch }) => epoch)).size === 1) {
      const commits = await Promise.allSettled(oracles.map((oracle, index) => oracle.commit(whole[index]!)));
      if (commits.every(({ status }) => status === "fulfilled")) return whole;
    }
    await oracles[0]!.nextEpoch();
  }
}

/** What the relay brought of them; nothing where the machine was too busy for it to do so in the first half of the next epoch. */
async function broughtOf(oracles: readonly TestOracle[], reads: readonly Read[]) {
  const [{ epoch }, { chain }] = [reads[0]!, oracles[0]!];
  for (const [index, oracle] of oracles.entries()) {
    const ranges = oracle.delivery(reads[index]!);
    await oracle.deliver(ranges);
    await oracle.deliver(ranges);
  }
  for (;;) {
    const open = await readEpoch(chain, undefined);
    const given = await readingsOf(chain, epoch);
    if (given.length >= reads.length || open.number > epoch + 1n) return given;
    await blockOf(chain);
  }
}

const blockOf = (chain: ChainClient): Promise<void> =>
  new Promise((resolve) => {
    const stop = chain.onBlock(() => {
      stop();
      resolve();
    });
  });

/** How many transactions an account has sent. */
async function sentBy(chain: ChainClient, address: string): Promise<bigint> {
  const request = [QueryAccountInfoRequest, { address }] as const;
  const path = "/cosmos.auth.v1beta1.Query/AccountInfo";
  return (await askChain(chain, path, request, QueryAccountInfoResponse)).info!.sequence;
}

describe("a relay's daemon on a real chain", { timeout: 120_000 }, () => {
  it("is measured by who is drawn for it, agrees, and brings its readings to the chain once, over restarts", async () => {
    const { node, directory, oracles, relay, stop, registry } = await scene();
    const [{ chain }] = oracles as [TestOracle];
    let given: Awaited<ReturnType<typeof broughtOf>> = [];
    let reads: Read[] = [];
    while (given.length === 0) {
      reads = await measuredByAll(oracles);
      given = await broughtOf(oracles, reads);
    }
    for (const { failure, attestation } of reads) {
      expect(failure).toBeUndefined();
      expect(attestation.measuredBps).toBeGreaterThan(0n);
      expect(attestation.relaySignature).toHaveLength(64);
    }
    expect(given.map(({ isCountersigned }) => isCountersigned)).toEqual([true, true, true]);
    expect((relay.status().readings as unknown[]).length).toBeGreaterThanOrEqual(3);
    expect(registry.text()).toContain("weir_relay_measured_bytes_total ");
    const sent = await sentBy(chain, node.relays[0]!.signer.address);
    expect(sent).toBeGreaterThan(0n);
    await stop();
    const again = await relayOf(node, directory);
    while (again.relay.status().epoch === null) await blockOf(chain);
    for (let block = 0; block < 10; block++) await blockOf(chain);
    expect(await sentBy(chain, node.relays[0]!.signer.address)).toBe(sent);
  });

  it("tells the chain that it drains when it is told to stop, where its operator wants that", async () => {
    const { node, oracles } = await scene();
    const [{ chain }] = oracles as [TestOracle];
    const draining = await relayOf(node, folder(), {}, { drainsOnStop: true });
    while (draining.relay.status().epoch === null) await blockOf(chain);
    await draining.stop();
    const standing = async () => (await readReport(chain, 1n))!.relay.standing;
    while ((await standing()) !== Standing.STANDING_DRAINING) await blockOf(chain);
    expect(await standing()).toBe(Standing.STANDING_DRAINING);
  });

  it("lets in nobody else, and takes nothing from who has not committed", async () => {
    const { node, oracles, relay } = await scene();
    const [oracle] = oracles;
    const stranger = new TestOracle({
      node,
      party: { ...node.oracles[0]!, identity: node.oracles[1]!.identity },
      relay: node.relays[0]!,
      relayAddress: relay.address,
    });
    ends.push(() => stranger.close());
    const read = await stranger.measure();
    expect(read?.failure ?? "not the key of oracle 1").toContain("not the key of oracle 1");
    await expect(oracle!.countersigned(new Uint8Array(16), new Uint8Array(187))).rejects.toThrow("no measurement");
    const signed = await oracle!.sign(0n, 5n);
    await expect(oracle!.deliver(oracle!.delivery(signed))).rejects.toThrow(/committed to nothing|not open|is past/);
    const ping = await oracle!.dial();
    expect(await ask(ping, { ping: {} }, { chainId: measuringChainId, deadlineMillis: 10_000 })).toBeTruthy();
  });
});
