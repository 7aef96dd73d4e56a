/** Commands on the data of a node that is not running: export, rollback, snapshots, and who the node is. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asArray, asObject, type JsonObject } from "../../chain/consensus/json.ts";
import { MultiStore } from "../../chain/store/multistore.ts";
import { writeHome } from "../../cli/commands/init.ts";
import { type Home, homeAt } from "../../cli/home.ts";
import { main } from "../../cli/main.ts";
import { stores } from "../../cli/stopped.ts";
import { NodeClient } from "../../node/chain/nodeclient.ts";
import { makeFundedHome, startTestNode } from "../helpers/node.ts";
import { seededRandom } from "../helpers/random.ts";

let home: Home;
let scratch: string;
let height: number;

/** Runs the chain for some blocks and stops it; the height it then has. */
async function runFor(blocks: bigint): Promise<number> {
  const node = await startTestNode({ home, blockMillis: 5 });
  const end = node.engine.height + blocks;
  await new Promise<void>((resolve) => {
    const stop = node.engine.onBlock(({ state }) => {
      if (state.lastBlockHeight < end) return;
      stop();
      resolve();
    });
  });
  const reached = Number(node.engine.height);
  await node.close();
  return Math.max(reached, Number(node.engine.height));
}

beforeAll(async () => {
  home = makeFundedHome("weir-stopped-1");
  scratch = mkdtempSync(join(tmpdir(), "weir-stopped-"));
  height = await runFor(12n);
});

afterAll(() => {
  for (const folder of [home.folder, scratch]) rmSync(folder, { recursive: true, force: true });
});

