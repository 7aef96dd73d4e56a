import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodeId, parseKey } from "../../chain/consensus/keys.ts";
import { type Home, homeAt } from "../home.ts";
import { main } from "../main.ts";
import { writeHome } from "./init.ts";

describe("weir doctor", () => {
  let home: Home;
  beforeEach(() => {
    home = homeAt(mkdtempSync(join(tmpdir(), "weir-doctor-")));
    writeHome(home, { moniker: "sick", chainId: "weir-doctor-1", accounts: [] });
    change(home.configToml, "127.0.0.1:26657", "127.0.0.1:0");
  });
  afterEach(() => rmSync(home.folder, { recursive: true, force: true }));

  function change(path: string, from: string, to: string): void {
    const text = readFileSync(path, "utf8");
    expect(text).toContain(from);
    writeFileSync(path, text.replace(from, to));
  }

  /** The verdicts by check; of several of one name the worst. */
  async function examine(): Promise<{ code: number; verdicts: Record<string, string>; text: string }> {
    let out = "";
    const code = await main(["doctor", "--home", home.folder, "--output", "json"], {
      environment: {},
      out: (text) => {
        out += text;
      },
      err: () => {},
    });
    const { checks } = JSON.parse(out) as { checks: { check: string; verdict: string; text: string }[] };
    const verdicts: Record<string, string> = {};
    for (const { check, verdict } of checks) if (verdicts[check] !== "fail") verdicts[check] = verdict;
    return { code, verdicts, text: checks.map(({ text }) => text).join("\n") };
  }

  it("finds nothing wrong with a fresh home", async () => {
    const { code, verdicts } = await examine();
    expect(Object.entries(verdicts).filter(([, verdict]) => verdict === "fail")).toEqual([]);
    expect(code).toBe(0);
    expect(Object.keys(verdicts)).toEqual(expect.arrayContaining(["disk", "clock", "genesis", "validator", "rpc"]));
  });

  const illnesses: readonly (readonly [check: string, advice: RegExp, make: () => void])[] = [
    [
      "app.toml",
      /pruning is "some"; expected one of/,
      () => change(home.appToml, 'pruning = "default"', 'pruning = "some"'),
    ],
    ["config.toml", /config\.toml line \d+/, () => writeFileSync(home.configToml, "[rpc")],
    ["genesis", /chain_id/, () => change(home.genesis, "weir-doctor-1", "")],
    ["genesis", /is missing: run `weir init/, () => rmSync(home.genesis)],
    ["key files", /chmod 600/, () => chmodSync(home.validatorKey, 0o644)],
    ["validator", /priv_validator_key/, () => writeFileSync(home.validatorKey, "{}")],
    ["engine", /is CometBFT's/, () => writeFileSync(join(home.data, "blockstore.db"), "")],
    ["home", /is missing: run `weir init/, () => rmSync(home.folder, { recursive: true })],
  ];

  it.each(illnesses)("says what is wrong with %s, and what to do", async (check, advice, make) => {
    make();
    const { code, verdicts, text } = await examine();
    expect([code, verdicts[check]]).toEqual([1, "fail"]);
    expect(text).toMatch(advice);
  });

  it("warns of a setting that is nearly one, whose default would count in silence", async () => {
    change(home.appToml, "pruning-interval =", "prunning-interval =");
    change(home.appToml, "[state-sync]", "[api]\nenable = true\n[state-sync]");
    change(home.configToml, "max_body_bytes =", "max_boddy_bytes =");
    change(
      home.configToml,
      "[mempool]",
      'grpc_laddr = ""\ngrpc_max_open_connections = 9\n[instrumentation]\nladdr = ""\n[mempool]',
    );
    const { code, verdicts, text } = await examine();
    expect([code, verdicts["app.toml"], verdicts["config.toml"]]).toEqual([0, "warn", "warn"]);
    expect(text).toContain('these mean nothing here: "prunning-interval"; did you mean pruning-interval?\n');
    expect(text).toContain('here: "rpc.max_boddy_bytes"; did you mean rpc.max_body_bytes?\n');
  });

  it("warns of a name in client.toml that means nothing", async () => {
    change(home.clientToml, "keyring-backend", "keyring-backnd");
    const { code, verdicts, text } = await examine();
    expect([code, verdicts["client.toml"]]).toEqual([0, "warn"]);
    expect(text).toContain('these mean nothing here: "keyring-backnd"; did you mean keyring-backend?');
  });

  describe("of a home for networks", () => {
    const id = "0123456789abcdef0123456789abcdef01234567";
    const program = () => join(home.folder, "cometbft");
    beforeEach(() => {
      writeFileSync(program(), "#!/bin/sh\necho 0.38.25\n", { mode: 0o755 });
      change(home.appToml, 'engine = "local"', 'engine = "comet"');
      change(home.appToml, 'cometbft = ""', `cometbft = "${program()}"`);
    });

    it("looks at the engine's program and data, and warns where nobody is to be found", async () => {
      const { code, verdicts, text } = await examine();
      expect([code, verdicts.engine, verdicts.cometbft, verdicts.peers]).toEqual([0, "ok", "ok", "warn"]);
      expect(text).toContain("CometBFT, run beside the node, with no block yet");
      writeFileSync(program(), "#!/bin/sh\necho 0.37.2\n");
      expect((await examine()).text).toMatch(
        /is CometBFT 0\.37\.2, and this node runs with 0\.38\.25: `weir comet install`/,
      );
      rmSync(program());
      expect((await examine()).verdicts.cometbft).toBe("fail");
      writeFileSync(home.engineData, "");
      expect((await examine()).text).toContain("is the local engine's: CometBFT cannot go on with its blocks");
    });

    it("tries the peers, and tells one that is spelled wrong or is this node itself", async () => {
      const peer: Server = createServer((socket) => socket.destroy());
      await new Promise<void>((resolve) => peer.listen(0, "127.0.0.1", resolve));
      const address = peer.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const name = (peers: string) =>
        writeFileSync(
          home.configToml,
          readFileSync(home.configToml, "utf8").replace(/^persistent_peers = .*$/m, `persistent_peers = "${peers}"`),
        );
      name(`${id}@127.0.0.1:${port}`);
      expect((await examine()).text).toContain("all 1 can be reached");
      name(`${id}@127.0.0.1:${port},${id}@127.0.0.1:1`);
      const some = await examine();
      expect([some.verdicts.peers, some.text]).toEqual([
        "warn",
        expect.stringContaining("127.0.0.1:1 cannot be reached"),
      ]);
      await new Promise((resolve) => peer.close(resolve));
      expect((await examine()).verdicts.peers).toBe("fail");
      name("node1.example:26656");
      expect((await examine()).text).toMatch(/"node1\.example:26656" is no peer; expected ID@HOST:PORT/);
      const own = nodeId(parseKey(readFileSync(home.nodeKey, "utf8"), home.nodeKey));
      name(`${own}@127.0.0.1:26656`);
      expect((await examine()).text).toContain("names this node among its own peers");
    });
  });

  it("tells a port that another program has", async () => {
    const server: Server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    change(home.configToml, "127.0.0.1:0", `127.0.0.1:${port}`);
    const { verdicts, text } = await examine();
    await new Promise((resolve) => server.close(resolve));
    expect(verdicts.rpc).toBe("fail");
    expect(text).toContain(`127.0.0.1:${port} is taken by another program`);
  });
});
