/**
 * Lines shaped by the kernel (--shaped): each relay runs in a network of its own that a pair of virtual interfaces joins to this machine, with a
 * token bucket filter at both ends. Owns those; all of it goes with the relays' processes, so that nothing is left, however the devnet ends.
 */
import { execFile } from "node:child_process";
import { readlinkSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { promisify } from "node:util";
import type { Address } from "./places.ts";

const run = promisify(execFile);
const commandMillisMax = 5_000;
const tools = ["ip", "tc", "unshare", "nsenter"] as const;

/** Throws what is missing. */
export async function requireShaping(): Promise<void> {
  if (process.platform !== "linux") throw new Error("--shaped needs Linux: leave it out, relays then shape themselves");
  if (process.getuid?.() !== 0) {
    throw new Error("--shaped needs root, for networks of their own: leave it out, relays then shape themselves");
  }
  for (const tool of tools) {
    try {
      await run("which", [tool], { timeout: commandMillisMax });
    } catch {
      throw new Error(`--shaped needs ${tools.join(", ")} (Debian: iproute2, util-linux); ${tool} is not there`);
    }
  }
}

/** The same on every pair: what all relays reach of this machine. */
export const sharedHost = (octet: number): string => `10.${octet}.0.1`;
const gatewayOf = (octet: number, index: number): string => `10.${octet}.${index + 1}.1`;
export const relayHost = (octet: number, index: number): string => `10.${octet}.${index + 1}.2`;

/** Before the program: it waits in its new network until that leads somewhere. */
export const shapedPrefix: readonly string[] = [
  "unshare",
  "--net",
  "sh",
  "-c",
  'until ip route show default | grep -q via; do sleep 0.05; done; exec "$@"',
  "sh",
];

/** What goes through in 10 ms at most at once; and what may wait, a quarter of a second: more would be late, less would be lost. */
const burstBytes = (bps: bigint): bigint => (bps / 800n > 16_384n ? bps / 800n : 16_384n);
const queueBytes = (bps: bigint): bigint => bps / 32n;

const bucketOf = (device: string, bps: bigint): string[] => [
  ...["tc", "qdisc", "add", "dev", device, "root", "handle", "1:", "tbf"],
  ...["rate", `${bps}bit`, "burst", `${burstBytes(bps)}`, "limit", `${queueBytes(bps)}`],
];

export interface ShapedLine {
  readonly pid: number;
  readonly octet: number;
  readonly index: number;
  readonly bps: bigint;
}

/** Joins the network of a process to this machine. */
export async function shapeLine({ pid, octet, index, bps }: ShapedLine): Promise<void> {
  const device = `weir${octet}r${index + 1}`;
  const inside = (command: readonly string[]) => ["nsenter", "--target", `${pid}`, "--net", ...command];
  const commands = [
    ["ip", "link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", `${pid}`],
    ["ip", "address", "add", `${gatewayOf(octet, index)}/30`, "dev", device],
    ["ip", "address", "add", `${sharedHost(octet)}/32`, "dev", device],
    ["ip", "link", "set", device, "up"],
    bucketOf(device, bps),
    inside(["ip", "link", "set", "lo", "up"]),
    inside(["ip", "address", "add", `${relayHost(octet, index)}/30`, "dev", "eth0"]),
    inside(["ip", "link", "set", "eth0", "up"]),
    inside(bucketOf("eth0", bps)),
    // The last: the process waits for it.
    inside(["ip", "route", "add", "default", "via", gatewayOf(octet, index)]),
  ];
  await inNetworkOfItsOwn(pid);
  for (const [program = "", ...args] of commands) await attempt(program, args);
}

const lookMillis = 20;

/** unshare needs a moment to make it. */
async function inNetworkOfItsOwn(pid: number): Promise<void> {
  const until = Date.now() + commandMillisMax;
  const ours = readlinkSync("/proc/self/ns/net");
  while (readlinkSync(`/proc/${pid}/ns/net`) === ours) {
    if (Date.now() > until)
      throw new Error(`--shaped: process ${pid} has no network of its own: is unshare allowed here?`);
    await new Promise((resolve) => setTimeout(resolve, lookMillis));
  }
}

async function attempt(program: string, args: readonly string[]): Promise<void> {
  try {
    await run(program, [...args], { timeout: commandMillisMax });
  } catch (error) {
    throw new Error(`--shaped: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The chain's RPC is at a loopback address, which is another one in each network. */
export async function forwardTo(target: Address, at: Address): Promise<Server> {
  const server = createServer((socket) => {
    const away = connect(target.port, target.host);
    const end = () => {
      socket.destroy();
      away.destroy();
    };
    socket.on("error", end).on("close", end);
    away.on("error", end).on("close", end);
    socket.pipe(away).pipe(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.port, at.host, resolve);
  });
  return server;
}
