import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
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
  devnet = spawn(process.execPath, [join(root, "cli", "weir.js"), "devnet", "--chain-only", ...options], {
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

/** Runs a block of the README as it stands, with this working tree's `weir` for npx and one folder for home and files. */
async function shell(block: string, environment: Record<string, string>): Promise<string> {
  const npx = `npx() { shift; ${JSON.stringify(process.execPath)} ${JSON.stringify(join(root, "cli", "weir.js"))} "$@"; }`;
  const { stdout } = await promisify(execFile)("bash", ["-euc", `${npx}\n${block}`], {
    cwd: environment.HOME,
    env: { ...process.env, ...environment },
  });
  return stdout;
}

const start = "npx weir start\n";
/** Seventeen commands, each a process: on a busy machine each takes seconds. */
const threeValidatorsMillis = 240_000;

describe("the README's commands", () => {
  const blocks = [...text("README.md").matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block!);
  const blockWith = (words: string) => blocks.find((block) => block.includes(words))!;
  let home: string;
  let node: ChildProcess;
  let environment: Record<string, string>;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "weir-readme-"));
    environment = { HOME: home };
    const [first] = blocks;
    expect(first!.endsWith(start)).toBe(true);
    await shell(first!.slice(0, -start.length), environment);
    const config = join(home, ".weir", "config", "config.toml");
    writeFileSync(config, readFileSync(config, "utf8").replace("127.0.0.1:26657", "127.0.0.1:0"));
    const argv = [join(root, "cli", "weir.js"), "start", "--output", "json", "--log-level", "error"];
    node = spawn(process.execPath, [...argv, "--block-time", "50ms"], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...environment },
    });
    const [line] = await once(node.stdout!, "data");
    environment = { ...environment, WEIR_NODE: JSON.parse(String(line)).rpc };
  });
  afterAll(async () => {
    node.kill("SIGTERM");
    if (node.exitCode === null) await once(node, "exit");
    rmSync(home, { recursive: true, force: true });
  });

  it("make a first transfer, word for word", async () => {
    const [, transfer] = blocks;
    expect(await shell(transfer!, environment)).toMatch(/^[0-9A-F]{64}\n1000000 uweir\n$/);
    environment = { ...environment, WEIR_KEYRING_BACKEND: "test" };
  });

  it("believe no node, word for word but for the hash", async () => {
    const block = blocks.find((text) => text.includes("--trust-hash HASH"));
    const hash = `$(npx weir query block 2 --output json | grep -o '"hash":"[0-9A-F]*"' | head -1 | cut -d'"' -f4)`;
    const said = await shell(block!.replace("HASH", hash), environment);
    expect(said).toMatch(/^1000000 uweir\nheight [\s\S]*\n1000000 uweir\n$/);
  });

  it("sign with several keys, word for word", async () => {
    const [, , multisig] = blocks;
    expect(await shell(multisig!, environment)).toMatch(/\n[0-9A-F]{64}\n$/);
    expect(await shell("npx weir query bank balances carol", environment)).toBe("1000000 uweir\n");
  });

  it("sign offline, word for word", async () => {
    const [, , , offline] = blocks;
    expect(await shell(offline!, environment)).toMatch(/\n[0-9A-F]{64}\n$/);
    expect(await shell("npx weir query bank balances bob", environment)).toBe("2000000 uweir\n");
  });

  it("make a validator on a running chain, word for word", async () => {
    expect(await shell(blockWith("create-validator"), environment)).toMatch(
      /\ndemo +validates .*\nsecond +validates .*\n$/,
    );
  });

  it("delegate and take back, word for word", async () => {
    const text = await shell(blockWith("staking delegate"), environment);
    expect(text).toMatch(/\nweir1\S+ +weirvaloper1\S+ +2000000 uweir\n/);
    expect(text).toMatch(/\nweir1\S+ +weirvaloper1\S+ +1000000 .*\n$/);
  });

  it(
    "begin a chain with three validators, word for word",
    async () => {
      const three = blockWith("collect-gentxs");
      const start = "npx weir start --home ~/three/north --validator-keys ~/three/keys\n";
      expect(three.endsWith(start)).toBe(true);
      const text = await shell(three.slice(0, -start.length), environment);
      expect(text).toContain("chain weir-three-1, validators 3.");
      const folder = join(home, "three");
      const argv = [join(root, "cli", "weir.js"), "start", "--home", join(folder, "north"), "--output", "json"];
      const keys = [
        "--validator-keys",
        join(folder, "keys"),
        "--rpc.laddr",
        "tcp://127.0.0.1:0",
        "--log-level",
        "error",
      ];
      const running = spawn(process.execPath, [...argv, ...keys], { stdio: ["ignore", "pipe", "inherit"] });
      const [line] = await once(running.stdout!, "data");
      const answer = await shell("npx weir query staking validators", {
        ...environment,
        WEIR_NODE: JSON.parse(String(line)).rpc,
      });
      for (const name of ["north", "south", "west"]) expect(answer).toMatch(new RegExp(`\n${name} +validates`));
      running.kill("SIGTERM");
      await once(running, "exit");
    },
    threeValidatorsMillis,
  );
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
