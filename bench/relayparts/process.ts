/** A process of a bench: started, asked by lines, ended by the end of its input. Owns nothing of what it does. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export class BenchProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(script: string, options: unknown) {
    const path = join(import.meta.dirname, script);
    this.#child = spawn(process.execPath, ["--expose-gc", path, JSON.stringify(options)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async line<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("a process of the bench ended before it was told to");
    return JSON.parse(value) as T;
  }

  ask<T>(): Promise<T> {
    this.#child.stdin!.write("?\n");
    return this.line<T>();
  }

  async end(): Promise<void> {
    this.#child.stdin?.end();
    if (this.#child.exitCode === null) await once(this.#child, "exit");
  }
}
