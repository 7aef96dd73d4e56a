import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openKeyring } from "../../cli/keyring/keyring.ts";
import { main } from "../../cli/main.ts";
import { balanceOf } from "../../node/client/accounts.ts";
import { formatCode } from "../../node/client/topupcode.ts";
import { buyingScene, type Scene, sceneChainId } from "../helpers/buyingscene.ts";

const timeout = 120_000;
const run = promisify(execFile);
const weir = join(import.meta.dirname, "../../cli/weir.js");

let scene: Scene;
let web: Server;
let page = "";
const folders: string[] = [];

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "weir-buyer-"));
  folders.push(path);
  return path;
}

beforeAll(async () => {
  scene = await buyingScene({ relays: 2, epochSeconds: 60 });
  web = createServer((_, response) => response.end("a page".repeat(20_000)));
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  page = `http://127.0.0.1:${(web.address() as AddressInfo).port}/`;
}, timeout);

afterAll(async () => {
  web.close();
  await scene.end();
  for (const path of folders) rmSync(path, { recursive: true, force: true });
}, timeout);

const common = (home: string) => ["--home", home, "--node", scene.node.rpcUrl ?? "", "--keyring-backend", "test"];

interface Ran {
  readonly code: number;
  readonly text: string;
  readonly said: string;
}

/** One command, in this process. */
async function ran(home: string, ...words: readonly string[]): Promise<Ran> {
  let [text, said] = ["", ""];
  const code = await main([...words, ...common(home)], {
    environment: {},
    out: (more) => {
      text += more;
    },
    err: (more) => {
      said += more;
    },
  });
  return { code, text, said };
}

const json = async (home: string, ...words: readonly string[]) => {
  const { code, text, said } = await ran(home, ...words, "--output", "json");
  expect(said).not.toContain("weir:");
  expect(code).toBe(0);
  return JSON.parse(text);
};

async function shopHome(): Promise<string> {
  const home = folder();
  const keyring = openKeyring({ home, backend: "test", passphrase: async () => "" });
  await keyring.addLocal("shop", scene.shop.privateKey);
  return home;
}

async function codes(count: number, amount = "1000000uusdc"): Promise<readonly string[]> {
  const home = await shopHome();
  const out = join(home, "codes.txt");
  const made = await json(
    home,
    "client",
    "shop",
    "--count",
    `${count}`,
    "--amount",
    amount,
    "--from",
    "shop",
    "--out",
    out,
    "--yes",
  );
  expect(statSync(out).mode & 0o777).toBe(0o600);
  expect(readFileSync(out, "utf8")).toContain(made.codes[0]);
  return made.codes;
}

interface Connected {
  readonly child: ChildProcess;
  readonly events: Record<string, never>[];
  saw(kind: string): Promise<Record<string, unknown>>;
  ended: Promise<number | null>;
  log(): string;
}

/** `weir client connect` as a process of its own. */
function connecting(home: string, ...more: readonly string[]): Connected {
  const words = [
    "client",
    "connect",
    ...common(home),
    "--listen",
    "127.0.0.1:0",
    "--allow-private-addresses",
    "--json",
    "--no-warm",
  ];
  const port = new URL(page).port;
  const child = spawn(process.execPath, [weir, ...words, "--port", port, "--lifeline", ...more], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (part: Buffer) => {
    log += part.toString();
  });
  const events: Record<string, never>[] = [];
  let look = () => {};
  createInterface({ input: child.stdout! }).on("line", (line) => {
    events.push(JSON.parse(line));
    look();
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  scene.onEnd(() => void child.kill("SIGKILL"));
  return {
    child,
    events,
    ended,
    log: () => log,
    saw: (kind) =>
      new Promise((resolve) => {
        look = () => {
          const found = events.find(({ event }) => event === kind);
          if (found !== undefined) resolve(found);
        };
        look();
      }),
  };
}

const secretPlace = "nobody-may-know.example";

/** Asks for a place that there is not. */
async function refused({ saw }: Connected): Promise<void> {
  const { address } = (await saw("listening")) as { readonly address: { readonly port: number } };
  const proxy = `127.0.0.1:${address.port}`;
  await expect(
    run("curl", ["-sS", "--max-time", "20", "--socks5-hostname", proxy, `http://${secretPlace}/`]),
  ).rejects.toThrow();
}

const filesUnder = (path: string): readonly string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)).toString("latin1"));

async function browse({ saw }: Connected): Promise<number> {
  const { address } = (await saw("listening")) as { readonly address: { readonly port: number } };
  await saw("using");
  const { stdout } = await run("curl", [
    "-sS",
    "--max-time",
    "20",
    "--socks5-hostname",
    `127.0.0.1:${address.port}`,
    page,
  ]);
  return stdout.length;
}

