/** A node of a generated network as two processes, application and engine, that can be killed, paused and started again. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import type { Home } from "../../cli/home.ts";
import { processesWith } from "../helpers/processes.ts";
import type { Place } from "./places.ts";

const launcher = join(import.meta.dirname, "..", "..", "cli", "weir.js");
const goneMillisMax = 15_000;

export interface NetNodeOptions {
  readonly name: string;
  readonly home: Home;
  readonly place: Place;
  readonly comet: string;
  /** Beyond `weir start --home`. */
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export class NetNode {
  readonly name: string;
  readonly home: Home;
  readonly place: Place;
  readonly url: string;
  readonly logFile: string;
  readonly #options: NetNodeOptions;
  #child: ChildProcess | undefined;
  #runs = 0;

  constructor(options: NetNodeOptions) {
    this.#options = options;
    this.name = options.name;
    this.home = options.home;
    this.place = options.place;
    this.url = `http://${options.place.address}:26657`;
    this.logFile = join(options.home.folder, "node.log");
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** One for each process that ran: a killed one leaves half a call behind. */
  get abciLogs(): readonly string[] {
    return Array.from({ length: this.#runs }, (_, run) => this.#abciLog(run));
  }

  #abciLog(run: number): string {
    return join(this.home.folder, `abci.${run}.log`);
  }

  start(): void {
    const { comet, flags = [], environment = {}, place } = this.#options;
    const argv = ["start", "--home", this.home.folder, "--engine", "comet", "--cometbft", comet, ...flags];
    argv.push("--log-format", "plain");
    const [program = "", ...rest] = place.wrap([
      ...[process.execPath, launcher, ...argv, "--abci-log", this.#abciLog(this.#runs++)],
    ]);
    const file = openSync(this.logFile, "a", 0o600);
    // The channel ends the node when this process is gone, as for the nodes of `weir testnet start`.
    this.#child = spawn(program, rest, {
      stdio: ["ignore", file, file, "ipc"],
      detached: true,
      env: { ...process.env, ...environment, WEIR_RELAUNCHED: "1" },
    });
    closeSync(file);
  }

  enginePids(): number[] {
    return processesWith(`cometbft start --home ${this.home.folder} `);
  }

  signalApp(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  signalEngine(signal: NodeJS.Signals): void {
    for (const pid of this.enginePids()) process.kill(pid, signal);
  }

  pids(): number[] {
    return [...(this.#child?.pid === undefined ? [] : [this.#child.pid]), ...this.enginePids()];
  }

  /** As systemd does; its exit code, or undefined when it had to be killed. */
  async stop(): Promise<number | undefined> {
    this.signalApp("SIGTERM");
    const isGone = await this.untilGone();
    if (!isGone) this.signalApp("SIGKILL");
    return isGone ? (this.#child?.exitCode ?? undefined) : undefined;
  }

  /** Whether both processes ended in time. */
  async untilGone(): Promise<boolean> {
    for (const until = Date.now() + goneMillisMax; Date.now() < until; await after(100)) {
      if (!this.isRunning && this.enginePids().length === 0) return true;
    }
    return false;
  }

  log(): string {
    return readFileSync(this.logFile, "utf8");
  }
}
