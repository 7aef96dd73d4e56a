/** docs/compliance.md, word for word, on a chain of its own. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const weir = join(root, "cli", "weir.js");
const blocks = [...readFileSync(join(root, "docs", "compliance.md"), "utf8").matchAll(/```sh\n([\s\S]*?)```/g)].map(
  ([, block]) => block!,
);

let folder: string;
let node: ChildProcess | undefined;
const environment: Record<string, string> = { WEIR_KEYRING_BACKEND: "test" };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "weir-compliance-"));
  environment.HOME = folder;
});

afterAll(async () => {
  node?.kill("SIGTERM");
  if (node?.exitCode === null) await once(node, "exit");
  rmSync(folder, { recursive: true, force: true });
});

async function shell(block: string): Promise<string> {
  const npx = `npx() { shift; ${JSON.stringify(process.execPath)} ${JSON.stringify(weir)} "$@"; }`;
  const { stdout, stderr } = await promisify(execFile)("bash", ["-euc", `${npx}\n${block}`], {
    cwd: folder,
    env: { ...process.env, ...environment },
  });
  return `${stderr}${stdout}`;
}

/** The block's words after `npx`, with an RPC on a free port. */
async function start(block: string): Promise<void> {
  const [, , ...words] = block.trim().split(" ");
  const options = ["--rpc.laddr", "tcp://127.0.0.1:0", "--output", "json", "--log-level", "error"];
  node = spawn(process.execPath, [weir, ...words, ...options], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  const [line] = await once(node.stdout!, "data");
  environment.WEIR_NODE = JSON.parse(String(line)).rpc;
}

/** Functions that an earlier block defines are there in a terminal, and so are they here. */
const functions = blocks
  .flatMap((block) => block.split("\n"))
  .filter((line) => /^(send|address)\(\) /.test(line))
  .join("\n");

const walkMillis = 400_000;

describe("the walk-through of compliance", () => {
  it(
    "begins a chain, restricts, attests, issues, freezes and lifts, word for word",
    async () => {
      const [keys, genesis, run, limit, attest, pay, freeze, lift] = blocks;
      await shell(keys!);
      const made = await shell(genesis!);
      expect(made).toMatch(/Merged compliance, circuit into .*genesis\.json\.\n.* is good: chain weir-bank-1/);
      await start(run!);
      const limited = await shell(limit!);
      expect(limited).toMatch(/may receive 100ueurx more in this epoch without a credential identity, not 200ueurx/);
      expect(limited).toMatch(/\nrefused\n[\s\S]*900/);
      const attested = await shell(`${functions}\n${attest}`);
      expect(attested).toMatch(/identity[\s\S]*DE/);
      const paid = await shell(`${functions}\n${pay}`);
      expect(paid).toMatch(/5000000[\s\S]*2900/);
      const frozen = await shell(`${functions}\n${freeze}`);
      expect(frozen).toMatch(/is frozen in ueurx by act 1 of the emergency committee \(on the list of 20 November\)/);
      expect(frozen).toMatch(/\nrefused\n[0-9A-F]{64}\n$/);
      const lifted = await shell(`${functions}\n${lift}`);
      expect(lifted).toMatch(/[0-9A-F]{64}\n$/);
      expect(lifted).not.toMatch(/refused|error/i);
    },
    walkMillis,
  );

  it("names commands that there are", () => {
    const text = readFileSync(join(root, "docs", "compliance.md"), "utf8");
    for (const word of ["set-issuer", "remove-issuer", "set-rule", "remove-rule", "set-issuance", "claim", "declare"]) {
      expect(text).toContain(word);
    }
  });
});