describe("weir client", { timeout }, () => {
  it("lets a newcomer without any coins of the chain take a code over, once", async () => {
    const [code] = await codes(2);
    const home = folder();
    const first = await ran(home, "client", "topup", code!);
    expect(first.text).toContain("$0.999999 is yours now, in wallet 0.");
    expect((await ran(home, "client", "topup", code!)).text).toContain("You had taken that code before");
    const other = await ran(folder(), "client", "topup", code!);
    expect(other.code).toBe(1);
    expect(other.said).toContain("this code was used before, and not by this client");
    const view = await json(home, "client", "sessions");
    expect(view.wallets).toMatchObject([{ wallet: 0, amount: "999999", sessions: 0 }]);
  });

  it("says in plain words what is wrong with a code, and sends nothing", async () => {
    const home = folder();
    const secret = new Uint8Array(16).fill(4);
    const good = formatCode(sceneChainId, secret);
    const wrong = good.replace(/.$/, good.endsWith("q") ? "p" : "q");
    expect((await ran(home, "client", "topup", wrong)).said).toContain("mistyped");
    const elsewhere = await ran(home, "client", "topup", formatCode("weir-1", secret));
    expect(elsewhere.said).toContain(`another network than ${sceneChainId}`);
    expect((await ran(home, "client", "topup", good)).said).toContain("nobody has paid into this code");
    const empty = await ran(folder(), "client", "sessions");
    expect(empty.said).toContain("there is no wallet here yet");
  });

  it("shows a shop which codes were taken over, and pays into no code twice", async () => {
    const home = await shopHome();
    const out = join(home, "codes.txt");
    const terms = ["--amount", "1000000uusdc", "--from", "shop", "--yes"];
    const made = await json(home, "client", "shop", "--count", "9", ...terms, "--out", out);
    expect(made.paid).toBe(9);
    expect((await json(home, "client", "shop", "--resume", out, ...terms)).paid).toBe(0);
    await ran(folder(), "client", "topup", made.codes[3]);
    const { codes: listed } = await json(home, "client", "shop", "--list", out);
    expect(listed.map(({ state }: { readonly state: string }) => state)).toEqual(
      made.codes.map((_: string, index: number) => (index === 3 ? "taken over" : "unused")),
    );
  });

  it("is one command for a newcomer, survives kill -9, closes at Ctrl-C, and gives the rest back to any address", async () => {
    const home = folder();
    const file = join(home, "code.txt");
    writeFileSync(file, `${(await codes(1))[0]}\n`);
    const killed = connecting(home, "--code-file", file);
    expect(await browse(killed)).toBe(120_000);
    const { session } = await killed.saw("opened");
    await killed.saw("progress");
    killed.child.kill("SIGKILL");
    await killed.ended;
    expect((await json(home, "client", "sessions")).sessions).toMatchObject([{ session, state: "open" }]);
    const again = connecting(home, "--log-level", "debug");
    expect((await again.saw("resumed")).session).toBe(session);
    expect(await browse(again)).toBe(120_000);
    await refused(again);
    again.child.kill("SIGINT");
    expect(await again.ended).toBe(0);
    const closed = await again.saw("closed");
    expect(closed).toMatchObject({ session, endsEpoch: "0" });
    // Where it went stands nowhere, in no file, line or log.
    expect(again.log()).toContain("a program's connection ended");
    const said = [again.log(), JSON.stringify(again.events), ...filesUnder(home)];
    for (const text of said) expect(text.includes(secretPlace)).toBe(false);
    const { chain } = scene.sender;
    const { address } = scene.shop.signer;
    const before = await balanceOf(chain, address, "uusdc");
    const { total } = await json(home, "client", "withdraw", address, "--yes");
    expect(BigInt(total)).toBe(999_999n - BigInt(closed.spent as string));
    // The millionth that made the account comes along.
    expect((await balanceOf(chain, address, "uusdc")) - before).toBe(BigInt(total) + 1n);
  });

  it("closes what a killed run left open, with the relay or without", async () => {
    const home = folder();
    for (const code of await codes(2, "300000uusdc")) await ran(home, "client", "topup", code);
    for (const [isLast, more] of [
      [false, ["--allow-private-addresses"]] as const,
      [true, ["--without-relay"]] as const,
    ]) {
      const killed = connecting(home, "--deposit", "0.1");
      await browse(killed);
      // By a wallet of its own.
      expect((await killed.saw("opened")).isLinked).toBe(false);
      killed.child.kill("SIGKILL");
      await killed.ended;
      const { closed } = await json(home, "client", "close", ...more);
      expect(closed[0].ends_epoch === "0").toBe(!isLast);
    }
    expect((await ran(home, "client", "sessions")).text).toMatch(/closing: .* comes back in about/);
    expect((await ran(home, "client", "close")).text).toBe("No session is open.\n");
  });

  it("quotes prices to who has nothing, and tops up from an account", async () => {
    const home = await shopHome();
    const { relays } = await json(
      home,
      "client",
      "quote",
      "10",
      "--port",
      "443",
      "--probe",
      "--allow-private-addresses",
    );
    expect(relays).toHaveLength(2);
    expect(relays[0]).toMatchObject({ region: "home", cost: "500000" });
    expect(relays[0].rtt_millis).toBeGreaterThan(0);
    const dear = await ran(home, "client", "quote", "10", "--max-price", "0.01");
    expect(dear.said).toContain("cost more than --max-price allows");
    const nowhere = await ran(home, "client", "quote", "--region", "mars");
    expect(nowhere.said).toContain("there is no region mars; there are home");
    const own = await ran(home, "client", "topup", "--amount", "2000000uusdc", "--from", "shop");
    expect(own.text).toContain("$1.999999 is yours now");
  });
});