async function weir(...argv: string[]) {
  let [out, err] = ["", ""];
  const code = await main([...argv, "--home", home.folder], {
    environment: {},
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

async function json(...argv: string[]): Promise<JsonObject> {
  const { code, out, err } = await weir(...argv, "--output", "json");
  expect(code, `${argv.join(" ")}: ${err}`).toBe(0);
  return asObject(JSON.parse(out), argv.join(" "));
}

describe("export", () => {
  it("gives a genesis from which a chain goes on with the same state", async () => {
    const path = join(scratch, "genesis.json");
    expect((await weir("export", "--output-document", path)).code).toBe(0);
    const exported = asObject(JSON.parse(readFileSync(path, "utf8")), path);
    expect(exported).toMatchObject({ chain_id: "weir-stopped-1", initial_height: String(height + 1) });
    expect((await weir("genesis", "validate", path)).code).toBe(0);
    const next = homeAt(join(scratch, "next"));
    writeHome(next, { moniker: "next", chainId: "weir-next-1", accounts: [] });
    for (const [to, from] of [
      [next.genesis, path],
      [next.validatorKey, home.validatorKey],
      [next.beaconKey, home.beaconKey],
    ] as const) {
      writeFileSync(to, readFileSync(from));
    }
    const node = await startTestNode({ home: next });
    await node.close();
    let out = "";
    const say = (text: string) => {
      out += text;
    };
    const argv = ["export", "--home", next.folder, "--height", String(height + 1)];
    expect(await main(argv, { environment: {}, out: say, err: () => {} })).toBe(0);
    const again = asObject(JSON.parse(out), "export");
    // The one block that was added brought its proof.
    const [before, after] = [exported, again].map(({ app_state: state }) => asObject(state, "app_state"));
    expect({ ...after, beacon: undefined }).toEqual({ ...before, beacon: undefined });
    const [proposersBefore, proposersAfter] = [before, after].map(
      (state) => asObject(state!.beacon, "beacon").proposers,
    );
    const counted = { proposed: `${height + 1}`, proven: `${height + 1}`, withheld: "0" };
    expect(proposersBefore).toMatchObject([{ proposer: { proposed: `${height}`, proven: `${height}` } }]);
    expect(proposersAfter).toMatchObject([{ proposer: counted }]);
    expect(again.validators).toEqual(exported.validators);
  });

  it("gives a genesis for height 1, of which another chain can be begun", async () => {
    const path = join(scratch, "zero.json");
    expect((await weir("export", "--for-zero-height", "--output-document", path)).code).toBe(0);
    const exported = asObject(JSON.parse(readFileSync(path, "utf8")), path);
    expect(exported.initial_height).toBe("1");
    const state = asObject(exported.app_state, "app_state");
    const [info] = asArray(asObject(state.slashing, "slashing").signing_infos, "signing_infos");
    expect(info).toMatchObject({ validator_signing_info: { start_height: "0" } });
    const next = homeAt(join(scratch, "zero"));
    writeHome(next, { moniker: "next", chainId: "weir-next-1", accounts: [] });
    writeFileSync(next.genesis, readFileSync(path));
    writeFileSync(next.validatorKey, readFileSync(home.validatorKey));
    const node = await startTestNode({ home: next });
    expect(node.engine.height).toBeGreaterThan(0n);
    await node.close();
  });

  it("leaves out what is not asked for, and refuses what there is not", async () => {
    const { app_state: state } = await json("export", "--modules-to-export", "bank,auth");
    expect(Object.keys(asObject(state, "app_state")).sort()).toEqual(["auth", "bank"]);
    for (const [flags, words] of [
      [["--modules-to-export", "bank,cats"], "--modules-to-export cats: no such module; there are attestation, auth, "],
      [["--jail-allowed-addrs", "weirvaloper1x"], "--jail-allowed-addrs goes with --for-zero-height"],
      [["--for-zero-height", "--jail-allowed-addrs", "weir1x"], "--jail-allowed-addrs weir1x: "],
    ] as const) {
      const { code, err } = await weir("export", ...flags);
      expect([code, err]).toEqual([2, expect.stringContaining(words)]);
    }
  });

  it("reads a height of the past, and prints the same as `genesis export`", async () => {
    const past = await json("export", "--height", "3");
    expect(past.initial_height).toBe("4");
    expect(await json("genesis", "export", "--height", "3")).toEqual(past);
    const late = await weir("export", "--height", "999999");
    expect([late.code, late.err]).toEqual([2, expect.stringContaining(`the newest height is ${height}`)]);
    expect((await weir("export", "--height", "0")).code).toBe(2);
  });
});

describe("genesis validate", () => {
  it("says what is wrong, and where", async () => {
    const good = readFileSync(home.genesis, "utf8");
    expect((await weir("genesis", "validate")).out).toContain("is good: chain weir-stopped-1, validators 1");
    const bad: readonly (readonly [from: RegExp, to: string, message: RegExp])[] = [
      [/"chain_id": "[^"]*"/, '"chain_id": ""', /must include non-empty chain_id/],
      [/"max_memo_characters": "\d+"/, '"max_memo_characters": "-1"', /max_memo_characters/],
      [/"amount": "5000000000000"/, '"amount": "4000000000000"', /supply|total/],
      [/^\{/, "", /is not JSON/],
    ];
    for (const [from, to, message] of bad) {
      const path = join(scratch, "bad.json");
      const text = good.replace(from, to);
      expect(text).not.toBe(good);
      writeFileSync(path, text);
      const { code, err } = await weir("genesis", "validate", path);
      expect([code, err], String(from)).toEqual([1, expect.stringMatching(message)]);
    }
  });
});

describe("rollback", () => {
  it("takes the state back, and the next start executes the blocks again without signing them again", async () => {
    const signed = readFileSync(home.validatorState, "utf8");
    const done = await json("rollback", "--blocks", "5");
    expect(done).toMatchObject({ from: String(height), height: String(height - 5) });
    expect(readFileSync(home.validatorState, "utf8")).toBe(signed);
    expect((await json("export")).initial_height).toBe(String(height - 4));
    const before = height;
    height = await runFor(2n);
    expect(height).toBeGreaterThanOrEqual(before + 2);
  });

  it("says which snapshots go with what is taken back", async () => {
    const made = await json("snapshots", "create");
    const { out } = await weir("rollback", "--blocks", "2");
    expect(out).toContain(`Snapshots of states above it went with them: ${made.height}.`);
    expect((await weir("snapshots", "list")).out).toBe("none\n");
    height = await runFor(1n);
    expect(await json("rollback")).toMatchObject({ deleted_snapshots: [] });
    height = await runFor(1n);
  });

  it("refuses beyond what is kept, and what is no number", async () => {
    const far = await weir("rollback", "--blocks", "100000");
    expect([far.code, far.err]).toEqual([1, expect.stringMatching(/take back at most \d+/)]);
    for (const blocks of ["0", "-1", "all"]) expect((await weir("rollback", `--blocks=${blocks}`)).code).toBe(2);
    expect((await json("export")).initial_height).toBe(String(height + 1));
  });
});

describe("snapshots", () => {
  it("are made, listed, restored and deleted", async () => {
    expect((await weir("snapshots", "list")).out).toBe("none\n");
    const made = await json("snapshots", "create");
    expect(made.height).toBe(String(height));
    expect(asArray((await json("snapshots", "list")).snapshots, "snapshots")).toEqual([{ ...made, loaded: false }]);
    const taken = height;
    height = await runFor(3n);
    const before = await json("export", "--height", String(taken));
    expect(await json("snapshots", "restore", String(taken))).toMatchObject({ height: String(taken) });
    expect(await json("export")).toEqual(before);
    height = await runFor(1n);
    const again = await weir("snapshots", "restore", String(taken));
    expect(again.code).not.toBe(0);
    expect(existsSync(`${home.applicationData}.replaced`)).toBe(true);
    rmSync(`${home.applicationData}.replaced`, { recursive: true });
    const missing = await weir("snapshots", "delete", "1");
    expect([missing.code, missing.err]).toEqual([2, expect.stringMatching(/there is no snapshot of height 1/)]);
  });

  it("are deleted one by one", async () => {
    const made = await json("snapshots", "create");
    expect((await weir("snapshots", "delete", String(made.height))).code).toBe(0);
    expect(asArray((await json("snapshots", "list")).snapshots, "snapshots")).not.toContainEqual({
      ...made,
      loaded: false,
    });
  });
});

describe("a snapshot in a file", () => {
  const archive = () => join(scratch, "snapshot.tar.gz");
  let made: JsonObject;
  let other: Home;

  const elsewhere = async (...argv: string[]) => {
    let [out, err] = ["", ""];
    const surroundings = {
      environment: {},
      out: (text: string) => {
        out += text;
      },
      err: (text: string) => {
        err += text;
      },
    };
    const code = await main([...argv, "--home", other.folder, "--output", "json"], surroundings);
    return { code, out, err };
  };

  beforeAll(async () => {
    made = await json("snapshots", "export");
    expect((await weir("snapshots", "dump", String(made.height), "--output-document", archive())).code).toBe(0);
    height = await runFor(3n);
    other = homeAt(join(scratch, "other"));
    writeHome(other, { moniker: "other", chainId: "weir-stopped-1", accounts: [] });
  });

  it("is one that tar reads, and is not written over", async () => {
    const names = execFileSync("tar", ["-tzf", archive()], { encoding: "utf8" });
    expect(names).toBe(`_snapshot\n${Array.from({ length: Number(made.chunks) }, (_, i) => `${i}\n`).join("")}`);
    const again = await weir("snapshots", "dump", String(made.height), "--output-document", archive());
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("is there already")]);
  });

  it("is taken in by another node, which believes it by an app hash or a trusted block alone", async () => {
    const loaded = await elsewhere("snapshots", "load", archive());
    expect([loaded.code, JSON.parse(loaded.out)], loaded.err).toEqual([0, made]);
    expect(JSON.parse((await elsewhere("snapshots", "list")).out).snapshots).toEqual([{ ...made, loaded: true }]);
    const blind = await elsewhere("snapshots", "restore", String(made.height));
    expect([blind.code, blind.err]).toEqual([2, expect.stringContaining("give --app-hash")]);
    const wrong = await elsewhere("snapshots", "restore", archive(), "--app-hash", "A".repeat(64));
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringMatching(/its app hash is \w+, the trusted one aaaa/)]);
    expect(existsSync(other.applicationData)).toBe(false);

    const node = await startTestNode({ home });
    const status = (await new NodeClient(node.rpcUrl).rpc.call("block", { height: "2" })).block_id;
    const trust = ["--trust-height", "2", "--trust-hash", String(asObject(status, "block_id").hash)];
    const done = await elsewhere("snapshots", "restore", archive(), "--node", node.rpcUrl, ...trust);
    await node.close();
    height = await runFor(1n);
    expect([done.code, JSON.parse(done.out)], done.err).toEqual([0, expect.objectContaining({ height: made.height })]);
    expect((await elsewhere("snapshots", "delete", String(made.height))).code).toBe(0);
    const state = await MultiStore.open({ directory: other.applicationData, ...stores });
    expect(String(state.height)).toBe(made.height);
    await state.close();
  });

  it("is refused with any byte of it changed or missing, and nothing of it stays", async () => {
    const good = readFileSync(archive());
    const path = join(scratch, "damaged.tar.gz");
    const random = seededRandom(20_261_121);
    const outcomes = new Set<number>();
    for (let i = 0; i < 24; i++) {
      const bytes = Buffer.from(good);
      const at = random.below(bytes.length);
      bytes[at]! ^= 1 << (i % 8);
      writeFileSync(path, i % 4 === 0 ? bytes.subarray(0, at) : bytes);
      const { code, out, err } = await elsewhere("snapshots", "load", path);
      outcomes.add(code);
      // A bit of gzip's head or end may not matter; then what is taken in is what was written.
      if (code === 0) expect(JSON.parse(out)).toEqual(made);
      else expect(err).toMatch(/is no good archive of a snapshot: .*Nothing of it was kept/);
      rmSync(join(other.data, "loaded-snapshots"), { recursive: true, force: true });
    }
    expect(outcomes).toContain(1);
    writeFileSync(path, "no archive");
    expect((await elsewhere("snapshots", "load", path)).err).toContain("it cannot be decompressed");
    expect((await elsewhere("snapshots", "load", join(scratch, "none"))).code).toBe(2);
  });
});

