/** `weir query`, `weir tx` and `weir keys` against a real node: what a person types and sees, and every way in which it is refused. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountAddress } from "../../chain/address.ts";
import { asArray, asObject, type JsonObject } from "../../chain/consensus/json.ts";
import { type DevnetAccount, devnetAccounts } from "../../cli/devnet-accounts.ts";
import { derivePrivateKey, hdPath } from "../../cli/keyring/derive.ts";
import { openKeyring } from "../../cli/keyring/keyring.ts";
import type { Prompts } from "../../cli/keyring/prompt.ts";
import { main } from "../../cli/main.ts";
import { headersOf } from "../../node/chain/lightclient.ts";
import { type AbciAnswer, NodeClient } from "../../node/chain/nodeclient.ts";
import { provenValue } from "../../node/chain/provenvalue.ts";
import type { Rpc } from "../../node/chain/rpc.ts";
import { makeFundedHome, startTestNode, type TestNode } from "../helpers/node.ts";

const [alice, bob, carol] = devnetAccounts as [DevnetAccount, DevnetAccount, DevnetAccount];
const nobody = "weir1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqy8uuwv";
const chainId = "weir-commands-1";

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let node: TestNode;
let folder: string;

beforeAll(async () => {
  node = await startTestNode({ home: makeFundedHome(chainId), blockMillis: 20 });
  folder = mkdtempSync(join(tmpdir(), "weir-commands-"));
  const keyring = openKeyring({ home: folder, backend: "test", passphrase: async () => "" });
  for (const { name, mnemonic } of [alice, bob, carol]) {
    await keyring.addLocal(name, await derivePrivateKey(mnemonic, "", hdPath(118, 0, 0)));
  }
  await run("keys", "add", "treasury", "--multisig", "alice,bob,carol", "--multisig-threshold", "2");
});

afterAll(async () => {
  await node.remove();
  rmSync(folder, { recursive: true, force: true });
});

const environment = () => ({
  WEIR_NODE: node.rpcUrl,
  WEIR_HOME: folder,
  WEIR_KEYRING_BACKEND: "test",
});

async function weir(argv: readonly string[], prompts?: Prompts): Promise<Said> {
  let [out, err] = ["", ""];
  const code = await main(argv, {
    environment: environment(),
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    ...(prompts === undefined ? {} : { prompts }),
  });
  return { code, out, err };
}

async function run(...argv: string[]): Promise<string> {
  const { code, out, err } = await weir(argv);
  expect(code, `${argv.join(" ")}: ${err}`).toBe(0);
  return out;
}

const json = async (...argv: string[]): Promise<JsonObject> =>
  asObject(JSON.parse(await run(...argv, "--output", "json")), argv.join(" "));

const answering = (answer: string): Prompts => ({
  isTerminal: true,
  line: async () => answer,
  secret: async () => answer,
  newSecret: async () => answer,
  confirm: async () => answer === "y",
});

const file = (name: string): string => join(folder, name);
const committed = ["--yes", "--broadcast-mode", "commit"] as const;

async function balance(address: string, denom = "uweir"): Promise<bigint> {
  const { balance } = await json("query", "bank", "balance", address, denom);
  return BigInt(String(asObject(balance, "balance").amount));
}

describe("queries", () => {
  it("answer people in tables and programs in the SDK's JSON", async () => {
    expect(await run("query", "bank", "balances", alice.address)).toBe(
      "1,000,000,000,000 uusdc, 1,000,000,000,000 uweir\n",
    );
    expect(await json("q", "bank", "balances", carol.address)).toEqual({
      balances: [
        { denom: "uusdc", amount: "1000000000000" },
        { denom: "uweir", amount: "1000000000000" },
      ],
      pagination: { next_key: null, total: "0" },
    });
    expect(await run("query", "bank", "total", "--denom", "uweir")).toMatch(/^5,000,\d{3},\d{3},\d{3} uweir\n$/);
    expect(await json("query", "auth", "account", "alice")).toMatchObject({
      account: { "@type": "/cosmos.auth.v1beta1.BaseAccount", address: alice.address, account_number: "0" },
    });
    expect(await json("query", "consensus", "params")).toHaveProperty("params.block.max_bytes");
  });

  it("lead from page to page", async () => {
    const first = await json("query", "auth", "accounts", "--limit", "2");
    expect(asArray(first.accounts, "accounts")).toHaveLength(2);
    const key = String(asObject(first.pagination, "pagination").next_key);
    const second = await json("query", "auth", "accounts", "--limit", "2", "--page-key", key);
    expect(asArray(second.accounts, "accounts")[0]).not.toEqual(asArray(first.accounts, "accounts")[0]);
    const text = await run("query", "auth", "accounts", "--limit", "2", "--count-total");
    expect(text).toContain(`more: --page-key ${key}`);
    expect(text).toMatch(/total \d/);
  });

  it("take fields by flag as well as by position, and read the past", async () => {
    const byFlag = await json("query", "bank", "balance", "--address", alice.address, "--denom", "uweir");
    expect(byFlag).toEqual(await json("query", "bank", "balance", alice.address, "uweir"));
    const before = await balance(bob.address);
    const [height] = [String((await json("query", "block")).block && node.engine.height)];
    await run("tx", "bank", "send", "alice", "bob", "5uweir", ...committed);
    const past = await json("query", "bank", "balance", bob.address, "uweir", "--height", height);
    expect(past).toEqual({ balance: { denom: "uweir", amount: String(before) } });
    expect(await balance(bob.address)).toBe(before + 5n);
  });
});

describe("blocks", () => {
  it("are shown by height, by hash, by their events, and with what they did", async () => {
    const { block_id, block } = await json("query", "block", "2");
    expect(block).toMatchObject({ header: { height: "2", chain_id: chainId } });
    const hash = String(asObject(block_id, "block_id").hash);
    expect(await json("query", "block", "--hash", hash)).toEqual({ block_id, block });
    expect(await run("query", "block", "2")).toContain(`hash      ${hash}`);
    const found = await json("query", "blocks", "--query", "block.height>1 AND block.height<4");
    expect(found).toMatchObject({ total_count: "2", page_number: "1", page_total: "1" });
    expect(await json("query", "block-results", "2")).toMatchObject({ height: "2", txs_results: [{ code: 0 }] });
    expect(await run("query", "blocks", "--query", "block.height=2")).toContain("1 in all; page 1 of 1");
  });
});

describe("what simd asks with", () => {
  it("finds a transaction by its signer's sequence and its signature, a block by its hash, and who validates", async () => {
    const { sequence } = asObject((await json("query", "auth", "account-info", "alice")).info, "info");
    const sent = await json("tx", "bank", "send", "alice", "bob", "7uweir", "--yes");
    const found = await json("query", "wait-tx", String(sent.txhash));
    expect(found).toMatchObject({ txhash: sent.txhash, code: 0 });
    const by = [`${alice.address}/${sequence}`];
    expect(await json("query", "tx", ...by)).toEqual(found);
    expect(await json("query", "tx", "--type", "acc_seq", ...by)).toEqual(found);
    const signature = String(asArray(asObject(found.tx, "tx").signatures, "signatures")[0]);
    expect(await json("query", "tx", "--type=signature", signature)).toEqual(found);
    const { block_id } = await json("query", "block", "2");
    const hash = String(asObject(block_id, "block_id").hash);
    expect((await json("query", "block", "--type=hash", hash)).block_id).toEqual(block_id);
    expect(await json("query", "tendermint-validator-set", "2")).toMatchObject({ block_height: "2", total: "1" });
    expect(await run("query", "comet-validator-set")).toMatch(/^ADDRESS +POWER\nweirvalcons1\w+ +100\n\n1 in all/);
  });

  it("says what it does not find, or does not understand", async () => {
    const none = "AB".repeat(32);
    for (const [argv, code, message] of [
      [["wait-tx", none, "--timeout", "0"], 1, "is in no block after 0 s"],
      [["wait-tx", none, "--timeout", "soon"], 2, "--timeout soon: expected"],
      [["tx", `${alice.address}/999999`], 1, "the node has no transaction with acc_seq"],
      [["tx", "weir1'/1 OR 1", "--type", "acc_seq"], 2, "expected ADDRESS/SEQUENCE"],
      [["tx", none, "--type", "x"], 2, "expected hash, acc_seq or signature"],
      [["block", "5", "--type", "x"], 2, "expected height or hash"],
    ] as const) {
      const found = await weir(["query", ...argv]);
      expect([found.code, found.err], argv.join(" ")).toEqual([code, expect.stringContaining(message)]);
    }
  });
});

describe("a proven query", () => {
  it("is computed here from entries that are there or absent, and says against what", async () => {
    const { out, err, code } = await weir(["query", "bank", "balance", alice.address, "uusdc", "--prove"]);
    expect([code, out], err).toEqual([0, "1,000,000,000,000 uusdc\n"]);
    expect(err).toMatch(/Proven: 1 entry at height \d+, against the app hash [0-9A-F]{64}/);
    const absent = await json("query", "bank", "balance", nobody, "uweir", "--prove");
    expect(absent).toMatchObject({ balance: { denom: "uweir", amount: "0" }, proof: { entries: 1 } });
    for (const argv of [
      ["auth", "account", alice.address],
      ["auth", "params"],
      ["bank", "denom-metadata", "uweir"],
      ["bank", "spendable-balance", alice.address, "uusdc"],
      ["consensus", "params"],
    ]) {
      const { proof, ...proven } = await json("query", ...argv, "--prove");
      const { height } = asObject(proof, "proof");
      expect(proven).toEqual(await json("query", ...argv, "--height", String(height)));
    }
  });

  it("believes no node that gives another value, key, store or root", async () => {
    const client = new NodeClient(node.rpcUrl);
    const key = Uint8Array.of(2, 20, ...accountAddress.decode(alice.address), ...Buffer.from("uusdc"));
    const height = (await client.height()) - 1n;
    const appHash = new Uint8Array(Buffer.from(String((await client.header(height + 1n)).app_hash), "hex"));
    const answer = await client.abciQuery({ path: "/store/bank/key", data: key, height, prove: true });
    expect(Buffer.from(provenValue(answer, "bank", key, appHash)!).toString()).toBe("1000000000000");
    const [ofKey, ofStore] = answer.proofOps;
    const lies: readonly (readonly [AbciAnswer, string, Uint8Array, Uint8Array])[] = [
      [{ ...answer, value: Buffer.from("9") }, "bank", key, appHash],
      [{ ...answer, value: new Uint8Array() }, "bank", key, appHash],
      [answer, "acc", key, appHash],
      [answer, "bank", Uint8Array.of(...key, 1), appHash],
      [answer, "bank", key, appHash.toReversed()],
      [{ ...answer, proofOps: [] }, "bank", key, appHash],
      [{ ...answer, proofOps: [ofStore!, ofKey!] }, "bank", key, appHash],
      [{ ...answer, proofOps: [ofKey!, { ...ofStore!, data: ofKey!.data }] }, "bank", key, appHash],
    ];
    for (const lie of lies) expect(() => provenValue(...lie)).toThrow(/proof/);
  });

  it("believes a header because of one that the user trusts, below it or above", async () => {
    const hashAt = async (height: string) =>
      String(asObject((await json("query", "block", height)).block_id, "block_id").hash);
    const ask = (...more: string[]) => json("query", "auth", "params", "--prove", ...more);
    const early = ["--trust-height", "2", "--trust-hash", await hashAt("2")];
    const { proof } = await ask(...early);
    expect(proof).toMatchObject({
      trusted: { height: "2" },
      reason: expect.stringContaining("which you trust; 3 were checked"),
    });
    const late = ["--trust-height", "9", "--trust-hash", (await hashAt("9")).toLowerCase()];
    for (const height of ["2", "7", "8"]) {
      expect((await ask(...late, "--height", height)).proof).toMatchObject({ height, trusted: { height: "9" } });
    }
    expect((await ask()).proof).toMatchObject({ trusted: null, reason: expect.stringContaining("this node's word") });
  });

  it("is refused where the trusted header is another, too old, or said by half", async () => {
    const hash = "A".repeat(64);
    const ask = (...more: string[]) => weir(["query", "auth", "params", "--prove", ...more]);
    const cases: readonly (readonly [argv: readonly string[], code: number, message: string])[] = [
      [["--trust-height", "2", "--trust-hash", hash], 1, `and you trust ${hash}: it is of another chain, or it lies`],
      [["--trust-height", "2"], 2, "--trust-height and --trust-hash belong together"],
      [["--trust-height", "2", "--trust-hash", "AB"], 2, "expected 64 hex digits"],
      [["--trust-height", "0", "--trust-hash", hash], 2, "--trust-height 0: expected a height"],
      [["--trust-height", "2", "--trust-hash", hash, "--trust-hours", "never"], 2, "a whole number of hours"],
    ];
    for (const [argv, code, message] of cases) {
      const found = await ask(...argv);
      expect([found.code, found.err], argv.join(" ")).toEqual([code, expect.stringContaining(message)]);
    }
  });

  it("believes no header that a node makes up", async () => {
    const honest = new NodeClient(node.rpcUrl);
    const hash = String(asObject((await honest.rpc.call("block", { height: "5" })).block_id, "block_id").hash);
    const trust = { height: 5n, hash, millisMax: 3_600_000, chainId };
    const lying = (change: (text: string, method: string) => string) => {
      const client = new NodeClient(node.rpcUrl);
      const call: Rpc["call"] = async (method, params) =>
        JSON.parse(change(JSON.stringify(await honest.rpc.call(method, params)), method));
      return Object.assign(client, { rpc: { url: "liar", call } });
    };
    const forged = (text: string) => text.replaceAll(/"app_hash":"[0-9A-F]{4}/g, '"app_hash":"0000');
    const seek = (client: NodeClient, height: bigint) => headersOf(client, trust).header(height);
    expect(await seek(honest, 8n)).toMatchObject({ height: 8n });
    await expect(seek(lying(forged), 8n)).rejects.toThrow(/and you trust/);
    const later = lying((text) => (text.includes('"height":"8"') ? forged(text) : text));
    await expect(seek(later, 8n)).rejects.toThrow("the header of height 8 is not the one that was signed");
    const below = lying((text, method) => (method === "header" ? forged(text) : text));
    await expect(seek(below, 3n)).rejects.toThrow("is not the one that the header above it names");
    const other = lying((text) => text.replaceAll('"height":"8"', '"height":"7"'));
    await expect(seek(other, 8n)).rejects.toThrow("height 7 where 8 was asked for");
    await expect(headersOf(honest, { ...trust, chainId: "other" }).header(8n)).rejects.toThrow("is of the chain");
    await expect(headersOf(honest, { ...trust, millisMax: 1 }).header(8n)).rejects.toThrow("trust a newer one");
  });

  it("is refused where a range would have to be proven", async () => {
    const { code, err } = await weir(["query", "bank", "balances", alice.address, "--prove"]);
    expect([code, err]).toEqual([1, expect.stringContaining("ICS-23 proves single ones")]);
  });
});

describe("a transfer", () => {
  it("shows in words what is signed, asks, and sends", async () => {
    const before = await balance(bob.address);
    const argv = ["tx", "bank", "send", "alice", bob.address, "1000000uweir", "--memo", "rent", "-b", "commit"];
    const refused = await weir(argv, answering("n"));
    expect([refused.code, refused.out]).toEqual([1, ""]);
    expect(refused.err).toContain("Nothing was signed or sent.");
    const sent = await weir(argv, answering("y"));
    expect(sent.code, sent.err).toBe(0);
    expect(sent.err).toContain(`alice (${alice.address}) sends 1,000,000 uweir to bob (${bob.address})`);
    expect(sent.err).toContain(`Chain      ${chainId}`);
    expect(sent.err).toContain('Memo       "rent"');
    expect(await balance(bob.address)).toBe(before + 1_000_000n);
    const hash = sent.out.trim();
    expect(await json("query", "tx", hash)).toMatchObject({
      txhash: hash,
      code: 0,
      tx: { "@type": "/cosmos.tx.v1beta1.Tx", body: { memo: "rent" } },
    });
    const found = await json("query", "txs", "--query", `transfer.recipient='${bob.address}'`, "--order", "desc");
    expect(asObject(asArray(found.txs, "txs")[0], "tx").txhash).toBe(hash);
  });

  it("goes to several at once, each the amount or a share of it", async () => {
    const [toBob, toCarol] = [await balance(bob.address), await balance(carol.address)];
    await run("tx", "bank", "multi-send", "alice", "bob", "carol", "10uweir", ...committed);
    await run("tx", "bank", "multi-send", "alice", "bob", "carol", "11uweir", "--split", ...committed);
    expect(await balance(bob.address)).toBe(toBob + 15n);
    expect(await balance(carol.address)).toBe(toCarol + 15n);
  });

  it("pays by gas price, by another's account, and signs amino JSON where asked", async () => {
    const before = await balance(carol.address);
    const sent = await json(
      ...["tx", "bank", "send", "alice", "bob", "1uweir", "--gas", "100000", "--gas-prices", "0.025uweir"],
      ...["--fee-payer", "carol", "--sign-mode", "amino-json", ...committed],
    );
    expect(sent).toMatchObject({ code: 0, gas_wanted: "100000" });
    expect(await balance(carol.address)).toBe(before - 2_500n);
  });

  it("says what it would take and sends nothing with --dry-run", async () => {
    const before = await balance(bob.address);
    const dry = await json("tx", "bank", "send", "alice", "bob", "7uweir", "--dry-run", "--gas-prices", "1uweir");
    const gas = BigInt(String(dry.gas_limit));
    expect(gas).toBeGreaterThan(30_000n);
    expect(dry.fee).toEqual([{ denom: "uweir", amount: String(gas) }]);
    expect(await balance(bob.address)).toBe(before);
  });
});

describe("a transaction in a file", () => {
  it("is signed by members of a multisig, one by one, and sent", async () => {
    await run("tx", "bank", "send", "alice", "treasury", "5000000uweir", ...committed);
    const draft = ["tx", "bank", "send", "treasury", "bob", "1000000uweir", "--gas", "200000", "--generate-only"];
    await run(...draft, "--output-document", file("unsigned.json"));
    for (const name of ["alice", "carol"]) {
      const argv = ["tx", "sign", file("unsigned.json"), "--from", name, "--multisig", "treasury", "--yes"];
      await run(...argv, "--output-document", file(`${name}.json`));
    }
    const alone = await weir(["tx", "multi-sign", file("unsigned.json"), "treasury", file("alice.json")]);
    expect([alone.code, alone.err]).toEqual([2, expect.stringContaining("1 of 2 signatures needed")]);
    const parts = [file("carol.json"), file("alice.json")];
    const signed = await run("tx", "multi-sign", file("unsigned.json"), "treasury", ...parts);
    writeFileSync(file("signed.json"), signed);
    expect(await run("tx", "validate-signatures", file("signed.json"))).toMatch(/ {2}good\n$/);
    const encoded = (await run("tx", "encode", file("signed.json"))).trim();
    expect(await json("tx", "decode", encoded)).toEqual(JSON.parse(signed));
    const before = await balance(bob.address);
    await run("tx", "broadcast", file("signed.json"), "-b", "commit");
    expect(await balance(bob.address)).toBe(before + 1_000_000n);
    const again = await weir(["tx", "validate-signatures", file("signed.json")]);
    expect([again.code, again.out]).toEqual([1, expect.stringContaining("unable to verify")]);
  });

  it("is signed without a node", async () => {
    const { info } = await json("query", "auth", "account-info", "bob");
    const { account_number, sequence } = asObject(info, "info") as Record<string, string>;
    const offline = [
      "--offline",
      "--chain-id",
      chainId,
      "-a",
      account_number!,
      "-s",
      sequence!,
      "--node",
      "http://127.0.0.1:1",
    ];
    const draft = await run("tx", "bank", "send", "bob", "carol", "3uweir", "--generate-only", ...offline);
    writeFileSync(file("draft.json"), draft);
    const signed = await run("tx", "sign", file("draft.json"), "--yes", ...offline);
    writeFileSync(file("sealed.json"), signed);
    expect(await run("tx", "validate-signatures", file("sealed.json"), ...offline)).toMatch(/good/);
    expect(await run("tx", "bank", "send", "bob", "carol", "3uweir", "--yes", ...offline)).toBe(signed);
    const before = await balance(carol.address);
    await run("tx", "broadcast", file("sealed.json"), "-b", "commit");
    expect(await balance(carol.address)).toBe(before + 3n);
    const twice = await weir(["tx", "broadcast", file("sealed.json")]);
    expect([twice.code, twice.err]).toEqual([1, expect.stringMatching(/was sent before: weir query tx [0-9A-F]{64}/)]);
  });

  it("carries several signers' signatures, each added in its turn", async () => {
    const argv = ["tx", "bank", "send", "alice", "bob", "1uweir", "--fee-payer", "carol", "--fees", "9uweir"];
    writeFileSync(file("two.json"), await run(...argv, "--generate-only"));
    const direct = await weir(["tx", "sign", file("two.json"), "--from", "alice", "--yes"]);
    expect([direct.code, direct.err]).toEqual([2, expect.stringContaining("use --sign-mode amino-json")]);
    for (const name of ["carol", "alice"]) {
      const signed = await run("tx", "sign", file("two.json"), "--from", name, "--sign-mode", "amino-json", "--yes");
      writeFileSync(file("two.json"), signed);
    }
    const sent = await json("tx", "broadcast", file("two.json"), "-b", "commit");
    expect(sent.code).toBe(0);
  });
});

describe("what is refused", () => {
  const send = ["tx", "bank", "send", "alice", "bob", "1uweir"];
  const cases: readonly (readonly [argv: readonly string[], code: number, message: RegExp])[] = [
    [["query", "bank", "balnces"], 2, /no command "balnces" in weir query bank; did you mean balances\?/],
    [["query", "bnak"], 2, /no command "bnak" in weir query; did you mean bank\?/],
    [["query", "bank", "balance", alice.address], 2, /DENOM is missing; expected ADDRESS DENOM/],
    [["query", "bank", "balance", alice.address, "uweir", "x"], 2, /x is more than it takes: ADDRESS DENOM/],
    [["query", "bank", "balances", "nobody"], 2, /nobody is no address of this chain .*, nor the name of a key/],
    [["query", "bank", "balances", `${alice.address.slice(0, -1)}x`], 2, /is no address of this chain/],
    [["query", "bank", "balance", alice.address, "u"], 1, /invalid denom: u/],
    [["query", "bank", "balances", alice.address, "--height", "-1"], 2, /--height -1: expected a height/],
    [["query", "bank", "balances", alice.address, "--height", "999999999"], 1, /height in the future/],
    [["query", "auth", "accounts", "--limit", "many"], 2, /LIMIT: found "many", expected a whole number/],
    [["query", "auth", "account", nobody], 1, /account weir1qqq\S+ not found/],
    [["query", "auth", "params", "--node", "http://127.0.0.1:1"], 1, /no node answers at http:\/\/127\.0\.0\.1:1/],
    [["query", "auth", "params", "--node", "nonsense"], 1, /"nonsense" is no address of a node/],
    [["query", "tx", "12"], 2, /12 is no hash of a transaction/],
    [["query", "tx", "00".repeat(32)], 1, /tx \(0+\) not found/],
    [["query", "txs"], 2, /--query is missing/],
    [["query", "txs", "--query", "height"], 1, /does not answer --query "height": /],
    [["query", "txs", "--query", "tx.height=1", "--page", "0"], 2, /--page 0: expected a number from 1/],
    [["query", "block", "x"], 2, /x is no height/],
    [["query", "block", "999999999"], 1, /must be less than or equal to/],
    [send, 2, /nobody is at a terminal to say yes: add --yes/],
    [[...send, "--fess", "1uweir"], 2, /unknown flag --fess; did you mean --fees\?/],
    [[...send, "--yes", "--gas", "none"], 2, /--gas none: expected auto or a whole number/],
    [[...send, "--yes", "--gas-adjustment", "0.5"], 2, /--gas-adjustment: expected 1 or more/],
    [[...send, "--yes", "--fees", "5"], 2, /--fees 5: 5 of what\? Type 5uweir/],
    [[...send, "--yes", "--fees", "5uweir", "--gas-prices", "1uweir"], 2, /exclude each other/],
    [[...send, "--yes", "--sign-mode", "textual"], 2, /--sign-mode textual: expected direct or amino-json/],
    [[...send, "--yes", "--broadcast-mode", "block"], 2, /--broadcast-mode block: expected sync, async, commit/],
    [[...send, "--yes", "--chain-id", "cosmoshub-4"], 2, /is of the chain weir-commands-1, not cosmoshub-4/],
    [[...send, "--offline"], 2, /--offline needs --chain-id/],
    [[...send, "--offline", "--chain-id", chainId, "--yes"], 2, /--offline needs --account-number and --sequence/],
    [[...send, "--offline", "--gas", "auto"], 2, /--gas auto asks a node, and --offline asks none/],
    [[...send, "--dry-run", "--generate-only"], 2, /exclude each other/],
    [[...send, "--from", "bob", "--yes"], 2, /--from bob does not sign this/],
    [[...send, "--yes", "--gas", "1000"], 1, /refuses it \(sdk 11\): out of gas .*\n?.*give it more/],
    [[...send, "--yes", "--sequence", "999"], 1, /account sequence mismatch, expected \d+, got 999/],
    [[...send, "--yes", "--gas", "90000", "--timeout-height", "1"], 1, /\(sdk 30\)/],
    [["tx", "bank", "send", "alice", "bob", "0uweir", "--yes"], 2, /AMOUNT 0uweir: expected amounts above zero/],
    [["tx", "bank", "send", "alice", "bob", "1.5uweir", "--yes"], 2, /no whole number of uweir/],
    [["tx", "bank", "send", "alice", "bob", "--yes"], 2, /AMOUNT is missing; expected FROM-ADDRESS TO-ADDRESS AMOUNT/],
    [["tx", "bank", "send", "alice", "zoe", "1uweir", "--yes"], 2, /zoe is no address of this chain/],
    [
      ["tx", "bank", "send", "alice", "bob", `9${"0".repeat(20)}uweir`, "--yes"],
      1,
      /would fail: .*insufficient funds$/m,
    ],
    [["tx", "bank", "send", nobody, "bob", "1uweir", "--yes"], 1, /no account weir1qqq\S+ on this chain yet/],
    [["tx", "bank", "send", "treasury", "bob", "1uweir", "--yes"], 2, /treasury is a multisig: .*--generate-only/],
    [["tx", "bank", "multi-send", "alice", "1uweir", "--yes"], 2, /weir tx bank multi-send takes FROM TO\.\.\. AMOUNT/],
    [["tx", "bank", "update-params", "{", "--generate-only"], 2, /PARAMS is no JSON.*@FILE/],
    [["tx", "bank", "update-params", '{"x":1}', "--generate-only"], 2, /found a field that does not exist/],
    [["tx", "sign", "missing.json"], 2, /missing\.json cannot be read/],
    [["tx", "decode", "AAAA"], 1, /the chain would not take it/],
    [["tx", "decode", "?"], 2, /neither base64 nor a file/],
  ];

  it.each(cases)("%j ends with %i", async (argv, code, message) => {
    const said = await weir(argv);
    expect([said.code, said.err]).toEqual([code, expect.stringMatching(message)]);
    expect(said.out).toBe("");
  });

  it("by governance's messages, which can only be written down", async () => {
    const draft = await json("tx", "bank", "update-params", '{"default_send_enabled":true}', "--generate-only");
    expect(draft).toMatchObject({ body: { messages: [{ params: { default_send_enabled: true } }] } });
    writeFileSync(file("params.json"), '{"default_send_enabled":true}');
    expect(await json("tx", "bank", "update-params", `@${file("params.json")}`, "--generate-only")).toEqual(draft);
    const sent = await weir(["tx", "bank", "update-params", '{"default_send_enabled":true}', "--yes"]);
    expect(sent.code).toBe(1);
  });

  it("with a document that was changed after it was signed", async () => {
    const argv = ["tx", "bank", "send", "alice", "bob", "1uweir", "--generate-only"];
    writeFileSync(file("a.json"), await run(...argv));
    const signed = await run("tx", "sign", file("a.json"), "--yes");
    writeFileSync(file("b.json"), signed.replace('"amount":"1"', '"amount":"2"'));
    const sent = await weir(["tx", "broadcast", file("b.json")]);
    expect([sent.code, sent.err]).toEqual([1, expect.stringMatching(/\(sdk 4\): .*signature verification failed/)]);
    expect(readFileSync(file("b.json"), "utf8")).toContain('"amount":"2"');
  });
});
