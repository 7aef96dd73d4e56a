import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seededRandom } from "../../test/helpers/random.ts";
import { type KeyringOptions, openKeyring } from "./keyring.ts";

const script = join(import.meta.dirname, "..", "..", "test", "helpers", "keyringchild.ts");
const secretOf = (byte: number) => Buffer.alloc(32, byte);

interface Running {
  /** Resolves when the process waits to be told. */
  readonly ready: Promise<unknown>;
  go(): void;
  /** Kills it once it has said so many lines after "ready". */
  killAfter(count: number): Running["ended"];
  /** What it said after "ready", and whether it was killed. */
  readonly ended: Promise<{ readonly lines: readonly string[]; readonly killed: boolean }>;
}

describe("a keyring that several processes use", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "weir-keyring-"));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const options: Omit<KeyringOptions, "home"> = {
    backend: "file",
    cost: { n: 2, r: 1, p: 1 },
    passphrase: async () => "passphrase",
  };
  const open = (folder = home) => openKeyring({ ...options, home: folder });

  function run(folder: string, call: number, steps: readonly string[]): Running {
    const child = spawn(process.execPath, [script, folder, "file", String(call), "killHalfway", ...steps], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const output = createInterface({ input: child.stdout });
    const lines: string[] = [];
    const ready = once(output, "line");
    const counted = new EventEmitter();
    output.on("line", (line) => counted.emit("count", lines.push(line) - 1));
    const ended = once(child, "close").then(([, signal]) => ({ lines: lines.slice(1), killed: signal === "SIGKILL" }));
    /** From outside, at no particular point of what comes next. */
    const killAfter = async (count: number) => {
      counted.on("count", (done: number) => done >= count && child.kill("SIGKILL"));
      child.stdin.end("x");
      if (count === 0) child.kill("SIGKILL");
      return ended;
    };
    return { ready, ended, killAfter, go: () => void child.stdin.end("x") };
  }

  async function together(stepsOfEach: readonly (readonly string[])[]) {
    const running = stepsOfEach.map((steps) => run(home, 0, steps));
    await Promise.all(running.map(({ ready }) => ready));
    for (const { go } of running) go();
    return (await Promise.all(running.map(({ ended }) => ended))).map(({ lines }) => lines);
  }

  it("gives a name to one of those that want it at once, and tells the others", async () => {
    const said = await together([1, 2, 3, 4].map((byte) => [`add:alice:${byte}`]));
    const winners = said.flatMap(([line = ""]) => (line.startsWith("did add:alice:") ? [Number(line.at(-1))] : []));
    expect(winners).toHaveLength(1);
    const losers = said.filter(([line = ""]) => !line.startsWith("did"));
    for (const [line] of losers) expect(line).toContain("refused the key alice exists already: nothing was changed");
    expect(Buffer.from(await open().exportPrivateKey("alice"))).toEqual(secretOf(winners[0]!));
    expect(readdirSync(join(home, "keyring-file"))).toEqual(["alice.key"]);
  });

  it("loses none of the keys that they add, rename and delete at once", async () => {
    const steps = (i: number) => [`add:a${i}:${i}`, `add:b${i}:${10 + i}`, `rename:a${i}:c${i}`, `delete:b${i}`];
    const said = await together([1, 2, 3].map(steps));
    for (const lines of said) expect(lines.filter((line) => line.startsWith("did"))).toHaveLength(4);
    expect(open().list().problems).toEqual([]);
    expect(
      open()
        .list()
        .keys.map(({ name }) => name),
    ).toEqual(["c1", "c2", "c3"]);
  });

  it("is whole whichever call to the disk it was killed at: a key is there or not, and none is lost", async () => {
    const steps = ["add:bob:2", "rename:bob:carol", "delete:carol"];
    const outcomes: string[] = [];
    let isOver = false;
    for (let first = 1; !isOver; first += 4) {
      const calls = [first, first + 1, first + 2, first + 3];
      const ends = await Promise.all(calls.map(async (call) => judgeKill(call, await killedAt(call, steps), steps)));
      outcomes.push(...ends.map(({ names }) => names));
      isOver = ends.some(({ killed }) => !killed);
      expect(first).toBeLessThan(60);
    }
    // Before, in and after each step: a kill was seen in every state that there is.
    expect([...new Set(outcomes)].sort()).toEqual(["alice", "alice bob", "alice bob carol", "alice carol"]);
  });

  it("keeps every key that was reported, whenever a real kill -9 comes", async () => {
    const random = seededRandom(9);
    const reported = new Map<string, number>();
    for (let round = 0; round < 6; round++) {
      const names = Array.from({ length: 30 }, (_, i) => `r${round}k${i}`);
      // A key is in a keyring once.
      const byteOf = (i: number) => 30 * round + i + 1;
      const running = run(
        home,
        0,
        names.map((name, i) => `add:${name}:${byteOf(i)}`),
      );
      await running.ready;
      const { lines, killed } = await running.killAfter(random.below(12));
      expect(killed).toBe(true);
      for (const [i, line] of lines.entries()) {
        expect(line).toBe(`did add:${names[i]}:${byteOf(i)}`);
        reported.set(names[i]!, byteOf(i));
      }
      // The one under way may be there, whole.
      const { keys, problems } = open().list();
      expect(problems).toEqual([]);
      const next = names[lines.length]!;
      const found = new Set(keys.map(({ name }) => name));
      if (found.has(next)) reported.set(next, byteOf(lines.length));
      expect(found).toEqual(new Set(reported.keys()));
    }
    for (const [name, byte] of reported) {
      expect(Buffer.from(await open().exportPrivateKey(name))).toEqual(secretOf(byte));
    }
  });

  async function killedAt(call: number, steps: readonly string[]) {
    const folder = join(home, String(call));
    await open(folder).addLocal("alice", secretOf(1));
    const running = run(folder, call, steps);
    await running.ready;
    running.go();
    return { folder, ...(await running.ended) };
  }

  async function judgeKill(
    call: number,
    { folder, lines, killed }: { folder: string; lines: readonly string[]; killed: boolean },
    steps: readonly string[],
  ) {
    const keyring = open(folder);
    const { keys, problems } = keyring.list();
    const names = keys.map(({ name }) => name);
    const done = lines.filter((line) => line.startsWith("did")).length;
    expect(problems, `killed at ${call}`).toEqual([]);
    // What was reported done is so; what was under way is done or not.
    const states = [["alice"], ["alice", "bob"], ["alice", "carol"], ["alice"]].map((state) => state.join(" "));
    const possible = [
      states[done],
      states[Math.min(done + 1, steps.length)],
      ...(done === 1 ? ["alice bob carol"] : []),
    ];
    expect(possible, `killed at ${call}, after ${done} steps`).toContain(names.join(" "));
    for (const name of names) {
      const expected = secretOf(name === "alice" ? 1 : 2);
      expect(Buffer.from(await keyring.exportPrivateKey(name))).toEqual(expected);
    }
    return { names: names.join(" "), killed };
  }
});
