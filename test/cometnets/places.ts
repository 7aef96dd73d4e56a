/**
 * Where the nodes of a network are: network namespaces joined by a bridge, each of which can be cut off; or addresses of the loopback
 * network, which cannot. Owns the links; whoever stands in a namespace of its own leaves nothing behind when it ends.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { loopbackOfOurOwn } from "../helpers/loopback.ts";

export interface Place {
  readonly address: string;
  /** A command line that runs there. */
  wrap(argv: readonly string[]): readonly string[];
  /** The link of this place goes, and comes back. */
  setLinked(isLinked: boolean): void;
}

export interface Places {
  /** Of the first node; the others follow. */
  readonly firstAddress: string;
  make(index: number): Place;
  close(): void;
}

/** Set in the process that runs in a network namespace of its own. */
const insideVariable = "WEIR_IN_NAMESPACE";
export const isInNamespace = (): boolean => process.env[insideVariable] !== undefined;

/** Why links cannot be cut here; undefined when they can. */
export function whyNoNamespaces(): string | undefined {
  if (process.platform !== "linux") return "network namespaces need Linux";
  if (process.getuid?.() !== 0) return "network namespaces need root";
  const probe = "ip link add weir0 type bridge && ip link add weir1 type veth peer name weir2";
  return spawnSync("unshare", ["--net", "sh", "-c", probe]).status === 0
    ? undefined
    : "no network namespace with a bridge can be made here";
}

/** Runs this program again in a network namespace of its own; its exit code. */
export function runInNamespace(argv: readonly string[]): Promise<number> {
  const child = spawn("unshare", ["--net", "--", process.execPath, ...argv], {
    stdio: "inherit",
    env: { ...process.env, [insideVariable]: "1" },
  });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.on("SIGINT", pass).on("SIGTERM", pass);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

const ip = (...argv: readonly string[]): void => void execFileSync("ip", argv, { stdio: "pipe" });
const bridge = "weirbridge";

/** Only in a namespace of its own: it names links without asking who else has such names. */
export function namespacePlaces(): Places {
  ip("link", "set", "lo", "up");
  ip("link", "add", bridge, "type", "bridge");
  ip("addr", "add", "10.77.0.254/24", "dev", bridge);
  ip("link", "set", bridge, "up");
  const holders: ChildProcess[] = [];
  return {
    firstAddress: "10.77.0.1",
    make(index) {
      // A namespace lives as long as somebody is in it.
      const holder = spawn("unshare", ["--net", "sleep", "infinity"], { stdio: "ignore" });
      holders.push(holder);
      const address = `10.77.0.${index + 1}`;
      const enter = ["nsenter", `--net=/proc/${holder.pid}/ns/net`];
      const [outer, inner] = [`weirout${index}`, `weirin${index}`];
      untilOwnNamespace(holder);
      ip("link", "add", outer, "type", "veth", "peer", "name", inner);
      ip("link", "set", outer, "master", bridge, "up");
      ip("link", "set", inner, "netns", String(holder.pid));
      const script = `ip link set lo up && ip addr add ${address}/24 dev ${inner} && ip link set ${inner} up`;
      execFileSync(enter[0]!, [...enter.slice(1), "sh", "-c", script], { stdio: "pipe" });
      return {
        address,
        wrap: (argv) => [...enter, ...argv],
        setLinked: (isLinked) => ip("link", "set", outer, isLinked ? "up" : "down"),
      };
    },
    close() {
      for (const holder of holders) holder.kill("SIGKILL");
      ip("link", "del", bridge);
    },
  };
}

/** `unshare` has done its work when its namespace is another than ours. */
function untilOwnNamespace({ pid }: ChildProcess): void {
  const script = `until [ "$(readlink /proc/${pid}/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do :; done`;
  execFileSync("timeout", ["5", "sh", "-c", script], { stdio: "pipe" });
}

export const loopbackPlaces = (): Places => ({
  firstAddress: loopbackOfOurOwn(1),
  make: (index) => ({
    address: loopbackOfOurOwn(index + 1),
    wrap: (argv) => argv,
    setLinked: () => {
      throw new Error("addresses of the loopback network cannot be cut off");
    },
  }),
  close: () => {},
});
