/** `weir tx` and `weir query` of vesting, authz and feegrant against a real node: what a person types, sees, and is told of mistakes. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asObject, type JsonObject } from "../../chain/consensus/json.ts";
import { type DevnetAccount, devnetAccounts } from "../../cli/devnet-accounts.ts";
import { derivePrivateKey, hdPath } from "../../cli/keyring/derive.ts";
import { openKeyring } from "../../cli/keyring/keyring.ts";
import { main } from "../../cli/main.ts";
import { address } from "../helpers/accounts.ts";
import { startTestNode, type TestNode } from "../helpers/node.ts";

const [alice, bob, carol] = devnetAccounts as [DevnetAccount, DevnetAccount, DevnetAccount];

let node: TestNode;
let folder: string;
let operator: string;

beforeAll(async () => {
  node = await startTestNode({ blockMillis: 20 });
  folder = mkdtempSync(join(tmpdir(), "weir-grants-"));
  const keyring = openKeyring({ home: folder, backend: "test", passphrase: async () => "" });
  for (const { name, mnemonic } of [alice, bob, carol]) {
    await keyring.addLocal(name, await derivePrivateKey(mnemonic, "", hdPath(118, 0, 0)));
  }
  operator = /weirvaloper1\w+/.exec(await run("query", "staking", "validators"))![0];
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
  expect(code, `${argv.join(" ")}: ${err}`).toBe(0);
  return out;
}

/** What is said before it is signed; the chain has taken it afterwards. */
async function tx(...argv: string[]): Promise<string> {
  const { code, err } = await weir("tx", ...argv, "--yes", "--broadcast-mode", "commit");
  expect(code, `${argv.join(" ")}: ${err}`).toBe(0);
  return err;
}

const json = async (...argv: string[]): Promise<JsonObject> =>
  asObject(JSON.parse(await run(...argv, "--output", "json")), argv.join(" "));

const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};

const from = (name: string) => ["--from", name];

