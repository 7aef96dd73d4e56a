/** A daemon as a process: keys out of a home, settings that change under it, and every way to end it. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ed25519KeyPair } from "../../chain/crypto/sign.ts";
import { loadSettings, settingsPath, writeSettings } from "../../cli/daemon.ts";
import { type Home, homeAt } from "../../cli/home.ts";
import { openKeyring } from "../../cli/keyring/keyring.ts";
import { machineKeys } from "../../cli/keyring/machinekeys.ts";
import { childSchema } from "../helpers/daemonchildsettings.ts";

const child = join(import.meta.dirname, "..", "helpers", "daemonchild.ts");
const kind = { daemon: "relay", schema: childSchema } as const;
const seed = new Uint8Array(32).fill(7);
const passphrase = "a good passphrase";
/** Cheap: how dear a guess is, is the keyring's own test. */
const cost = { n: 2, r: 1, p: 1 };

let home: Home;
const running: ChildProcessByStdio<Writable, Readable, Readable>[] = [];
beforeEach(() => {
  home = homeAt(mkdtempSync(join(tmpdir(), "weir-daemon-")));
});
afterEach(() => {
  for (const process of running.splice(0)) process.kill("SIGKILL");
  rmSync(home.folder, { recursive: true, force: true });
});

async function prepare(backend: "file" | "test", greeting = "hello"): Promise<void> {
  const options = { home: home.folder, backend, passphrase: async () => passphrase, cost };
  await openKeyring(options).addLocal("operator", new Uint8Array(32).fill(3));
  await machineKeys(options).add("relay-transport", seed);
  // Nobody listens there: a daemon starts while its chain is down.
  writeSettings(kind, home, { chainId: "weir-test-1", rpc: ["http://127.0.0.1:9"], greeting });
}

