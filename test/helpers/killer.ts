/** A daemon as a process that is killed at its durable writes and started again, by a seed. Owns the killing; what must hold is the test's. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { KillableDaemon, KillMoment } from "./killabledaemon.ts";
import type { Random } from "./random.ts";

const child = join(import.meta.dirname, "killabledaemon.ts");
/** A start is most of what a life costs, and compiling is most of a start. */
const compiled = join(import.meta.dirname, "..", "..", "node_modules", ".cache", "weir-killed");
const environment = { ...process.env, NODE_COMPILE_CACHE: compiled };
const moments: readonly KillMoment[] = ["before", "in", "after"];
/** A life makes so many durable writes at most. */
const writesMax = 4;
const problemsMax = 3;

export interface Said {
  readonly says: string;
  readonly port?: number;
}

export type Killed = Omit<KillableDaemon, "killAt" | "moment">;

export class Killer {
  readonly #daemon: Killed;
  readonly #random: Random;
  readonly #onSaid: (said: Said) => void;
  #process: ChildProcess | undefined;
  #isKilling = true;
  #isOver = false;
  #running: Promise<void> = Promise.resolve();
  /** How often it died, by moment. */
  readonly kills = new Map<KillMoment, number>(moments.map((moment) => [moment, 0]));
  /** What it said when it ended otherwise. */
  readonly problems: string[] = [];

  constructor(daemon: Killed, random: Random, onSaid: (said: Said) => void = () => undefined) {
    this.#daemon = daemon;
    this.#random = random;
    this.#onSaid = onSaid;
  }

  get killCount(): number {
    return [...this.kills.values()].reduce((sum, count) => sum + count, 0);
  }

  start(): void {
    this.#running = this.#live();
  }

  /** This life ends now, wherever it is, and the next one is left alone. */
  spare(): void {
    this.#isKilling = false;
    this.#process?.kill("SIGKILL");
  }

  /** By SIGTERM, in order; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#isOver = true;
    this.#process?.kill("SIGTERM");
    await this.#running;
  }

  async end(): Promise<void> {
    this.#isOver = true;
    this.#process?.kill("SIGKILL");
    await this.#running;
  }

  async #live(): Promise<void> {
    while (!this.#isOver && this.problems.length < problemsMax) {
      const killAt = this.#isKilling ? 1 + this.#random.below(writesMax) : 0;
      const moment = this.#random.pick(moments);
      const life = spawn(process.execPath, [child, JSON.stringify({ ...this.#daemon, killAt, moment })], {
        stdio: ["ignore", "pipe", "pipe"],
        env: environment,
      });
      this.#process = life;
      let errors = "";
      life.stderr.on("data", (bytes) => {
        errors = (errors + bytes).slice(-4_000);
      });
      createInterface({ input: life.stdout }).on("line", (line) => this.#onSaid(JSON.parse(line) as Said));
      const [code, signal] = await once(life, "close");
      if (this.#isOver) return;
      if (signal === "SIGKILL") this.kills.set(moment, this.kills.get(moment)! + 1);
      else this.problems.push(`${this.#daemon.daemon} ended with ${code}: ${errors}`);
    }
  }
}

/** Block by block, until the condition holds. */
export async function untilBlock(
  { engine }: { readonly engine: { onBlock(listener: () => void): () => void } },
  condition: () => Promise<boolean> | boolean,
): Promise<void> {
  while (!(await condition())) {
    await new Promise<void>((resolve) => {
      const stop = engine.onBlock(() => {
        stop();
        resolve();
      });
    });
  }
}
