/**
 * A relay's end of links, in a process of its own: the bare loop that all is compared with, a measurement's echo, or paid forwarding with its
 * vouchers on disk. Prints one JSON line when it listens, and one with what it uses whenever it is asked; ends when its input does.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { decOne } from "../../chain/dec.ts";
import { silentLog } from "../../chain/log.ts";
import { systemClock } from "../../node/clock.ts";
import type { SessionFacts } from "../../node/forwarding/facts.ts";
import { PaidForwarding } from "../../node/forwarding/forwarding.ts";
import { echo } from "../../node/measurement/echo.ts";
import { nothingSettled } from "../../node/relay/ledger.ts";
import { settleDefaults } from "../../node/relay/settling.ts";
import { Traffic } from "../../node/relay/traffic.ts";
import { VoucherStore } from "../../node/relay/voucherstore.ts";
import { hear } from "../../node/transport/opening.ts";
import { tlsTransport } from "../../node/transport/tls.ts";
import type { Identity, Link } from "../../node/transport/transport.ts";
import { ExitKind } from "../../proto/gen/weir/attestation/v1/state.ts";

export type RelayMode = "bare" | "echo" | "forward";

export interface RelayProcessOptions {
  readonly mode: RelayMode;
  readonly seedHex: string;
  readonly publicKeyHex: string;
  readonly nonceHex: string;
  /** Of all sessions. */
  readonly sessionKeyHex: string;
}

export interface Usage {
  readonly rssBytes: number;
  readonly cpuMillis: number;
}

export const benchChainId = "weir-bench-1";
export const benchPricePerGib = decOne;
const connectionsMax = 20_000;
const bytesMax = 1n << 60n;
const deadlineMillis = 60_000;

async function serve(options: RelayProcessOptions): Promise<void> {
  const identity = {
    seed: Buffer.from(options.seedHex, "hex"),
    publicKey: Buffer.from(options.publicKeyHex, "hex"),
  };
  const directory = mkdtempSync(join(tmpdir(), "weir-bench-relay-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  const onLink = await handlerOf(options, identity, directory);
  const listener = await tlsTransport(identity).listen({
    address: { host: "127.0.0.1", port: 0 },
    connectionsMax,
    connectionsPerAddressMax: connectionsMax,
    handshakeMillisMax: deadlineMillis,
    onLink,
    onRefused: (reason) => console.error(reason),
  });
  console.log(JSON.stringify(listener.address));
  for await (const _ask of createInterface({ input: process.stdin })) {
    globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    const usage: Usage = { rssBytes: process.memoryUsage.rss(), cpuMillis: (user + system) / 1000 };
    console.log(JSON.stringify(usage));
  }
  process.exit(0);
}

async function handlerOf(
  { mode, nonceHex, sessionKeyHex }: RelayProcessOptions,
  identity: Identity,
  directory: string,
): Promise<(link: Link) => void> {
  if (mode === "bare") return bareEcho;
  const nonce = Buffer.from(nonceHex, "hex");
  if (mode === "echo") return (link) => void echo(link, nonce, { bytesMax });
  const forwarding = await forwardingOf(identity, Buffer.from(sessionKeyHex, "hex"), directory);
  return (link) => void forward(forwarding, link);
}

function bareEcho({ stream }: Link): void {
  stream.on("data", (chunk: Buffer) => {
    if (!stream.write(chunk)) stream.pause();
  });
  stream.on("drain", () => stream.resume());
  stream.on("error", () => stream.destroy());
}

async function forward(forwarding: PaidForwarding, link: Link): Promise<void> {
  link.stream.on("error", () => link.stream.destroy());
  const open = await hear(link, { chainId: benchChainId, deadlineMillis });
  if (open.session !== undefined) await forwarding.serveSession(link, open.session);
  if (open.forward !== undefined) await forwarding.serveForward(link, open.forward);
}

/** As a relay's daemon opens it, but for the chain: every session is there, and has locked enough. */
async function forwardingOf(identity: Identity, key: Uint8Array, directory: string): Promise<PaidForwarding> {
  const clock = systemClock;
  const traffic = new Traffic({
    limits: { bpsMax: undefined, monthBytesMax: undefined, claimBps: 1n << 40n },
    clock,
    wallMillis: () => Date.now(),
    mark: undefined,
    keep: async () => undefined,
  });
  const factsOf = (session: bigint): SessionFacts => ({
    terms: { chainId: benchChainId, session, key, pricePerGib: benchPricePerGib, locked: 1n << 60n },
    relay: 1n,
    denom: "uusdc",
    settled: nothingSettled,
    settledAmount: 0n,
    expiresEpoch: 1n << 40n,
    endsEpoch: 1n << 41n,
    isClosing: false,
  });
  const settings = {
    exit: { kind: ExitKind.EXIT_KIND_ALL, ports: [] },
    deniedDomains: [],
    allowedDomains: [],
    allowsPrivate: true,
    sessionsMax: connectionsMax,
    flowsMax: connectionsMax,
    settle: settleDefaults,
  };
  return await PaidForwarding.open({
    chainId: benchChainId,
    relay: 1n,
    identity,
    source: { session: async (id) => factsOf(id), epoch: async () => 1n },
    vouchers: await VoucherStore.open(join(directory, "vouchers")),
    traffic,
    settings: () => settings,
    log: silentLog,
    clock,
  });
}

if (import.meta.main) await serve(JSON.parse(process.argv[2]!) as RelayProcessOptions);