describe("weir tx authz", () => {
  it("grants in words, acts by a file that bank made, shows what is left, and takes back", async () => {
    const limit = ["--spend-limit", "1000uweir", "--allow-list", carol.address, "--expiration", "4000000000"];
    const said = await tx("authz", "grant", "bob", "send", ...limit, ...from("alice"));
    expect(said).toContain(`lets bob (${bob.address}) send 1,000 uweir in all to ${carol.address} only in its name`);
    expect(said).toContain("until 2096-10-02T07:06:40Z");
    const generic = await tx(
      "authz",
      "grant",
      "bob",
      "generic",
      "--msg-type",
      "/cosmos.bank.v1beta1.MsgMultiSend",
      ...from("alice"),
    );
    expect(generic).toContain("until it is revoked");
    const stake = ["--deny-validators", operator, "--spend-limit", "70uweir"];
    expect(await tx("authz", "grant", "bob", "unbond", ...stake, ...from("alice"))).toContain(`but not at ${operator}`);
    await tx("authz", "grant", "bob", "delegate", "--allowed-validators", operator, ...from("alice"));

    const unsigned = await run(
      "tx",
      "bank",
      "send",
      "alice",
      "carol",
      "250uweir",
      "--gas",
      "200000",
      "--generate-only",
    );
    const path = file("send.json", JSON.parse(unsigned));
    const acted = await tx("authz", "exec", path, ...from("bob"));
    expect(acted).toMatch(/bob .* does, in the name of whoever allowed it:\n +alice .* sends 250 uweir to carol/);
    const list = file("list.json", (JSON.parse(unsigned) as { body: { messages: unknown } }).body.messages);
    await tx("authz", "exec", list, ...from("bob"));

    const rows = (await run("query", "authz", "grants", "alice", "bob")).trimEnd().split("\n");
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ["MAY", "UNTIL"],
      ["/cosmos.bank.v1beta1.MsgMultiSend", "revoked"],
      ["send 500 uweir to 1 address", "2096-10-02T07:06:40Z"],
      ["delegate any amount at 1 validator", "revoked"],
      ["undelegate 70 uweir, not at 1 validator", "revoked"],
    ]);
    expect(await run("query", "authz", "grants-by-granter", "alice")).toMatch(/^GRANTEE +MAY +UNTIL\nweir1/);
    expect(await run("query", "authz", "grants-by-grantee", "bob")).toMatch(/^GRANTER +MAY +UNTIL\nweir1/);
    expect(await json("query", "authz", "grants", "alice", "bob", "/cosmos.bank.v1beta1.MsgSend")).toMatchObject({
      grants: [{ authorization: { "@type": "/cosmos.bank.v1beta1.SendAuthorization", allow_list: [carol.address] } }],
    });

    await tx("authz", "revoke", "bob", "/cosmos.bank.v1beta1.MsgSend", ...from("alice"));
    const again = await weir("tx", "authz", "exec", path, ...from("bob"), "--yes");
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("authorization not found")]);
  });

  it.each<readonly [string, readonly string[], string]>([
    ["another kind", ["bob", "everything"], "everything is no authorization; expected send, generic, delegate"],
    ["no limit", ["bob", "send"], "send needs --spend-limit, for example 1000000uweir"],
    ["no message", ["bob", "generic"], "generic needs --msg-type"],
    ["no validators", ["bob", "delegate"], "give either --allowed-validators or --deny-validators"],
    [
      "a bad end",
      ["bob", "generic", "--msg-type", "/a.B", "--expiration", "soon"],
      "--expiration soon: expected seconds",
    ],
    [
      "several coins to stake",
      ["bob", "unbond", "--deny-validators", "x", "--spend-limit", "1uusdc,1uweir"],
      "expected one coin",
    ],
  ])("says what is wrong with a grant of %s", async (_what, words, text) => {
    const { code, err } = await weir("tx", "authz", "grant", ...words, ...from("alice"));
    expect([code, err]).toEqual([2, expect.stringContaining(text)]);
  });

  it("says what is wrong with a file to execute, and with a missing signer", async () => {
    const exec = (content: unknown, ...more: string[]) =>
      weir("tx", "authz", "exec", file("bad.json", content), ...more);
    for (const [content, text] of [
      [{ body: {} }, "expected a transaction with body.messages, or a list of messages"],
      [[{ "@type": "/a.B" }], "messages[0]"],
      [[{ "@type": "/cosmos.bank.v1beta1.MsgSend", form_address: "x" }], "form_address"],
    ] as const) {
      const { code, err } = await exec(content, ...from("bob"));
      expect([code, err]).toEqual([2, expect.stringContaining(text)]);
    }
    expect(await exec([])).toMatchObject({ code: 2, err: expect.stringContaining("--from is missing") });
    const gone = await weir("tx", "authz", "exec", join(folder, "none.json"), ...from("bob"));
    expect([gone.code, gone.err]).toEqual([2, expect.stringContaining("none.json cannot be read")]);
  });
});