describe("comet", () => {
  it("shows who the node is, under its old name too", async () => {
    const { id } = await json("comet", "show-node-id");
    expect(id).toMatch(/^[0-9a-f]{40}$/);
    expect(await json("tendermint", "show-node-id")).toEqual({ id });
    const key = asObject(JSON.parse(readFileSync(home.validatorKey, "utf8")), "key");
    expect(await json("comet", "show-validator")).toEqual({
      "@type": "/cosmos.crypto.ed25519.PubKey",
      key: asObject(key.pub_key, "pub_key").value,
    });
    expect((await json("comet", "show-address")).address).toMatch(/^weirvalcons1/);
    expect((await weir("comet", "version")).out).toContain("cometbft: 0.38");
  });
});

describe("comet unsafe-reset-all", () => {
  it("takes a home back to before its first block, and leaves its keys", async () => {
    const [key, genesis] = [readFileSync(home.validatorKey), readFileSync(home.genesis)];
    const asked = await weir("comet", "unsafe-reset-all");
    expect([asked.code, asked.err]).toEqual([2, expect.stringContaining("add --yes")]);
    expect(asked.err).toContain(`These are deleted:\n  ${home.applicationData}\n`);
    expect(existsSync(home.engineData)).toBe(true);

    const node = await startTestNode({ home });
    const running = await weir("comet", "unsafe-reset-all", "--yes");
    await node.close();
    expect([running.code, running.err]).toEqual([1, expect.stringContaining("in use by a running node")]);
    expect(JSON.parse(readFileSync(home.validatorState, "utf8")).height).not.toBe("0");

    writeFileSync(join(home.engineData, "CURRENT"), "damaged");
    expect((await weir("tendermint", "unsafe-reset-all", "--yes")).code).toBe(0);
    expect(readdirSync(home.data)).toEqual(["priv_validator_state.json"]);
    expect(JSON.parse(readFileSync(home.validatorState, "utf8"))).toEqual({ height: "0", round: 0, step: 0 });
    expect([readFileSync(home.validatorKey), readFileSync(home.genesis)]).toEqual([key, genesis]);
    expect(await runFor(1n)).toBeLessThan(height);
  });
});

describe("a home without a chain", () => {
  it("is said to have none", async () => {
    const empty = join(scratch, "empty");
    const cases = [["export"], ["rollback"], ["snapshots", "create"], ["snapshots", "list"]];
    for (const argv of cases) {
      let err = "";
      const code = await main([...argv, "--home", empty], {
        environment: {},
        out: () => {},
        err: (text) => {
          err += text;
        },
      });
      expect([code, err], argv.join(" ")).toEqual([1, expect.stringContaining("has no chain yet")]);
    }
  });
});
