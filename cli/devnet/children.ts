/**
 * The devnet's processes: the same commands that people type, each in a home of its own, with its words in a file there. Owns that each is
 * watched, that none outlives this process, and what is said of one that ended by itself.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { asObject } from "../../chain/consensus/json.ts";
import type { ProcessState } from "./snapshot.ts";

export interface ChildSpec {
  readonly name: string;
  /** After "weir". */
  readonly argv: readonly string[];
  readonly logFile: string;
  /** Holds where the process says how it is, once it serves. */
  readonly monitorFile: string;
  /** Put before the program: to run it in a network of its own. */
  readonly prefix?: readonly string[];
}

/** Nine processes on one machine, none of which carries much: a small nursery of the garbage collector saves 50 MB each. */
const nodeFlags = ["--max-semi-space-size=1"];
const launcher = join(import.meta.dirname, "..", "weir.js");
/** Of a machine that does much else. */
export const readyMillisMax = 60_000;
const lookMillis = 200;
const answerMillisMax = 1_000;

export class Child implements ProcessState {
  readonly name: string;
  readonly logFile: string;
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #monitorFile: string;
  #isStopping = false;
  #ending: string | undefined;

  constructor({ name, argv, logFile, monitorFile, prefix = [] }: ChildSpec) {
    this.name = name;
    this.logFile = logFile;
    this.#monitorFile = monitorFile;
    // Of the run before: it leads nowhere, or to somebody else.
    rmSync(monitorFile, { force: true });
    mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
    const file = openSync(logFile, "a", 0o600);
    const [program = process.execPath, ...before] = [...prefix, process.execPath];
    // A process group of its own, so that Ctrl-C reaches it through here alone; the channel ends it when this process was killed outright.
    this.#child = spawn(program, [...before, ...nodeFlags, launcher, ...argv], {
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
    return (await this.ask("health")) !== undefined;
  }

  /** What it says of itself; undefined while it says nothing. */
  async ask(page: "health" | "status"): Promise<Readonly<Record<string, unknown>> | undefined> {
    if (!existsSync(this.#monitorFile)) return undefined;
    try {
      const url = `${readFileSync(this.#monitorFile, "utf8").trim()}/${page}`;
      const response = await fetch(url, { signal: AbortSignal.timeout(answerMillisMax), redirect: "error" });
      return asObject(await response.json(), url);
    } catch {
      // Not up yet, or too busy: the next look tells.
      return undefined;
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

/** Ends them all, by force after so long. */
export async function stopAll(children: readonly Child[], millisMax: number): Promise<void> {
  for (const child of children) child.stop();
  const force = setTimeout(() => {
    for (const child of children) child.kill();
  }, millisMax);
  await Promise.all(children.map(({ ended }) => ended));
  clearTimeout(force);
}
