/** Beginning a chain with validators that signed for themselves: the files, what is refused, the start, and an export that starts again. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { validatorAddress } from "../../chain/address.ts";
import { asArray, asObject, type JsonObject } from "../../chain/consensus/json.ts";
import { silentLog } from "../../chain/log.ts";
import { homeAt } from "../../cli/home.ts";
import { main } from "../../cli/main.ts";
import { startNode } from "../../cli/node.ts";
import { MsgCreateValidator } from "../../proto/gen/cosmos/staking/v1beta1/tx.ts";
import { address } from "../helpers/accounts.ts";

const chainId = "weir-gentx-1";
const nodes = ["north", "south", "west"] as const;
type Name = (typeof nodes)[number];

let folder: string;
const homeOf = (name: Name) => homeAt(join(folder, name));

async function weir(name: Name, ...argv: string[]) {
  let [out, err] = ["", ""];
  const code = await main([...argv, "--home", homeOf(name).folder], {
    environment: { WEIR_KEYRING_BACKEND: "test" },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

async function run(name: Name, ...argv: string[]): Promise<string> {
  const { code, out, err } = await weir(name, ...argv);
  expect(code, `${argv.join(" ")}: ${err}`).toBe(0);
  return out;
}

const gentxs = (name: Name) => join(homeOf(name).config, "gentx");
const readJson = (path: string): JsonObject => asObject(JSON.parse(readFileSync(path, "utf8")), path);
const fileOf = (suffix: string) => readdirSync(gentxs("north")).find((name) => name.endsWith(suffix))!;
const txFile = () => fileOf(".json");
const genesis = () => readJson(homeOf("north").genesis);
const appState = (module: string) => asObject(asObject(genesis().app_state, "app_state")[module], module);

/** Three homes, each with an operator who has coins in the genesis of the first. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "weir-gentx-"));
  for (const name of nodes) {
    await run(name, "init", name, "--chain-id", chainId);
    await run(name, "keys", "add", "operator");
    const operator = (await run(name, "keys", "show", "operator", "--address")).trim();
    await run("north", "genesis", "add-account", operator, "1000000000uweir");
  }
  for (const name of nodes) {
    if (name !== "north") cpSync(homeOf("north").genesis, homeOf(name).genesis);
    await run(name, "genesis", "gentx", "operator", "500000000uweir", "--ip", "127.0.0.1", "--p2p-port", "26000");
    if (name !== "north") cpSync(gentxs(name), gentxs("north"), { recursive: true });
  }
  cpSync(folder, `${folder}-kept`, { recursive: true });
});
beforeEach(() => {
  rmSync(folder, { recursive: true });
  cpSync(`${folder}-kept`, folder, { recursive: true });
  for (const name of nodes) chmodSync(join(homeOf(name).folder, "keyring-test"), 0o700);
});
afterAll(() => {
  for (const path of [folder, `${folder}-kept`]) rmSync(path, { recursive: true, force: true });
});

describe("weir genesis gentx", () => {
  it("writes a signed transaction whose memo says where the node is, as simd does", async () => {
    const id = (await run("south", "comet", "show-node-id")).trim();
    expect(readdirSync(gentxs("south"))).toEqual([`gentx-${id}.beacon`, `gentx-${id}.json`]);
    const { body, signatures } = readJson(join(gentxs("south"), `gentx-${id}.json`));
    expect(asObject(body, "body")).toMatchObject({
      memo: `${id}@127.0.0.1:26000`,
      messages: [
        {
          "@type": `/${MsgCreateValidator.$type}`,
          description: { moniker: "south" },
          commission: { rate: "0.100000000000000000", max_rate: "0.200000000000000000" },
          min_self_delegation: "1",
          delegator_address: "",
          value: { denom: "uweir", amount: "500000000" },
        },
      ],
    });
    expect(asArray(signatures, "signatures")).toHaveLength(1);
    const again = await weir("south", "genesis", "gentx", "operator", "1uweir");
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("exists already")]);
  });

  it.each<readonly [string, readonly string[], number, string]>([
    ["no such key", ["stranger", "1uweir"], 1, "stranger"],
    [
      "a stake beyond the balance",
      ["operator", "1000000001uweir"],
      1,
      "it only has 1000000000uweir available to stake, not 1000000001uweir",
    ],
    ["another coin", ["operator", "1uusdc"], 1, "1uusdc cannot be staked; expected uweir"],
    ["several coins", ["operator", "1uusdc,1uweir"], 2, "expected one coin"],
    [
      "another chain",
      ["operator", "1uweir", "--chain-id", "weir-other-1"],
      2,
      "genesis.json is of the chain weir-gentx-1",
    ],
    ["a rate that is none", ["operator", "1uweir", "--commission-rate", "much"], 2, "--commission-rate much"],
    ["a rate beyond its maximum", ["operator", "1uweir", "--commission-rate", "0.5"], 1, "commission"],
  ])("says what is wrong with %s", async (_what, words, code, text) => {
    const said = await weir("west", "genesis", "gentx", ...words, "--output-document", join(folder, "x.json"));
    expect([said.code, said.err]).toEqual([code, expect.stringContaining(text)]);
    expect(existsSync(join(folder, "x.json"))).toBe(false);
  });

  it("says that an account without coins cannot stake", async () => {
    await run("west", "keys", "add", "poor");
    const { code, err } = await weir("west", "genesis", "gentx", "poor", "1uweir");
    expect([code, err]).toEqual([1, expect.stringContaining("does not have a balance in the genesis state")]);
  });
});

describe("weir genesis collect-gentxs", () => {
  it("takes all of them in place of the validator of init, and the others' nodes as peers", async () => {
    const supply = () => (asArray(appState("bank").supply, "supply")[0] as { amount: string }).amount;
    expect(supply()).toBe("3100000000");
    expect(await run("north", "genesis", "collect-gentxs")).toContain("validators ");
    expect(supply()).toBe("3000000000");
    expect(appState("staking")).toMatchObject({ validators: [], delegations: [] });
    expect(genesis().validators ?? []).toEqual([]);
    expect(asArray(appState("genutil").gen_txs, "gen_txs")).toHaveLength(3);
    expect(asArray(appState("beacon").proposers, "proposers")).toHaveLength(3);
    const config = readFileSync(homeOf("north").configToml, "utf8");
    for (const name of ["south", "west"] as const) {
      expect(config).toContain(`${(await run(name, "comet", "show-node-id")).trim()}@127.0.0.1:26000`);
    }
    expect(config).not.toContain((await run("north", "comet", "show-node-id")).trim());
    expect(await run("north", "genesis", "validate")).toContain("validators 3");
    // Again, with nothing changed.
    await run("north", "genesis", "collect-gentxs");
    expect(asArray(appState("genutil").gen_txs, "gen_txs")).toHaveLength(3);
  });

  const spoil = (change: (tx: JsonObject & { body: { messages: JsonObject[] } }) => unknown) => {
    const path = join(gentxs("north"), txFile());
    writeFileSync(path, JSON.stringify(change(readJson(path) as never)));
  };

  it.each<readonly [string, () => void, string]>([
    ["no file", () => rmSync(gentxs("north"), { recursive: true }), "there must be at least one genesis tx"],
    [
      "a beacon key whose secret is another's",
      () => {
        const path = join(gentxs("north"), fileOf(".beacon"));
        writeFileSync(path, JSON.stringify({ ...readJson(path), operator: address(3) }));
      },
      "has no genesis tx here",
    ],
    [
      "a beacon key without its proof",
      () => {
        const path = join(gentxs("north"), fileOf(".beacon"));
        writeFileSync(path, JSON.stringify({ ...readJson(path), possession: "AAAA" }));
      },
      "possession does not prove this key",
    ],
    [
      "two beacon keys of one operator",
      () => cpSync(join(gentxs("north"), fileOf(".beacon")), join(gentxs("north"), "again.beacon")),
      "has two beacon keys",
    ],
    ["a file that is no JSON", () => writeFileSync(join(gentxs("north"), "a.json"), "{"), "a.json is no JSON"],
    [
      "no message",
      () => spoil((tx) => ({ ...tx, body: { ...tx.body, messages: [] } })),
      "unexpected number of GenTx messages; got: 0",
    ],
    [
      "another message",
      () => spoil((tx) => ({ ...tx, body: { ...tx.body, messages: [{ "@type": "/cosmos.bank.v1beta1.MsgSend" }] } })),
      "unexpected GenTx message type; expected: MsgCreateValidator, got: /cosmos.bank.v1beta1.MsgSend",
    ],
    [
      "a validator whose operator has no coins",
      () =>
        spoil((tx) => {
          const operator = validatorAddress.encode(new Uint8Array(20).fill(3));
          return { ...tx, body: { ...tx.body, messages: [{ ...tx.body.messages[0], validator_address: operator }] } };
        }),
      "does not have a balance in the genesis state",
    ],
    [
      "a transaction that was changed after signing",
      () => spoil((tx) => ({ ...tx, body: { ...tx.body, memo: "changed" } })),
      "app_state.genutil.gen_txs[0]: signature verification failed",
    ],
    [
      "the same operator twice",
      () => cpSync(join(gentxs("north"), txFile()), join(gentxs("north"), "again.json")),
      "has two genesis txs",
    ],
  ])("says what is wrong with %s, and changes nothing", async (_what, damage, text) => {
    damage();
    const before = readFileSync(homeOf("north").genesis, "utf8");
    const { code, err } = await weir("north", "genesis", "collect-gentxs");
    expect([code, err]).toEqual([expect.any(Number), expect.stringContaining(text)]);
    expect(code).not.toBe(0);
    expect(readFileSync(homeOf("north").genesis, "utf8")).toBe(before);
  });
});

describe("a chain of three", () => {
  const start = () =>
    startNode({
      home: homeOf("north"),
      log: silentLog,
      blockMillis: 20,
      rpcAddress: "tcp://127.0.0.1:0",
      checkInvariants: true,
      validatorKeys: join(folder, "keys"),
    });

  it("begins, and begins again from its export", async () => {
    await run("north", "genesis", "collect-gentxs");
    mkdirSync(join(folder, "keys"));
    for (const name of ["south", "west"] as const) {
      cpSync(homeOf(name).validatorKey, join(folder, "keys", `${name}_key.json`));
      cpSync(homeOf(name).beaconKey, join(folder, "keys", `${name}_beacon.json`));
    }
    const node = await start();
    while (node.engine.height < 6n) await new Promise<void>((resolve) => node.engine.onBlock(() => resolve()));
    const { validators } = node.engine.state.validators;
    expect(validators.map(({ votingPower }) => votingPower)).toEqual([500n, 500n, 500n]);
    expect(node.engine.lastCommit.signatures.map(({ blockIdFlag }) => blockIdFlag)).toEqual([2, 2, 2]);
    await node.close();
    const exported = join(folder, "exported.json");
    await run("north", "export", "--output-document", exported);
    expect(await run("north", "genesis", "validate", exported)).toContain("validators 3");
    const { genutil, staking, beacon } = asObject(readJson(exported).app_state, "app_state");
    expect(genutil).toEqual({ gen_txs: [] });
    // Whoever proposed brought a proof.
    expect(asArray(asObject(beacon, "beacon").proposers, "proposers")).toMatchObject(
      [0, 1, 2].map(() => ({ proposer: { withheld: "0", proven: expect.stringMatching(/^[1-9]/) } })),
    );
    expect(asArray(asObject(staking, "staking").validators, "validators")).toHaveLength(3);
    rmSync(homeOf("north").data, { recursive: true });
    mkdirSync(homeOf("north").data);
    for (const name of ["south", "west"]) rmSync(join(folder, "keys", `${name}_state.json`));
    cpSync(join(`${folder}-kept`, "north", "data"), homeOf("north").data, { recursive: true });
    cpSync(exported, homeOf("north").genesis);
    const again = await start();
    expect(again.engine.state.validators.validators).toHaveLength(3);
    await again.close();
  });
});

describe("weir genesis add-account", () => {
  const add = (...words: string[]) => weir("south", "genesis", "add-account", address(7), "100uweir", ...words);
  const last = () => {
    const state = asObject(readJson(homeOf("south").genesis).app_state, "app_state");
    return asArray(asObject(state.auth, "auth").accounts, "accounts").at(-1);
  };

  it("makes vesting accounts, and adds to one that is there", async () => {
    expect(await add("--vesting-amount", "70uweir", "--vesting-end-time", "4000000000")).toMatchObject({ code: 0 });
    expect(last()).toMatchObject({ "@type": "/cosmos.vesting.v1beta1.DelayedVestingAccount" });
    expect(await add()).toMatchObject({ code: 1, err: expect.stringContaining("--append adds the coins") });
    expect(await add("--append")).toMatchObject({ code: 0 });
    expect(await weir("south", "genesis", "validate")).toMatchObject({ code: 0 });
    const both = ["--vesting-start-time", "1700000000", "--vesting-end-time", "4000000000"];
    const other = await weir(
      "south",
      "genesis",
      "add-account",
      address(8),
      "9uweir",
      "--vesting-amount",
      "9uweir",
      ...both,
    );
    expect(other.code).toBe(0);
    expect(last()).toMatchObject({
      "@type": "/cosmos.vesting.v1beta1.ContinuousVestingAccount",
      start_time: "1700000000",
    });
  });

  it.each<readonly [string, readonly string[], string]>([
    [
      "more vesting than coins",
      ["--vesting-amount", "101uweir", "--vesting-end-time", "9"],
      "vesting amount cannot be greater than total amount",
    ],
    [
      "no end",
      ["--vesting-amount", "1uweir"],
      "invalid vesting parameters; must supply start and end time or end time",
    ],
    [
      "a start behind the end",
      ["--vesting-amount", "1uweir", "--vesting-start-time", "9", "--vesting-end-time", "9"],
      "vesting start-time cannot be before end-time",
    ],
    ["an end without an amount", ["--vesting-end-time", "9"], "--vesting-end-time needs --vesting-amount"],
    [
      "a time that is none",
      ["--vesting-amount", "1uweir", "--vesting-end-time", "soon"],
      "expected seconds since 1970",
    ],
    ["another module's address", ["--module-name", "mint"], "the account of module mint is weir1"],
  ])("says what is wrong with %s", async (_what, words, text) => {
    const { code, err } = await add(...words);
    expect([code, err]).toEqual([2, expect.stringContaining(text)]);
  });
});
