/** The processes of a network's nodes: started, watched, stopped together. Owns that none of them outlives this one. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { ports, type Testnet, type TestnetNode } from "./layout.ts";

export interface NodeProcess {
  readonly node: TestnetNode;
  /** Undefined while it runs; then why it does not. */
  readonly ending: string | undefined;
  readonly ended: Promise<void>;
}

export interface Processes {
  readonly nodes: readonly NodeProcess[];
  /** Settles when none is left. */
  readonly allEnded: Promise<void>;
  /** Ends them all, by force after a while. */
  stop(): Promise<void>;
  kill(): void;
}

export interface StartOptions {
  readonly comet: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logLevel: string;
}

const launcher = join(import.meta.dirname, "..", "weir.js");
/** A node needs less; and the whole command has 5 s. */
const stopMillisMax = 4_500;

export function startProcesses({ nodes }: Testnet, options: StartOptions): Processes {
  const running = nodes.map((node) => new Running(node, options));
  const allEnded = Promise.all(running.map(({ ended }) => ended)).then(() => {});
  const kill = () => {
    for (const each of running) each.kill();
  };
  const stop = async () => {
    for (const each of running) each.stop();
    const force = setTimeout(kill, stopMillisMax);
    await allEnded;
    clearTimeout(force);
  };
  return { nodes: running, allEnded, stop, kill };
}

class Running implements NodeProcess {
  readonly node: TestnetNode;
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  #isStopping = false;
  #ending: string | undefined;

  constructor(node: TestnetNode, { comet, environment, logLevel }: StartOptions) {
    this.node = node;
    const argv = ["start", "--home", node.home.folder, "--engine", "comet", "--cometbft", comet];
    const file = openSync(node.logFile, "a", 0o600);
    // A process group of its own, so that Ctrl-C reaches it through here alone; the channel ends it when this process was killed outright.
    this.#child = spawn(process.execPath, [launcher, ...argv, "--log-level", logLevel, "--log-format", "plain"], {
      stdio: ["ignore", file, file, "ipc"],
      detached: true,
      env: { ...ownVariablesOf(environment), WEIR_RELAUNCHED: "1" },
    });
    closeSync(file);
    this.ended = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#ending ??= `cannot be started: ${error.message}`;
        resolve();
      });
      this.#child.once("exit", (code, signal) => {
        this.#ending ??= this.#isStopping ? "stopped" : `ended by itself (${signal ?? code}): ${lastTrouble(node)}`;
        resolve();
      });
    });
  }

  get ending(): string | undefined {
    return this.#ending;
  }

  stop(): void {
    this.#isStopping = true;
    this.#child.kill("SIGTERM");
  }

  kill(): void {
    this.#isStopping = true;
    this.#child.kill("SIGKILL");
  }
}

/** What client.toml or a variable says of flags is meant for this command and not for its nodes. */
const ownVariablesOf = (environment: StartOptions["environment"]): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("WEIR_")));

const troubleCharactersMax = 300;

function lastTrouble({ logFile }: TestnetNode): string {
  const lines = readFileSync(logFile, "utf8").trimEnd().split("\n");
  const line = lines.findLast((text) => / ERROR /.test(text)) ?? lines.at(-1) ?? "";
  return `${line.slice(0, troubleCharactersMax)} (${logFile})`;
}

// ------------------------------------------------------------------------------------------------------------------- before the start

/** Throws, with what to do, unless every node can have its addresses. */
export async function requireFreePorts({ nodes }: Testnet): Promise<void> {
  for (const { address, name } of nodes) {
    for (const port of Object.values(ports)) {
      const code = await whyNotFree(address, port);
      if (code === undefined) continue;
      if (code === "EADDRNOTAVAIL") {
        throw new Error(
          `this machine has no address ${address}, where ${name} is to run: on macOS \`sudo ifconfig lo0 alias ${address}\` ` +
            "adds it; or make the network with another --starting-ip-address",
        );
      }
      throw new Error(
        `${address}:${port}, which ${name} needs, is taken (${code}): stop what runs there, another network perhaps, or make this ` +
          "one with another --starting-ip-address",
      );
    }
  }
}

function whyNotFree(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}
