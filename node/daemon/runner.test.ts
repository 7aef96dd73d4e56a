import { describe, expect, it } from "vitest";
import { silentLog } from "../../chain/log.ts";
import { drop, fatal, retry } from "./failure.ts";
import { type Daemon, type DaemonOptions, runDaemon } from "./runner.ts";

type Input =
  | { readonly kind: "want"; readonly name: string }
  | { readonly kind: "done" | "failed"; readonly name: string };
type Effect = { readonly name: string };
type State = readonly string[];
type Options = DaemonOptions<State, Input, Effect>;

/** Each wanted name becomes an effect, and what became of it stands in the state. */
function started(perform: Options["perform"], more: Partial<Options> = {}): Daemon<State, Input> {
  return runDaemon<State, Input, Effect>({
    initial: [],
    step: (state, { kind, name }) => ({
      state: [...state, `${kind} ${name}`],
      effects: kind === "want" ? [{ name }] : [],
    }),
    perform,
    failed: ({ name }) => ({ kind: "failed", name }),
    log: silentLog,
    ...more,
  });
}

const want = (name: string): Input => ({ kind: "want", name });
const done = (name: string): Input => ({ kind: "done", name });

describe("a daemon", () => {
  it("steps through what comes of its effects, and ends when it is stopped", async () => {
    const daemon = started(async ({ name }) => done(name));
    expect(daemon.input(want("a"))).toBe(true);
    await daemon.stop();
    await daemon.finished;
    expect(daemon.state).toEqual(["want a", "done a"]);
    expect(daemon.input(want("b"))).toBe(false);
  });

  it("takes a failure that is no end as an input, and ends by a fatal one", async () => {
    const failures = { lost: retry("lost"), wrong: drop("wrong"), broken: fatal("broken") };
    const daemon = started(async ({ name }) => {
      throw failures[name as keyof typeof failures];
    });
    for (const name of ["lost", "wrong", "broken"]) daemon.input(want(name));
    await expect(daemon.finished).rejects.toThrow("broken");
    expect(daemon.state).toContain("failed lost");
    expect(daemon.state).toContain("failed wrong");
    expect(daemon.state).not.toContain("failed broken");
    expect(daemon.input(want("more"))).toBe(false);
  });

  it("ends by a defect of its own: a step that throws, or a failure that nobody classed", async () => {
    const badStep = started(async () => undefined, {
      step: () => {
        throw new Error("a defect");
      },
    });
    badStep.input(want("a"));
    await expect(badStep.finished).rejects.toMatchObject({ kind: "fatal" });
    const unclassed = started(async () => {
      throw new TypeError("undefined is not a function");
    });
    unclassed.input(want("a"));
    await expect(unclassed.finished).rejects.toThrow("undefined is not a function");
  });

  it("performs what is of one lane in order, and the rest at once", async () => {
    const began: string[] = [];
    const release = new Map<string, () => void>();
    const perform = ({ name }: Effect) =>
      new Promise<Input>((resolve) => {
        began.push(name);
        release.set(name, () => resolve(done(name)));
      });
    const laneOf = ({ name }: Effect) => (name.startsWith("disk") ? "disk" : undefined);
    const daemon = started(perform, { laneOf });
    for (const name of ["disk 1", "disk 2", "net 1", "net 2"]) daemon.input(want(name));
    const settle = async () => {
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    };
    await settle();
    expect(began.toSorted()).toEqual(["disk 1", "net 1", "net 2"]);
    release.get("disk 1")!();
    await settle();
    expect(began).toContain("disk 2");
    for (const name of ["disk 2", "net 1", "net 2"]) release.get(name)!();
    await daemon.stop();
    expect(daemon.state.filter((line) => line.startsWith("done disk"))).toEqual(["done disk 1", "done disk 2"]);
  });

  it("tells what is under way that it ends, and waits for it", async () => {
    const perform = (_: Effect, signal: AbortSignal) =>
      new Promise<Input>((resolve) => signal.addEventListener("abort", () => resolve(done("in time"))));
    const daemon = started(perform);
    daemon.input(want("long"));
    // Whatever runs was begun before it can be told.
    await Promise.resolve();
    await Promise.resolve();
    await daemon.stop();
    expect(daemon.state.at(-1)).toBe("done in time");
  });
});
