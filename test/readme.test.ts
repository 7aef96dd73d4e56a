import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const text = (path: string) => readFileSync(join(root, path), "utf8");
const accounts: { name: string; address: string; mnemonic: string }[] = JSON.parse(
  text("genesis/devnet-accounts.json"),
);
const [alice, bob] = [accounts[0]!, accounts[1]!];

let folder: string;
let devnet: ChildProcess;
let rpc: string;

beforeAll(async () => {
  // Below node_modules, so that the example finds its packages and git does not see it.
  folder = mkdtempSync(join(root, "node_modules", ".readme-"));
  const options = [
    "--home",
    join(folder, "home"),
    "--rpc.laddr",
    "tcp://127.0.0.1:0",
    "--block-time",
    "0",
    "--output",
    "json",
    "--log-level",
    "error",
  ];
  devnet = spawn(process.execPath, [join(root, "cli", "weir.js"), "devnet", ...options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(devnet.stdout!, "data");
  rpc = JSON.parse(String(line)).rpc;
});

afterAll(async () => {
  devnet.kill("SIGTERM");
  if (devnet.exitCode === null) await once(devnet, "exit");
  rmSync(folder, { recursive: true, force: true });
});

describe("the README", () => {
  it("shows a transfer that works against a devnet, word for word", async () => {
    const example = /```js\n([\s\S]*?)```/.exec(text("README.md"))![1]!;
    expect(example).toContain('"http://127.0.0.1:26657"');
    const program = join(folder, "example.mjs");
    const given = `const mnemonic = ${JSON.stringify(alice.mnemonic)};\nconst recipient = ${JSON.stringify(bob.address)};\n`;
    writeFileSync(program, given + example.replace("http://127.0.0.1:26657", rpc));
    const { stdout } = await promisify(execFile)(process.execPath, [program], { encoding: "utf8" });
    expect(stdout).toMatch(/^[0-9A-F]{64} /);
    expect(stdout).toContain("denom: 'uweir', amount: '1000001000000'");
  });

  it("says where the devnet's mnemonics are", () => {
    for (const { name, address, mnemonic } of accounts) {
      expect(text("genesis/README.md")).toContain(`| ${name} | \`${address}\` | ${mnemonic} |`);
    }
  });
});
