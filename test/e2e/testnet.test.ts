/** Making the homes of a network, and what is refused; running it is test/comet/testnet.test.ts. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "../../cli/main.ts";
import { loopbackOfOurOwn } from "../helpers/loopback.ts";

let folder: string;
const first = loopbackOfOurOwn(1);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "weir-testnet-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function weir(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  let [out, err] = ["", ""];
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

const init = (out: string, ...more: string[]) =>
  weir(["testnet", "init", "--out", join(folder, out), "--starting-ip-address", first, ...more]);
const text = (...path: string[]): string => readFileSync(join(folder, ...path), "utf8");

describe("weir testnet init", () => {
  it("makes homes that share a genesis with a signed genesis transaction each, and know each other", async () => {
    const { code, out, err } = await init("net", "--validators", "3", "--chain-id", "weir-three-1");
    expect(code, err).toBe(0);
    expect(out).toContain("3 validators");
    expect(readdirSync(join(folder, "net")).sort()).toEqual(
      ["Dockerfile", "docker-compose.yml", "node0", "node1", "node2", "systemd", "testnet.json"].sort(),
    );
    const genesis = text("net", "node0", "config", "genesis.json");
    for (const node of ["node1", "node2"]) expect(text("net", node, "config", "genesis.json")).toBe(genesis);
    expect(JSON.parse(genesis).app_state.genutil.gen_txs).toHaveLength(3);
    const validated = await weir(["genesis", "validate", "--home", join(folder, "net", "node2")]);
    expect(validated.out).toMatch(/chain weir-three-1, validators 3\./);
    const config = text("net", "node1", "config", "config.toml");
    expect(config.match(/^persistent_peers = .*$/m)?.[0].match(/@/g)).toHaveLength(2);
    const second = first.replace(/1$/, "2");
    expect(config).toContain(`laddr = "tcp://${second}:26656"`);
    expect(config).toContain(`laddr = "tcp://${second}:26657"`);
    expect(text("net", "node1", "config", "app.toml")).toContain('engine = "comet"');
  });

  it("gives each operator a key that only its owner can read, and a mnemonic that recovers it", async () => {
    const home = join(folder, "net", "node0");
    const seed = JSON.parse(text("net", "node0", "key_seed.json"));
    expect(statSync(join(home, "key_seed.json")).mode & 0o077).toBe(0);
    const shown = await weir(["keys", "show", "node0", "--address", "--home", home]);
    expect(shown.out.trim()).toBe(seed.address);
    const file = join(folder, "words");
    writeFileSync(file, seed.mnemonic);
    const argv = ["keys", "add", "again", "--recover", "--source", file, "--home", join(folder, "other")];
    const recovered = await weir([...argv, "--keyring-backend", "test"]);
    expect(recovered.out).toContain(seed.address);
  });

  it("names peers by service in the compose file, and one home a machine in the units", () => {
    const compose = text("net", "docker-compose.yml");
    expect(compose.match(/^ {2}node\d:$/gm)).toHaveLength(3);
    expect(
      compose.match(/CMT_P2P_PERSISTENT_PEERS: "[0-9a-f]{40}@node1:26656,[0-9a-f]{40}@node2:26656"/),
    ).not.toBeNull();
    expect(text("net", "systemd", "weir.service")).toMatch(/^ExecStart=\S+ start --home \S+ --engine comet$/m);
  });

  it("refuses what cannot be, says what can, and changes nothing", async () => {
    const full = join(folder, "full");
    mkdirSync(full);
    writeFileSync(join(full, "mine"), "");
    const cases = [
      [await init("full"), 1, /full is not empty: nothing was changed\. Name another --out/],
      [await init("none", "--validators", "0"), 2, /--validators 0: expected 1 to 100/],
      [await init("none", "--validators", "101"), 2, /--validators 101: expected 1 to 100/],
      [await init("none", "--validators", "four"), 2, /--validators four: expected 1 to 100/],
      [
        await weir(["testnet", "init", "--out", join(folder, "none"), "--starting-ip-address", "127.0.0.253"]),
        2,
        /with room for one a node/,
      ],
      [
        await weir(["testnet", "init", "--out", join(folder, "none"), "--starting-ip-address", "here"]),
        2,
        /expected an IPv4 address/,
      ],
      [await weir(["testnet", "start", join(folder, "none")]), 1, /testnet\.json is missing: `weir testnet init/],
    ] as const;
    for (const [{ code, err }, expected, message] of cases) {
      expect(err).toMatch(message);
      expect(code).toBe(expected);
    }
    expect(readdirSync(full)).toEqual(["mine"]);
    expect(readdirSync(folder)).not.toContain("none");
  });
});

describe("weir testnet start", () => {
  it("says how to get cometbft where there is none", async () => {
    const { code, err } = await weir(["testnet", "start", join(folder, "net")], { PATH: folder, HOME: folder });
    expect(err).toMatch(/cometbft is not on the PATH: `weir comet install` builds v0\.38\./);
    expect(code).toBe(1);
  });

  it("says which port is taken, and whose it was to be", async () => {
    const program = join(folder, "cometbft");
    writeFileSync(program, "#!/bin/sh\necho 0.38.25\n", { mode: 0o755 });
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(26_657, first.replace(/1$/, "2"), resolve));
    const { code, err } = await weir(["testnet", "start", join(folder, "net"), "--cometbft", program]);
    await new Promise((resolve) => taken.close(resolve));
    expect(err).toMatch(/:26657, which node1 needs, is taken \(EADDRINUSE\): stop what runs there/);
    expect(code).toBe(1);
  });
});
