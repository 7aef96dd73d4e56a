/**
 * What a home's relay takes of its machine: the memory of a real `weir relay start`, idle and with paid sessions that carry streams, beside a chain in
 * this process. The system's own figure of the child (VmRSS, VmHWM), not the collector's.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeSettings } from "../cli/daemon.ts";
import { homeAt } from "../cli/home.ts";
import { openKeyring } from "../cli/keyring/keyring.ts";
import { machineKeys } from "../cli/keyring/machinekeys.ts";
import { parseEndpoint } from "../modules/attestation/endpoints.ts";
import { defaultsOf } from "../node/daemon/settings.ts";
import { relaySchema } from "../node/relay/settings.ts";
import { type Buyer, buyingScene, type Scene, sceneChainId } from "../test/helpers/buyingscene.ts";
import type { BenchOptions, Figure } from "./figure.ts";

const sessions = 20;
const quickSessions = 4;
const streamsPerSession = 4;
const bytesPerStream = 4 << 20;
const pauseMillis = 2_000;
const deposit = 2_000_000n;
const launcher = join(import.meta.dirname, "..", "cli", "weir.js");

export default async function* homeRelay({ quick }: BenchOptions): AsyncIterable<Figure> {
  const count = quick ? quickSessions : sessions;
  const scene = await buyingScene({ relays: 1, running: 0 });
  const folder = mkdtempSync(join(tmpdir(), "weir-homerelay-"));
  const sink = await sinkServer();
  try {
    const child = await startChild(scene, folder);
    scene.onEnd(async () => {
      const ended = once(child, "close");
      child.kill("SIGTERM");
      await ended;
    });
    yield figure("homerelay.memoryIdle", 0, memoryOf(child, "VmRSS"));
    const buyers: Buyer[] = [];
    for (let index = 0; index < count; index++) buyers.push(await scene.buyer(deposit));
    const used: number[] = [];
    for (const buyer of buyers) {
      await carry(buyer, sink);
      used.push(memoryOf(child, "VmRSS"));
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMillis));
    yield figure("homerelay.memory", count, memoryOf(child, "VmRSS"));
    yield figure("homerelay.memoryHighest", count, memoryOf(child, "VmHWM"));
  } finally {
    await scene.end();
    sink.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const figure = (bench: string, count: number, mebibytes: number): Figure => ({
  bench,
  unit: "MiB",
  params: { sessions: count, streams: count * streamsPerSession, goal: "at most 150" },
  samples: [mebibytes],
});

function memoryOf({ pid }: ChildProcess, name: "VmRSS" | "VmHWM"): number {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kibibytes) / 1024);
}

/** As docs/units/weir-relay.service runs it. */
async function startChild({ node }: Scene, folder: string): Promise<ChildProcess> {
  const home = homeAt(folder);
  const [party] = node.relays;
  const keys = { home: folder, backend: "test", passphrase: async () => "" } as const;
  await openKeyring(keys).addLocal("operator", party!.privateKey);
  await machineKeys(keys).add("relay-transport", party!.identity.seed);
  const defaults = defaultsOf(relaySchema);
  const port = parseEndpoint(node.relayEndpoints[0]!)!.port;
  writeSettings({ daemon: "relay", schema: relaySchema }, home, {
    chainId: sceneChainId,
    rpc: [node.rpcUrl],
    listen: { host: "127.0.0.1", port },
    monitor: { host: "127.0.0.1", port: 0 },
    allowPrivateAddresses: true,
    exit: { ...defaults.exit, policy: "all" },
  });
  const args = [launcher, "relay", "start", "--home", folder, "--keyring-backend", "test", "--log-format", "plain"];
  const env = {
    ...process.env,
    NODE_OPTIONS: "--max-semi-space-size=1",
    MALLOC_ARENA_MAX: "1",
    XDG_CACHE_HOME: join(folder, "cache"),
  };
  for (let warm = 0; ; warm++) {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env });
    await once(child.stdout!, "data");
    if (warm > 0) return child;
    const ended = once(child, "close");
    child.kill("SIGTERM");
    await ended;
  }
}

/** Takes what comes, and sends it back. */
function sinkServer(): Promise<Server> {
  const server = createServer((socket) => socket.pipe(socket).on("error", () => undefined));
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** Streams that stay open, each with some bytes there and back. */
async function carry(buyer: Buyer, sink: Server): Promise<void> {
  const client = await buyer.connect();
  const { port } = sink.address() as { readonly port: number };
  for (let stream = 0; stream < streamsPerSession; stream++) await throughProxy(client.address.port, port);
}

async function throughProxy(proxyPort: number, port: number): Promise<Socket> {
  const socket = connect(proxyPort, "127.0.0.1");
  socket.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\n\r\n`);
  await once(socket, "data");
  let back = 0;
  const done = new Promise<void>((resolve) => {
    socket.on("data", (bytes) => {
      back += bytes.length;
      if (back >= bytesPerStream) resolve();
    });
  });
  socket.write(Buffer.alloc(bytesPerStream));
  await done;
  return socket;
}