describe("weir tx feegrant", () => {
  it("pays for another, shows what is left, and stops", async () => {
    const limits = ["--spend-limit", "9000uweir", "--period", "3600", "--period-limit", "5000uweir"];
    const only = ["--allowed-messages", "/cosmos.bank.v1beta1.MsgSend"];
    const said = await tx(
      "feegrant",
      "grant",
      "alice",
      "bob",
      ...limits,
      ...only,
      "--expiration",
      "2096-10-02T07:06:40Z",
    );
    expect(said).toMatch(
      /pays fees for bob .*:\n +up to 9,000 uweir in all, until 2096-10-02T07:06:40Z\n +up to 5,000 uweir every/,
    );
    const paid = await tx("bank", "send", "bob", "carol", "1uweir", "--fee-granter", "alice", "--fees", "2000uweir");
    expect(paid).toContain("2,000 uweir, paid by alice");
    const [heading, row] = (await run("query", "feegrant", "grants-by-grantee", "bob")).split("\n");
    expect(heading!.split(/ {2,}/)).toEqual(["GRANTER", "LEFT", "NOW", "UNTIL", "ONLY FOR"]);
    expect(row!.split(/ {2,}/)).toEqual([
      alice.address,
      "7,000 uweir",
      "3,000 uweir every 3600s",
      "2096-10-02T07:06:40Z",
      "/cosmos.bank.v1beta1.MsgSend",
    ]);
    expect(await run("query", "feegrant", "grants-by-granter", "alice")).toMatch(/^GRANTEE +LEFT/);
    expect(await run("query", "feegrant", "grant", "alice", "bob")).toMatch(/left +7,000 uweir\n/);
    expect(await tx("feegrant", "revoke", "alice", "bob")).toContain("no longer pays fees for bob");
    expect(await tx("feegrant", "prune", ...from("carol"))).toContain("Removes up to 75 allowances");
    await tx("feegrant", "grant", "alice", "bob");
    expect(await run("query", "feegrant", "grants-by-grantee", "bob")).toMatch(
      /no limit +no limit +revoked +any message/,
    );
  });

  it.each<readonly [string, readonly string[], string]>([
    ["an end", ["--expiration", "tomorrow"], "--expiration tomorrow: expected a time such as"],
    ["a period", ["--period", "an hour"], "--period an hour: expected a number of seconds"],
    ["a period without a limit", ["--period", "60"], "--period needs --period-limit"],
    ["a limit without a period", ["--period-limit", "1uweir"], "--period-limit needs --period"],
    [
      "a period beyond the end",
      ["--period", "9999999999", "--period-limit", "1uweir", "--expiration", "2096-10-02T07:06:40Z"],
      "the first period would end after --expiration",
    ],
  ])("says what is wrong with %s", async (_what, words, text) => {
    const { code, err } = await weir("tx", "feegrant", "grant", "alice", "carol", ...words);
    expect([code, err]).toEqual([2, expect.stringContaining(text)]);
  });
});

describe("weir tx vesting", () => {
  it("gives coins that are locked in every way, and says when they are free", async () => {
    const little = await tx(
      "vesting",
      "create-vesting-account",
      address(20),
      "70uweir",
      "4000000000",
      ...from("alice"),
    );
    expect(little).toContain("spendable little by little until 2096-10-02T07:06:40Z");
    const late = await tx(
      "vesting",
      "create-vesting-account",
      address(21),
      "70uweir",
      "4000000000",
      "--delayed",
      ...from("alice"),
    );
    expect(late).toContain("all of it spendable on 2096-10-02T07:06:40Z");
    const never = await tx("vesting", "create-permanent-locked-account", address(22), "70uweir", ...from("alice"));
    expect(never).toContain("never to be spent, only to be delegated");
    const periods = [
      { coins: "30uweir", length_seconds: 60 },
      { coins: "40uweir", length_seconds: 4_000_000_000 },
    ];
    const path = file("periods.json", { start_time: 1_700_000_000, periods });
    const parts = await tx("vesting", "create-periodic-vesting-account", address(23), path, ...from("alice"));
    expect(parts).toContain(
      "counted from 2023-11-14T22:13:20Z:\n             30 uweir spendable after 60 seconds more",
    );
    const kinds = ["Continuous", "Delayed", "PermanentLocked", "Periodic"];
    for (const [index, kind] of kinds.entries()) {
      const { account } = await json("query", "auth", "account", address(20 + index));
      expect(asObject(account, "account")["@type"]).toContain(kind);
    }
    expect(await run("query", "bank", "spendable-balances", address(23))).toBe("30 uweir\n");
  });

  it("says what is wrong with a file of periods", async () => {
    for (const [content, text] of [
      [[], 'expected {"start_time":1893456000'],
      [{ start_time: 1, periods: [{ coins: "5uweir" }] }, "periods[0].length_seconds is undefined"],
      [{ start_time: "1", periods: [] }, 'start_time is "1"'],
      [{ start_time: 1, periods: [{ coins: "5", length_seconds: 1 }] }, "AMOUNT 5"],
    ] as const) {
      const path = file("bad-periods.json", content);
      const { code, err } = await weir(
        "tx",
        "vesting",
        "create-periodic-vesting-account",
        address(24),
        path,
        ...from("alice"),
      );
      expect([code, err]).toEqual([2, expect.stringContaining(text)]);
    }
  });
});
