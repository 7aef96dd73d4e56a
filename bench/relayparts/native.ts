/**
 * A well-known pair of native programs that does what a relay's forwarding does, without being paid: stunnel ends the TLS, microsocks dials. They
 * are used where they are installed, else fetched once from Debian's packages into a folder of their own; undefined where neither can be.
 */
import { type ChildProcess, type ExecFileSyncOptions, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { certificateOf, privateKeyOf } from "../../node/transport/certificate.ts";
import type { Address, Identity } from "../../node/transport/transport.ts";

const packages = ["stunnel4", "microsocks", "libwrap0", "libnsl2", "libtirpc3"] as const;
const fetchMillisMax = 120_000;
const startMillisMax = 10_000;
const tryMillis = 50;

interface Programs {
  readonly stunnel: string;
  readonly microsocks: string;
  readonly libraries: string;
}

const cacheFolder = (): string => join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "weir-bench-native");

function unpacked(folder: string): Programs | undefined {
  const [stunnel, microsocks] = ["stunnel4", "microsocks"].map((name) => join(folder, "usr/bin", name));
  const libraries = ["usr/lib", "lib"].flatMap((base) =>
    ["x86_64-linux-gnu", "aarch64-linux-gnu"].map((machine) => join(folder, base, machine)),
  );
  if (!existsSync(stunnel!) || !existsSync(microsocks!)) return undefined;
  return { stunnel: stunnel!, microsocks: microsocks!, libraries: libraries.join(":") };
}

function installed(): Programs | undefined {
  const find = (name: string) => ["/usr/bin", "/usr/local/bin"].map((at) => join(at, name)).find(existsSync);
  const [stunnel, microsocks] = [find("stunnel4") ?? find("stunnel"), find("microsocks")];
  return stunnel === undefined || microsocks === undefined ? undefined : { stunnel, microsocks, libraries: "" };
}

function programs(): Programs {
  const folder = cacheFolder();
  const known = installed() ?? unpacked(folder);
  if (known !== undefined) return known;
  mkdirSync(folder, { recursive: true });
  const quietly: ExecFileSyncOptions = { cwd: folder, timeout: fetchMillisMax, stdio: ["ignore", "pipe", "ignore"] };
  execFileSync("apt-get", ["download", ...packages], quietly);
  for (const name of readdirSync(folder)) {
    if (name.endsWith(".deb")) execFileSync("dpkg-deb", ["-x", name, "."], quietly);
  }
  const found = unpacked(folder);
  if (found === undefined) throw new Error("the packages hold other programs than were expected");
  return found;
}

export interface NativeProxy {
  readonly address: Address;
  end(): void;
}

/** Undefined where there is none to be had; why is said on stderr. */
export async function startNativeProxy(identity: Identity): Promise<NativeProxy | undefined> {
  try {
    return await started(programs(), identity);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
    console.error(`relay.native is left out: neither installed nor fetched (${reason})`);
    return undefined;
  }
}

async function started({ stunnel, microsocks, libraries }: Programs, identity: Identity): Promise<NativeProxy> {
  const folder = mkdtempSync(join(tmpdir(), "weir-bench-native-"));
  const [socksPort, tlsPort] = [await freePort(), await freePort()];
  const key = privateKeyOf(identity.seed).export({ type: "pkcs8", format: "pem" });
  writeFileSync(join(folder, "both.pem"), `${key}${certificateOf(identity)}`, { mode: 0o600 });
  const settings = [
    "foreground = quiet",
    "debug = 3",
    "pid =",
    "[relay]",
    `accept = 127.0.0.1:${tlsPort}`,
    `connect = 127.0.0.1:${socksPort}`,
    `cert = ${join(folder, "both.pem")}`,
    "sslVersionMin = TLSv1.3",
    "ciphersuites = TLS_AES_128_GCM_SHA256",
    "socket = l:TCP_NODELAY=1",
    "socket = r:TCP_NODELAY=1",
  ];
  writeFileSync(join(folder, "stunnel.conf"), `${settings.join("\n")}\n`);
  const env = { ...process.env, LD_LIBRARY_PATH: libraries };
  const children: ChildProcess[] = [
    spawn(microsocks, ["-i", "127.0.0.1", "-p", `${socksPort}`], { stdio: "ignore" }),
    spawn(stunnel, [join(folder, "stunnel.conf")], { stdio: "ignore", env }),
  ];
  const end = () => {
    for (const child of children) child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all([listening(socksPort), listening(tlsPort)]);
  } catch (error) {
    end();
    throw error;
  }
  return { address: { host: "127.0.0.1", port: tlsPort }, end };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function listening(port: number): Promise<void> {
  const until = performance.now() + startMillisMax;
  for (;;) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
    if (isThere) return;
    if (performance.now() > until) throw new Error(`nothing listens after ${startMillisMax} ms`);
    await new Promise((resolve) => setTimeout(resolve, tryMillis));
  }
}
