import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseGenesis } from "../chain/consensus/genesis.ts";
import { CheckpointWriter, publishCheckpoint } from "../chain/store/checkpoint.ts";
import { nodeFiles } from "../chain/store/files.ts";
import { devnetAccounts } from "./devnet-accounts.ts";
import { main } from "./main.ts";
import { forPeopleInColour } from "./table.ts";

const [alice] = devnetAccounts;

describe("the command line", () => {
  let folder: string;
  let home: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "weir-cli-"));
    home = join(folder, "home");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function run(argv: readonly string[], environment: Record<string, string> = {}) {
    let out = "";
    let err = "";
    const code = await main(argv, {
      environment,
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    });
    return { code, out, err };
  }

  const init = (...more: string[]) => run(["init", "demo", "--home", home, ...more]);
  const genesis = () => parseGenesis(readFileSync(join(home, "config", "genesis.json"), "utf8"));

  it.each([
    [[], { schedule: { first_day_amount: "379626000000" } }],
    [["--supply", "inflation"], null],
  ] as const)("make a genesis with the supply that was chosen: %o", async (flags, emission) => {
    await init(...flags);
    const { app_state: state } = JSON.parse(readFileSync(join(home, "config", "genesis.json"), "utf8"));
    if (emission === null) expect(state.mint.emission).toBeNull();
    else expect(state.mint.emission).toMatchObject(emission);
    expect(state.mint.params.mint_denom).toBe("uweir");
  });

  it("lists its commands, and explains each with examples", async () => {
    const { code, out } = await run([]);
    expect(code).toBe(0);
    const names = [...out.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name!);
    expect(names).toContain("init");
    for (const name of names) {
      const help = await run([...name.split(" "), "--help"]);
      expect(help.code, name).toBe(0);
      expect(help.out, name).toContain("Examples:\n  weir ");
    }
    expect((await run(["genesis"])).out).toContain("add-account");
  });

  it("ends with 2 on a wrong line, and says what was wrong", async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [["nothing"], /there is no command "nothing"/],
      [["init"], /weir init takes MONIKER, and was given none/],
      [["init", "a", "b"], /was given a b/],
      [["init", "a", "--unknown"], /unknown flag --unknown/],
      [["init", "a", "--chain-id"], /--chain-id needs a value/],
      [["init", "a", "--chain-id", "x y", "--home", home], /--chain-id x y: expected/],
      [["init", "a", "--account", "x", "--home", home], /--account x: expected ADDRESS=COINS/],
      [["init", "a", "--supply", "x", "--home", home], /--supply x: expected emission or inflation/],
      [["version", "--output", "xml"], /--output is xml; expected text or json/],
      [["version", "--home", "a", "--home", "b"], /--home is given twice/],
      [["start", "--block-time", "soon", "--home", home], /--block-time soon: expected a time/],
      [["start", "--engine", "other", "--home", home], /--engine other: expected local, comet, none/],
      [["start", "--minimum-gas-prices", "0.025", "--home", home], /0\.025 of what\? Type 0\.025uweir/],
    ];
    for (const [argv, message] of cases) {
      const { code, err } = await run(argv);
      expect([code, err], argv.join(" ")).toEqual([2, expect.stringMatching(message)]);
    }
    expect(existsSync(home)).toBe(false);
  });

  it("tells who comes from another chain of the SDK where a thing is", async () => {
    const cases: readonly (readonly [string, string])[] = [
      ["config set client node x", "config/client.toml"],
      ["unsafe-reset-all", "see `weir comet unsafe-reset-all`"],
      ["query account x", "see `weir query auth account ADDRESS`"],
      ["init demo --default-denom stake", "weir init has no --default-denom; the coin of this chain is uweir"],
      ["start --halt-height 5", "weir start has no --halt-height; it is a setting: halt-height in config/app.toml"],
      ["q bank balances x --denom uweir", "see `weir query bank balance ADDRESS DENOM`"],
    ];
    for (const [line, hint] of cases) {
      const { code, err } = await run(line.split(" "));
      expect([code, err], line).toEqual([2, expect.stringContaining(hint)]);
    }
    for (const name of ["__proto__", "constructor"]) expect((await run([name])).err).toContain("there is no command");
    expect((await run(["genesis", "validate-genesis", "--help"])).out).toContain("Usage: weir genesis validate");
  });

  it("takes every flag that holds everywhere from client.toml, then from a variable, then from the line", async () => {
    await init();
    const settings = join(home, "config", "client.toml");
    const other = join(folder, "other");
    const write = (text: string) => writeFileSync(settings, text);
    const environment = { WEIR_HOME: home };
    const node = async (...more: string[]) => (await run(["status", ...more], { ...environment })).err;

    write('node = "http://127.0.0.1:9"\noutput = "json"\nno-color = true\ngas-adjustment = 1.5');
    expect(await node()).toContain("http://127.0.0.1:9 ");
    expect((await run(["status"], { ...environment, WEIR_NODE: "tcp://127.0.0.1:7" })).err).toContain("127.0.0.1:7 ");
    expect(await node("-n", "tcp://127.0.0.1:3")).toContain("127.0.0.1:3 ");
    expect((await run(["status"], { ...environment, WEIR_NODE: "" })).err).toContain("http://127.0.0.1:9 ");
    expect(JSON.parse((await run(["version"], environment)).out)).toHaveProperty("version");
    expect((await run(["version", "-o", "text"], environment)).out).toContain("weir ");

    write(`home = ${JSON.stringify(other)}\nchain-id = "weir-elsewhere-1"`);
    expect((await run(["init", "demo"], environment)).err).toContain(`${home}/config/genesis.json exists already`);
    vi.stubEnv("HOME", folder);
    renameSync(home, join(folder, ".weir"));
    expect((await run(["init", "demo"])).out).toContain(`Made ${other}: chain weir-elsewhere-1`);
    renameSync(join(folder, ".weir"), home);
    vi.unstubAllEnvs();

    for (const [text, message] of [
      ["no-color = 'maybe'", 'WEIR_NO_COLOR is "maybe"; expected true or false'],
      ["node = []", "node is []; expected a text in quotes"],
      ["[node]\na = 1", 'node is {"a":1}; expected a text in quotes'],
      ["node = ", "client.toml line 1"],
    ] as const) {
      write(text);
      const { code, err } = await run(["version"], environment);
      expect([code, err], text).toEqual([expect.toBeOneOf([1, 2]), expect.stringContaining(message)]);
    }
  });

  it("has colours on a terminal that shows them, and not with --no-color", async () => {
    await init();
    const list = async (...more: string[]) => {
      let out = "";
      const say = (text: string) => {
        out += text;
      };
      const surroundings = { environment: { WEIR_HOME: home }, out: say, err: () => {}, look: forPeopleInColour };
      await main(["snapshots", "list", ...more], surroundings);
      return out;
    };
    mkdirSync(join(home, "data", "application"));
    mkdirSync(join(home, "data", "engine.db"));
    expect(await list()).toBe("none\n");
    const made = new CheckpointWriter(nodeFiles, join(home, "data", "loaded-snapshots"), 7);
    made.finish({ height: 7, appHash: new Uint8Array(32), bytes: 0, chunkHashes: [new Uint8Array(32)] }, true);
    publishCheckpoint(nodeFiles, join(home, "data", "loaded-snapshots"), 7);
    expect(await list()).toContain("\u001b[1mHEIGHT");
    expect(await list("--no-color")).toMatch(/^HEIGHT/);
  });

  it("says its version, for people and for programs", async () => {
    expect((await run(["version"])).out).toMatch(/^weir \d+\.\d+\.\d+ \(Node \d+/);
    expect(await run(["--version"])).toEqual(await run(["version"]));
    expect(JSON.parse((await run(["version", "--output", "json"])).out)).toMatchObject({ cometbft: "0.38.25" });
    expect(JSON.parse((await run(["version"], { WEIR_OUTPUT: "json" })).out)).toHaveProperty("version");
  });

  it("makes a home in which this node is the validator", async () => {
    const { code, out } = await init("--chain-id", "weir-demo-1", "--account", `${alice!.address}=5uweir`);
    expect(code).toBe(0);
    expect(out).toContain("weir start");
    const files = [
      "app.toml",
      "beacon_key.json",
      "client.toml",
      "config.toml",
      "genesis.json",
      "node_key.json",
      "priv_validator_key.json",
    ];
    expect(readdirSync(join(home, "config")).sort()).toEqual(files);
    expect(readdirSync(join(home, "data"))).toEqual(["priv_validator_state.json"]);
    for (const file of files) expect(statSync(join(home, "config", file)).mode & 0o077, file).toBe(0);
    const { chainId, validators, appState } = genesis();
    const key = JSON.parse(readFileSync(join(home, "config", "priv_validator_key.json"), "utf8"));
    expect(chainId).toBe("weir-demo-1");
    expect(validators.map(({ address }) => Buffer.from(address).toString("hex").toUpperCase())).toEqual([key.address]);
    const stake = "100000000";
    expect(appState).toMatchObject({
      auth: { accounts: [{ address: alice!.address }] },
      bank: {
        balances: [{ address: alice!.address }, { coins: [{ denom: "uweir", amount: stake }] }],
        supply: [{ denom: "uweir", amount: "100000005" }],
      },
      staking: { validators: [{ tokens: stake, description: { moniker: "demo" } }] },
    });
    expect(readFileSync(join(home, "config", "client.toml"), "utf8")).toContain('chain-id = "weir-demo-1"');
  });

  it("says that a home cannot be made where files or nothing can be", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const { code, err } = await run(["init", "demo", "--home", file]);
    expect([code, err]).toEqual([1, expect.stringMatching(/file\/config cannot be made .*ENOTDIR.*another --home/)]);
  });

  it("never overwrites a home", async () => {
    await init();
    const before = readFileSync(join(home, "config", "genesis.json"), "utf8");
    const { code, err } = await init();
    expect([code, err]).toEqual([1, expect.stringMatching(/exists already: nothing was changed/)]);
    expect(readFileSync(join(home, "config", "genesis.json"), "utf8")).toBe(before);
  });

  it("gives accounts coins before the first start, each address once", async () => {
    await init();
    const add = (...words: string[]) => run(["genesis", "add-account", ...words, "--home", home]);
    expect((await add(alice!.address, "7uweir,3uusdc")).code).toBe(0);
    expect((await add(devnetAccounts[1]!.address, "1uweir")).code).toBe(0);
    expect(genesis().appState).toMatchObject({
      bank: {
        supply: [
          { denom: "uusdc", amount: "3" },
          { denom: "uweir", amount: "100000008" },
        ],
      },
    });
    const again = await add(alice!.address, "1uweir");
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("cannot add account at existing address")]);
    for (const [address, coins, message] of [
      ["weir1nonsense", "1uweir", "weir1nonsense is no address of this chain"],
      [alice!.address, "uweir", `the coins of ${alice!.address}, uweir: invalid decimal coin expression`],
      [alice!.address, "5WEIR", "for 5 WEIR type 5000000uweir"],
      [alice!.address, "0uweir", "expected for example 1000000uweir"],
    ] as const) {
      const { code, err } = await add(address, coins);
      expect([code, err], `${address} ${coins}`).toEqual([2, expect.stringContaining(message)]);
    }
    writeFileSync(join(home, "data", "engine.db"), "");
    const late = await add(devnetAccounts[2]!.address, "1uweir");
    expect([late.code, late.err]).toEqual([1, expect.stringMatching(/its genesis cannot change any more/)]);
  });

  it("says what is wrong with a home before it starts", async () => {
    const start = () => run(["start", "--home", home, "--rpc.laddr", "tcp://127.0.0.1:0"]);
    expect((await start()).err).toMatch(/genesis\.json is missing: run `weir init MONIKER` first/);
    await init();
    const app = join(home, "config", "app.toml");
    const text = readFileSync(app, "utf8");
    const broken: readonly (readonly [string, string, RegExp])[] = [
      ['engine = "local"', 'engine = "other"', /app\.toml: engine is "other"; expected one of local, comet, none/],
      ['block-time = "1s"', 'block-time = "1 fortnight"', /block-time is "1 fortnight"; expected a duration/],
      ["halt-height = 0", "halt-height = -1", /halt-height is -1; expected a whole number/],
      ['pruning = "default"', "pruning = ", /app\.toml line \d+: /],
      [
        'minimum-gas-prices = ""',
        'minimum-gas-prices = "cheap"',
        /minimum-gas-prices is "cheap"; expected decimal coins/,
      ],
    ];
    for (const [from, to, message] of broken) {
      writeFileSync(app, text.replace(from, to));
      const { code, err } = await start();
      expect([code, err], to).toEqual([1, expect.stringMatching(message)]);
    }
    writeFileSync(app, text);
    writeFileSync(join(home, "data", "blockstore.db"), "");
    expect((await start()).err).toMatch(/blockstore\.db is CometBFT's/);
  });

  it("says when no node answers", async () => {
    const { code, err } = await run(["status", "--node", "http://127.0.0.1:1"]);
    expect([code, err]).toEqual([1, expect.stringMatching(/no node answers at http:\/\/127\.0\.0\.1:1 .*weir start/)]);
  });
});
