/** `weir reserve` and the market's commands against a node: a wallet for a newcomer, an offer, a redemption, a report and an audit of it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { parseGenesis } from "../../chain/consensus/genesis.ts";
import { type DevnetAccount, devnetAccounts } from "../../cli/devnet-accounts.ts";
import { addAccount, genesisText } from "../../cli/genesis.ts";
import { derivePrivateKey, hdPath } from "../../cli/keyring/derive.ts";
import { openKeyring } from "../../cli/keyring/keyring.ts";
import { main } from "../../cli/main.ts";
import { makeFundedHome, startTestNode, type TestNode } from "../helpers/node.ts";

const [alice, bob] = devnetAccounts as [DevnetAccount, DevnetAccount];

/** As `weir genesis add-account … --module-name reserve` gives it, and epochs of a second. */
function prepare(path: string): void {
  const document = parseGenesis(readFileSync(path, "utf8"));
  const coins = [{ denom: "uusdc", amount: 60_000_000_000n }];
  const address = accountAddress.encode(moduleAddress("reserve"));
  const changed = JSON.parse(genesisText(addAccount(document, { address, coins, moduleName: "reserve" })));
  changed.app_state.beacon.params.epoch_duration = "1s";
  writeFileSync(path, JSON.stringify(changed));
}

describe("weir reserve", () => {
  let node: TestNode;
  let folder: string;

  beforeAll(async () => {
    const home = makeFundedHome("weir-reserve-1");
    prepare(home.genesis);
    node = await startTestNode({ home, blockMillis: 20 });
    folder = mkdtempSync(join(tmpdir(), "weir-reserve-"));
    const keyring = openKeyring({ home: folder, backend: "test", passphrase: async () => "" });
    await keyring.addLocal("alice", await derivePrivateKey(alice.mnemonic, "", hdPath(118, 0, 0)));
  });
  afterAll(async () => {
    await node.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function weir(...argv: string[]) {
    let [out, err] = ["", ""];
    const code = await main(argv, {
      environment: { WEIR_NODE: node.rpcUrl, WEIR_HOME: folder, WEIR_KEYRING_BACKEND: "test" },
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    });
    return { code, out, err };
  }
  async function run(...argv: string[]): Promise<string> {
    const { code, out, err } = await weir(...argv);
    expect(code, err).toBe(0);
    return out;
  }
  const committed = ["--from", "alice", "--yes", "--broadcast-mode", "commit", "--gas", "600000"];

  it("reports what there is, takes an offer and a redemption, and agrees with its records", async () => {
    const report = JSON.parse(await run("reserve", "report", "--output", "json"));
    expect(report).toMatchObject({ principal: "60000000000", offers: "0", frozen: [] });
    await run("reserve", "offer", "100000000000", "0.0205", ...committed);
    await run("reserve", "redeem", "5000000000", ...committed);
    const text = await run("reserve", "report");
    expect(text).toContain("R  principal    $");
    expect(text).toMatch(/book {9}1 offers of 100,000,000,000 uweir/);
    const audit = await run("reserve", "audit");
    expect(audit).toContain("All of it follows.");
    const json = JSON.parse(await run("reserve", "audit", "--from", "0", "--output", "json"));
    expect(json).toMatchObject({ findings: [] });
    expect((await weir("reserve", "audit", "--from", "x")).err).toContain("expected the number of an epoch");
  });

  it("says that no sale stands, unless a vote opened one", async () => {
    expect(await run("reserve", "sale")).toBe("No sale stands: none was opened, or it is over.\n");
    expect((await weir("reserve", "sale", "x")).code).toBe(2);
  });

  it("lets a shop fund a newcomer's wallet, and says what there is to buy", async () => {
    await run("tx", "market", "top-up", "7000000uusdc", "--for", bob.address, ...committed);
    const wallet = JSON.parse(await run("query", "market", "wallet", bob.address, "--output", "json"));
    expect(wallet).toEqual({ coins: [{ denom: "uusdc", amount: "7000000" }] });
    expect(JSON.parse(await run("query", "market", "denoms", "--output", "json")).denoms[0]).toMatchObject({
      ...{ denom: "uusdc", held: "7000000" },
    });
    const quote = JSON.parse(await run("query", "market", "quote", "europe-west", "10737418240", "--output", "json"));
    expect(quote).toMatchObject({ quotes: [], considered: "0" });
  });

  it("writes the history of an account and compares it with what the node says, and goes on from what was read", async () => {
    const first = await weir("export", "records", "--address", "alice");
    expect(first.code, first.err).toBe(0);
    expect(first.err).toMatch(/\d+ balances at height \d+ were compared with the records, and agree\./);
    const [head, ...rows] = first.out.split("\r\n");
    expect(head).toMatch(/^time,height,tx,account,kind,relay,denom,balance_change,/);
    expect(rows.some((row) => row.includes(",wallet top-up for another,,uusdc,-7000000,0,0,"))).toBe(true);
    expect(rows.some((row) => row.includes(",offer,,uweir,-100000000000,0,100000000000,"))).toBe(true);
    const json = JSON.parse(await run("export", "records", "--address", alice.address, "--format", "json"));
    expect(json).toMatchObject({ chain_id: "weir-reserve-1", complete: true, findings: [] });
    expect(json.records[0]).toMatchObject({ kind: "opening", denom: "uusdc" });
    expect((await weir("export", "records", "--address", "alice", "--year", "2001")).out.split("\r\n")).toHaveLength(2);
    expect((await weir("export", "records")).err).toContain("say whose records");
    expect((await weir("export", "records", "--fleet", "99")).err).toContain("knows no such relay");
    expect((await weir("export", "records", "--address", "alice", "--year", "26")).err).toContain(
      "expected four digits",
    );
  });
});