function start(flags: readonly string[], environment: Record<string, string> = {}) {
  const args = [child, "--home", home.folder, "--log-format", "plain", ...flags];
  const started = spawn(process.execPath, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  running.push(started);
  let [out, err] = ["", ""];
  started.stdout.on("data", (bytes) => (out += bytes));
  started.stderr.on("data", (bytes) => (err += bytes));
  const until = async (words: string) => {
    while (!(out + err).includes(words)) {
      if (started.exitCode !== null) throw new Error(`it ended: ${err}`);
      await Promise.race([once(started.stdout, "data"), once(started.stderr, "data"), once(started, "exit")]);
    }
  };
  const ended = once(started, "close").then(([code, signal]) => ({ code, signal, out, err }));
  return { process: started, until, ended, said: () => out + err };
}

const test = ["--keyring-backend", "test"];

describe("a daemon's process", () => {
  it("says on stdout that it serves, tells how it is, and ends with 0 by SIGTERM", async () => {
    await prepare("test");
    const daemon = start(test);
    await daemon.until("monitor");
    const monitor = readFileSync(join(home.data, "relay", "monitor"), "utf8").trim();
    const status = (await (await fetch(`${monitor}/status`)).json()) as Record<string, unknown>;
    const transport = Buffer.from(ed25519KeyPair(seed).publicKey).toString("hex");
    expect(status).toMatchObject({
      daemon: "relay",
      chain_id: "weir-test-1",
      transport,
      earned: "100000000000000000000",
    });
    const health = await fetch(`${monitor}/health`);
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({ problems: ["no block was seen since the start"] });
    expect(await (await fetch(`${monitor}/metrics`)).text()).toContain('weir_endpoint_up{url="127.0.0.1:9"} 0');
    daemon.process.kill("SIGTERM");
    expect(await daemon.ended).toMatchObject({ code: 0 });
  });

  it("ends when the pipe of its standard input closes, and by a second signal at once though it drains for ever", async () => {
    await prepare("test", "stubborn");
    const held = start([...test, "--lifeline"]);
    await held.until("monitor");
    held.process.stdin.end();
    await held.until("the end of standard input: stopping");
    // Two of the same could arrive as one.
    held.process.kill("SIGTERM");
    held.process.kill("SIGINT");
    expect([130, 143]).toContain((await held.ended).code);
  });

  it("ends with 1 and the reason where it fails", async () => {
    await prepare("test", "broken");
    const { code, err } = await start(test).ended;
    expect(code).toBe(1);
    expect(err).toContain("the daemon ends: it was made to break");
  });

  it("reads its settings again on SIGHUP, all of them or none", async () => {
    await prepare("test");
    const daemon = start(test);
    await daemon.until("monitor");
    const path = settingsPath(home, kind);
    const before = readFileSync(path, "utf8");
    writeFileSync(path, before.replace('greeting = "hello"', 'greeting = "again"').replace("seats = 3", "seats = 4"));
    daemon.process.kill("SIGHUP");
    await daemon.until("greeting again");
    await daemon.until("counts after a restart: seats");
    writeFileSync(path, `${before}\ngreetin = "typo"`);
    daemon.process.kill("SIGHUP");
    await daemon.until("there is no setting greetin; did you mean greeting?");
    daemon.process.kill("SIGTERM");
    expect(await daemon.ended).toMatchObject({ code: 0 });
  });
});

describe("a daemon's keys", () => {
  it("open by the first line of stdin, by a file, and by systemd's credential; not by a wrong one", async () => {
    await prepare("file");
    const byPipe = start([]);
    byPipe.process.stdin.write(`${passphrase}\n`);
    const folder = join(home.folder, "credentials");
    mkdirSync(folder);
    writeFileSync(join(folder, "weir-passphrase"), `${passphrase}\n`, { mode: 0o600 });
    await byPipe.until("monitor");
    byPipe.process.kill("SIGTERM");
    await byPipe.ended;
    const sources = [
      () => start(["--passphrase-file", join(folder, "weir-passphrase")]),
      () => start([], { CREDENTIALS_DIRECTORY: folder }),
    ];
    for (const source of sources) {
      const daemon = source();
      await daemon.until("monitor");
      daemon.process.kill("SIGTERM");
      expect(await daemon.ended).toMatchObject({ code: 0 });
      expect(daemon.said()).not.toContain(passphrase);
    }
    const wrong = start([]);
    wrong.process.stdin.end("another passphrase\n");
    expect((await wrong.ended).err).toContain("wrong passphrase");
  });

  it("are files that nobody else may read, in the keyring's form, and unseen by account commands", async () => {
    await prepare("file");
    const path = join(home.folder, "keyring-file", "relay-transport.machine");
    const file = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    expect(file).toMatchObject({ version: 1, name: "relay-transport", type: "machine", kdf: { name: "scrypt" } });
    expect(JSON.stringify(file)).not.toContain(Buffer.from(seed).toString("base64"));
    const options = { home: home.folder, backend: "file", passphrase: async () => passphrase, cost } as const;
    expect(
      openKeyring(options)
        .list()
        .keys.map(({ name }) => name),
    ).toEqual(["operator"]);
    const keys = machineKeys(options);
    expect((await keys.open("relay-transport")).seed).toEqual(seed);
    await expect(keys.add("relay-transport", seed)).rejects.toThrow("exists already");
    await expect(machineKeys({ ...options, passphrase: async () => "wrong" }).add("oracle-vrf", seed)).rejects.toThrow(
      "wrong passphrase",
    );
    chmodSync(path, 0o644);
    expect(() => keys.publicKey("relay-transport")).toThrow("open to other users");
    chmodSync(path, 0o600);
    writeFileSync(path, readFileSync(path, "utf8").replace("relay-transport", "oracle-transport"), { mode: 0o600 });
    expect(() => keys.publicKey("relay-transport")).toThrow("damaged");
  });

  it("that are missing are said to be, with what makes them", async () => {
    writeSettings(kind, home, { chainId: "weir-test-1" });
    expect((await start(test).ended).err).toContain("there is no key operator");
    expect(() => writeSettings(kind, home, {})).toThrow("exists already: nothing was changed");
    expect(() => loadSettings(kind, homeAt(join(home.folder, "else")))).toThrow("run `weir relay init` first");
  });
});
