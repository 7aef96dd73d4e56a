/** Processes of a devnet: what is said of one that ends by itself, and that nothing is left of those whose parent is gone. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Child, stopAll } from "./children.ts";

const folder = mkdtempSync(join(tmpdir(), "weir-children-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const nowhere = join(folder, "monitor");
const spec = (name: string, argv: readonly string[]) => ({
  name,
  argv,
  logFile: join(folder, "logs", `${name}.log`),
  monitorFile: nowhere,
});

describe("a process of a devnet", () => {
  it("that cannot go on is named, with its last words and where they are", async () => {
    const child = new Child(spec("relay-1", ["start", "--home", join(folder, "none")]));
    await expect(child.ready()).rejects.toThrow(/^relay-1 ended by itself \(1\): .*run `weir init MONIKER` first/s);
    expect(child.ending).toContain(child.logFile);
  });

  it("is stopped with all others, and then no failure", async () => {
    const children = ["a", "b"].map((name) => new Child(spec(name, ["status", "--node", "http://127.0.0.1:9"])));
    await stopAll(children, 60_000);
    for (const { ending } of children) expect(ending).toBe("stopped");
  });

  it("ends when the process that started it was killed outright", async () => {
    const code = `
      import { Child } from ${JSON.stringify(join(import.meta.dirname, "children.ts"))};
      const home = ${JSON.stringify(join(folder, "chain"))};
      const child = new Child({ name: "chain", argv: ["start", "--home", home, "--rpc.laddr", "tcp://127.0.0.1:0"],
        logFile: home + ".log", monitorFile: ${JSON.stringify(nowhere)} });
      console.log(child.pid);
      setInterval(() => {}, 1000);`;
    const launcher = join(import.meta.dirname, "..", "weir.js");
    const [made] = await once(
      spawn(process.execPath, [launcher, "init", "x", "--home", join(folder, "chain")]),
      "exit",
    );
    expect(made).toBe(0);
    const parent = spawn(process.execPath, ["--input-type=module", "--eval", code], { stdio: ["ignore", "pipe", 2] });
    const [line] = (await once(parent.stdout!, "data")) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    parent.kill("SIGKILL");
    while (isAlive(pid)) await new Promise((next) => setImmediate(next));
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
