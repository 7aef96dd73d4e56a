/**
 * A cometbft process beside this node: started, watched, started again, stopped. Owns when it runs and why it cannot; its home, its
 * configuration and the application it speaks to are given.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Log } from "../log.ts";
import { CometLog } from "./cometlog.ts";

export interface CometEngineOptions {
  /** Path of the binary. */
  readonly program: string;
  readonly home: string;
  /** Beyond `start --home`: what is said by flags and not in config.toml. */
  readonly flags?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  readonly log: Log;
  /** In the node's words, what to do about what the engine said when it ended; undefined: nothing is known. */
  readonly explain?: (said: string) => string | undefined;
}

/** Between an end and the next start: doubled each time until a block is decided. */
const restartMillis = 200;
const restartMillisMax = 10_000;
/** Ends in a row, with no block between, after which it is given up. */
const restartsMax = 6;
/** A SIGTERM is obeyed in well under a second; a killed engine replays at its next start. */
const stopMillisMax = 3_500;

/** CometBFT's own words when handshake and replay are over. */
const upMessages: ReadonlySet<string> = new Set([
  "Completed ABCI Handshake - CometBFT and App are synced",
  "Started node",
]);

/** After these it stays up and does nothing, and after another start it would say them again. */
const fatalMessages: ReadonlySet<string> = new Set(["State sync failed", "CONSENSUS FAILURE!!!"]);
/** Long enough for what it has to say after that. */
const lastWordsMillis = 300;

export class CometEngine {
  readonly #options: CometEngineOptions;
  readonly #log: CometLog;
  readonly #ended = Promise.withResolvers<Error>();
  readonly #stopped = Promise.withResolvers<void>();
  #child: ChildProcess | undefined;
  #isStopping = false;
  #isUp = false;
  #isDoomed = false;
  #failures = 0;
  #restart: NodeJS.Timeout | undefined;

  constructor(options: CometEngineOptions) {
    this.#options = options;
    this.#log = new CometLog(options.log, (message) => {
      if (upMessages.has(message)) this.#isUp = true;
      if (fatalMessages.has(message)) this.#end();
    });
  }

  /** Settles, with the reason, when the engine cannot run any more; never after `stop`. */
  get ended(): Promise<Error> {
    return this.#ended.promise;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const { program, home, flags = [], environment = process.env } = this.#options;
    this.#log.clear();
    this.#isUp = false;
    // In a process group of its own: Ctrl-C at the terminal must reach it through us, after which the application goes last.
    const child = spawn(program, ["start", "--home", home, ...flags], {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#child = child;
    if (child.pid !== undefined) this.#options.log.debug(`cometbft runs as process ${child.pid}`);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => this.#log.line(line));
    }
    child.once("error", (error) => this.#giveUp(`${program} cannot be run: ${error.message}`));
    child.once("close", (code, signal) => this.#closed(code, signal));
  }

  /** A block was decided: the engine is well, and its next end is the first. */
  noteProgress(): void {
    this.#failures = 0;
    this.#isUp = true;
  }

  /** Ends it, by force when it does not obey in time. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#log.quiet();
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const force = setTimeout(() => {
      this.#options.log.warn("cometbft does not stop, and is killed: it replays its last block at the next start");
      child.kill("SIGKILL");
    }, stopMillisMax);
    await this.#stopped.promise;
    clearTimeout(force);
  }

  #end(): void {
    this.#isDoomed = true;
    setTimeout(() => this.#child?.kill("SIGKILL"), lastWordsMillis);
  }

  #closed(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#isStopping) {
      this.#stopped.resolve();
      return;
    }
    const how = signal === null ? `ended with ${code}` : `was ended by ${signal}`;
    const said = this.#log.trouble.join("\n");
    const advice = this.#options.explain?.(said);
    // It refuses to begin: the same would be said again.
    if (this.#isDoomed || advice !== undefined || (!this.#isUp && code !== 0 && signal === null)) {
      this.#giveUp(`cometbft ${how}: ${advice ?? ""}${advice === undefined ? "" : "\n"}${said || "it said nothing"}`);
      return;
    }
    if (++this.#failures > restartsMax) {
      this.#giveUp(`cometbft ${how} for the ${this.#failures}th time without a block between: ${said}`);
      return;
    }
    const wait = Math.min(restartMillis * 2 ** (this.#failures - 1), restartMillisMax);
    this.#options.log.warn(`cometbft ${how} and is started again in ${wait} ms`);
    this.#restart = setTimeout(() => this.start(), wait);
  }

  #giveUp(reason: string): void {
    this.#ended.resolve(new Error(reason));
    this.#stopped.resolve();
  }
}
