/** docs/voting.md, word for word, on a devnet whose votes are shorter still. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeHome } from "../../cli/commands/init.ts";
import { devnetAccounts } from "../../cli/devnet-accounts.ts";
import { readAccount } from "../../cli/genesis.ts";
import { homeAt } from "../../cli/home.ts";

const root = join(import.meta.dirname, "..", "..");
const weir = join(root, "cli", "weir.js");
const blocks = [...readFileSync(join(root, "docs", "voting.md"), "utf8").matchAll(/```sh\n([\s\S]*?)```/g)].map(
  ([, block]) => block!,
);

let folder: string;
let devnet: ChildProcess;
let environment: Record<string, string>;

/** A devnet's, but for the times: a vote must outlast the commands between, each a process, and no more. */
function shortVotes(path: string): void {
  const genesis = JSON.parse(readFileSync(path, "utf8"));
  const { gov } = genesis.app_state;
  Object.assign(gov.params, { voting_period: "15s", expedited_voting_period: "5s" });
  Object.assign(gov.weir.params, { economic_voting_period: "15s", economic_delay: "4s" });
  writeFileSync(path, JSON.stringify(genesis));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "weir-voting-"));
  const home = homeAt(join(folder, "devnet"));
  const accounts = devnetAccounts.map(({ address }) => readAccount(address, "1000000000000uweir"));
  writeHome(home, { moniker: "devnet", chainId: "weir-devnet-1", accounts, isDevnet: true });
  shortVotes(home.genesis);
  const options = ["--home", home.folder, "--rpc.laddr", "tcp://127.0.0.1:0", "--block-time", "200ms"];
  devnet = spawn(process.execPath, [weir, "devnet", ...options, "--output", "json", "--log-level", "error"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(devnet.stdout!, "data");
  const { mnemonic } = JSON.parse(readFileSync(join(root, "genesis", "devnet-accounts.json"), "utf8"))[0];
  environment = {
    HOME: folder,
    ALICE: mnemonic,
    WEIR_NODE: JSON.parse(String(line)).rpc,
    WEIR_KEYRING_BACKEND: "test",
  };
});

afterAll(async () => {
  devnet.kill("SIGTERM");
  if (devnet.exitCode === null) await once(devnet, "exit");
  rmSync(folder, { recursive: true, force: true });
});

async function shell(block: string): Promise<string> {
  const npx = `npx() { shift; ${JSON.stringify(process.execPath)} ${JSON.stringify(weir)} "$@"; }`;
  const { stdout } = await promisify(execFile)("bash", ["-euc", `${npx}\n${block}`], {
    cwd: folder,
    env: { ...process.env, ...environment },
  });
  return stdout;
}

const votesMillis = 120_000;

describe("the voter's walk-through", () => {
  it("begins with a devnet", () => expect(blocks[0]).toBe("npx weir devnet\n"));

  it(
    "proposes, tries out, votes and sees it act, word for word",
    async () => {
      const [, delegate, draft, submit, vote] = blocks;
      expect(await shell(delegate!)).toMatch(/[0-9A-F]{64}\n$/);
      const tried = await shell(draft!);
      expect(tried).toContain("Written to memo.json.");
      expect(tried).toContain(
        "    256 characters → 512 characters\n    allowed: 1 characters to 65,536 characters (routine)",
      );
      expect(tried).toMatch(/It would execute, with \d+ of 50000000 gas\./);
      const shown = await shell(submit!);
      expect(shown).toMatch(/\n#1 {2}voting {2}routine {2}(\d+ seconds left|1 second left) {2}Longer memos\n/);
      expect(shown).toMatch(/\nstatus {6}voting, routine, /);
      expect(shown).toContain("auth.max_memo_characters: longest memo of a transaction");
      const voted = await shell(vote!);
      expect(voted).toMatch(/#1 {2}voting .* yes 100\.0% [\s\S]*#1 {2}passed {2}routine/);
      expect(voted).toMatch(/\nmax memo characters +512\n/);
    },
    votesMillis,
  );

  it(
    "sees an economic change wait, word for word",
    async () => {
      const said = await shell(blocks[5]!);
      expect(said).toContain(
        "mint.inflation_max: highest yearly inflation\n    20% → 25%\n    allowed: 0% to 100% (economic, and waits after the vote)",
      );
      expect(said).toContain("vote: economic, 15 seconds; then it waits 4 seconds before it acts");
      expect(said).toMatch(/#2 {2}voting {2}economic [\s\S]*#2 {2}waiting {2}economic [\s\S]*#2 {2}passed {2}economic/);
      expect(await shell("npx weir query mint params")).toMatch(/inflation max +0\.25/);
    },
    votesMillis,
  );

  it("says what is wrong where something is", async () => {
    await expect(shell("npx weir tx gov vote 1 maybe --from alice")).rejects.toThrow(
      /maybe is no option; expected yes, no, abstain, no-with-veto/,
    );
    await expect(shell("npx weir tx gov draft memo.json")).rejects.toThrow(/memo\.json is there already/);
    const refused = `sed 's/"512"/"70000"/' memo.json > bad.json; npx weir query gov simulate bad.json`;
    await expect(shell(refused)).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining("It would NOT execute: max_memo_characters is 70,000 characters; expected"),
    });
  });
});
