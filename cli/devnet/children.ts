/**
 * The devnet's processes: the same commands that people type, each in a home of its own, with its words in a file there. Owns that each is
 * watched, that none outlives this process, and what is said of one that ended by itself.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ProcessState } from "./snapshot.ts";

export interface ChildSpec {
  readonly name: string;
  /** After "weir". */
  readonly argv: readonly string[];
  readonly logFile: string;
  /** Answers with 200 once the process serves. */
  readonly healthUrl: string;
  /** Put before the program: to run it in a network of its own. */
  readonly prefix?: readonly string[];
}

const launcher = join(import.meta.dirname, "..", "weir.js");
/** The whole command has 5 s, and the chain stops last. */
const stopMillisMax = 3_500;
/** Of a machine that does much else. */
export const readyMillisMax = 60_000;
const lookMillis = 200;
const answerMillisMax = 1_000;

export class Child implements ProcessState {
  readonly name: string;
  readonly logFile: string;
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #healthUrl: string;
  #isStopping = false;
  #ending: string | undefined;

  constructor({ name, argv, logFile, healthUrl, prefix = [] }: ChildSpec) {
    this.name = name;
    this.logFile = logFile;
    this.#healthUrl = healthUrl;
    mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
    const file = openSync(logFile, "a", 0o600);
    const [program = process.execPath, ...before] = [...prefix, process.execPath];
    // A process group of its own, so that Ctrl-C reaches it through here alone; the channel ends it when this process was killed outright.
    this.#child = spawn(program, [...before, launcher, ...argv], {
      stdio: ["ignore", file, file, "ipc"],
      detached: true,
      env: { ...withoutWeirVariables(process.env), WEIR_RELAUNCHED: "1" },
    });
    closeSync(file);
    this.ended = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#ending ??= `cannot be started: ${error.message}`;
        resolve();
      });
      this.#child.once("exit", (code, signal) => {
        this.#ending ??= this.#isStopping ? "stopped" : `ended by itself (${signal ?? code}): ${this.#lastLines()}`;
        resolve();
      });
    });
  }

  get ending(): string | undefined {
    return this.#ending;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Rejects where it ended, or did not answer in time. */
  async ready(): Promise<void> {
    const deadline = Date.now() + readyMillisMax;
    while (!(await this.#isServing())) {
      if (this.#ending !== undefined) throw new Error(`${this.name} ${this.#ending}`);
      if (Date.now() > deadline) {
        throw new Error(
          `${this.name} does not serve after ${readyMillisMax / 1_000} s: ${this.#lastLines()}; is the machine too busy?`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, lookMillis));
    }
  }

  /** Anything that answers serves: of its health it speaks in its log. */
  async #isServing(): Promise<boolean> {
    try {
      const response = await fetch(this.#healthUrl, { signal: AbortSignal.timeout(answerMillisMax) });
      await response.arrayBuffer();
      return true;
    } catch {
      // Not up yet: the next look tells.
      return false;
    }
  }

  stop(): void {
    this.#isStopping = true;
    this.#child.kill("SIGTERM");
  }

  kill(): void {
    this.#isStopping = true;
    this.#child.kill("SIGKILL");
  }

  #lastLines(): string {
    const text = readFileSync(this.logFile, "utf8").trimEnd();
    const lines = text.split("\n").slice(-linesShown).join("\n  ");
    return text === "" ? `it said nothing (${this.logFile})` : `${lines.slice(-charactersShown)}\n  (${this.logFile})`;
  }
}

const linesShown = 3;
const charactersShown = 900;

/** What a variable says of flags is meant for this command and not for its processes. */
const withoutWeirVariables = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("WEIR_")));

/** Ends them all, by force after a while. */
export async function stopAll(children: readonly Child[]): Promise<void> {
  for (const child of children) child.stop();
  const force = setTimeout(() => {
    for (const child of children) child.kill();
  }, stopMillisMax);
  await Promise.all(children.map(({ ended }) => ended));
  clearTimeout(force);
}
