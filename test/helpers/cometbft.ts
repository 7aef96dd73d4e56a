/**
 * The real cometbft binary for tests: built once by Go into .cache/ (which git ignores), run on loopback with free ports and an own home.
 * Owns the process; a test names the reason and is counted as skipped where there is no Go.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const version = "v0.38.25";
const cache = join(import.meta.dirname, "..", "..", ".cache", "comet", version);
const programAt = (name: string): string => join(cache, process.platform === "win32" ? `${name}.exe` : name);
const binary = programAt("cometbft");

/** Undefined where the binary can be run or built. */
export function whyNoCometBft(): string | undefined {
  if (existsSync(binary)) return undefined;
  return spawnSync("go", ["version"]).status === 0 ? undefined : "there is no Go here to build cometbft with";
}

/** The path of the binary; builds it the first time, which takes some minutes of one core. */
export const cometBftBinary = (): string => built("cometbft", "cmd/cometbft");

/** CometBFT's own applications, kvstore among them. */
export const abciCliBinary = (): string => built("abci-cli", "abci/cmd/abci-cli");

/** A chain of cosmos-sdk's parts, of docs/vectors: for benches. Built each time, which Go's own cache makes short. */
export function sdkChainBinary(): string {
  const program = programAt("sdkchain");
  const folder = join(import.meta.dirname, "..", "..", "docs", "vectors");
  mkdirSync(cache, { recursive: true });
  execFileSync("go", ["build", "-o", program, "./sdkchain"], { cwd: folder, stdio: "pipe" });
  return program;
}

function built(name: string, folder: string): string {
  const program = programAt(name);
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const building = mkdtempSync(join(cache, "build-"));
  try {
    const module = `github.com/cometbft/cometbft/${folder}@${version}`;
    execFileSync("go", ["install", module], { env: { ...process.env, GOBIN: building }, stdio: "pipe" });
    renameSync(join(building, name), program);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return program;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("a server on loopback has no port");
  return address.port;
}

export interface CometNode {
  readonly url: string;
  readonly keyPath: string;
  stop(): Promise<void>;
}

/** One validator with the built-in kvstore; makes a block only when there is something in it. */
export async function startCometNode(genesisOverrides: object = {}): Promise<CometNode> {
  const program = cometBftBinary();
  const home = mkdtempSync(join(tmpdir(), "weir-comet-"));
  execFileSync(program, ["init", "--home", home], { stdio: "pipe" });
  const genesisPath = join(home, "config", "genesis.json");
  const made = JSON.parse(readFileSync(genesisPath, "utf8")) as { readonly validators: readonly object[] };
  const validators = made.validators.map((validator) => ({ ...validator, name: "v0" }));
  const genesis = { ...made, validators, ...genesisOverrides };
  writeFileSync(genesisPath, JSON.stringify(genesis));
  const configPath = join(home, "config", "config.toml");
  const config = readFileSync(configPath, "utf8")
    .replace(/^timeout_commit = .*$/m, 'timeout_commit = "50ms"')
    .replace(/^create_empty_blocks = .*$/m, "create_empty_blocks = false")
    .replace(/^addr_book_strict = .*$/m, "addr_book_strict = false");
  writeFileSync(configPath, config);
  const [port, peerPort] = [await freePort(), await freePort()];
  const child = spawn(
    program,
    [
      ...["start", "--home", home, "--proxy_app", "kvstore", "--log_level", "error", "--moniker", "side"],
      ...["--rpc.laddr", `tcp://127.0.0.1:${port}`, "--p2p.laddr", `tcp://127.0.0.1:${peerPort}`],
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const stop = async () => {
    await end(child);
    rmSync(home, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await waitForBlock(child, url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, keyPath: join(home, "config", "priv_validator_key.json"), stop };
}

const startMillisMax = 30_000;
const pollMillis = 50;

async function waitForBlock(child: ChildProcess, url: string): Promise<void> {
  let output = "";
  child.stdout?.on("data", (data) => {
    output = (output + String(data)).slice(-4_000);
  });
  child.stderr?.on("data", (data) => {
    output = (output + String(data)).slice(-4_000);
  });
  for (const end = Date.now() + startMillisMax; Date.now() < end; ) {
    if (child.exitCode !== null) throw new Error(`cometbft ended with ${child.exitCode}: ${output}`);
    const status = await fetch(`${url}/status`).then(
      (response) => response.json() as Promise<{ result?: { sync_info?: { latest_block_height?: string } } }>,
      () => undefined,
    );
    if (Number(status?.result?.sync_info?.latest_block_height ?? 0) > 0) return;
    await new Promise((resolve) => setTimeout(resolve, pollMillis));
  }
  throw new Error(`cometbft made no block in ${startMillisMax} ms: ${output}`);
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const hard = setTimeout(() => child.kill("SIGKILL"), 3_000);
  await ended;
  clearTimeout(hard);
}
