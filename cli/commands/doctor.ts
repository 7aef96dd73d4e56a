/** `weir doctor`: looks over a home and its machine before they make trouble. Owns the checks; each says what it found and what to do. */
import { existsSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { parseGenesis } from "../../chain/consensus/genesis.ts";
import { loadSigner } from "../../chain/consensus/keys.ts";
import { rpcAt } from "../../node/chain/rpc.ts";
import { didYouMean, nearest } from "../../node/daemon/nearest.ts";
import type { Command, Invocation } from "../command.ts";
import { clientSettings, readAppConfig, readClientConfig, readNodeConfig, settingsIn } from "../config.ts";
import { engineChecks, type Finding } from "../enginechecks.ts";
import type { Home } from "../home.ts";
import { parseAddress } from "../node.ts";
import { columns, grouped } from "../table.ts";
import { appToml, configToml } from "../templates.ts";
import { tryGenesis } from "./genesis-validate.ts";

const ok = (check: string, text: string): Finding => ({ check, verdict: "ok", text });
const warn = (check: string, text: string): Finding => ({ check, verdict: "warn", text });
const fail = (check: string, text: string): Finding => ({ check, verdict: "fail", text });

const mebibyte = 1 << 20;
const diskWarnMebibytes = 10_240;
const diskFailMebibytes = 512;
/** Between this clock and that of a node whose newest block is fresh. */
const clockSecondsMax = 10;
/** A clock before this program was written is wrong. */
const writtenAt = Date.UTC(2025, 0, 1);

export const command: Command = {
  name: "doctor",
  positionals: [],
  summary: "Checks the home, the disk, the clock, the ports, the configuration, the engine and its peers.",
  description: "Nothing is changed. Ends with 1 when something would keep the node from running.",
  flags: [],
  examples: ["weir doctor", "weir doctor --home /var/lib/weir --output json"],
  async run(invocation) {
    const findings = [
      nodeVersion(),
      disk(invocation),
      writing(invocation),
      clock(),
      ...configuration(invocation),
      await genesis(invocation),
      ...keyFiles(invocation),
      ...(await engineChecks(invocation)),
      await ports(invocation),
    ];
    const rows = findings.map(({ verdict, check, text }) => [verdict, check, text]);
    invocation.answer(`${columns(rows).join("\n")}\n`, { checks: findings });
    return findings.some(({ verdict }) => verdict === "fail") ? 1 : 0;
  },
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What throws fails the check, in its own words. */
function attempt(check: string, body: () => Finding): Finding {
  try {
    return body();
  } catch (error) {
    return fail(check, reasonOf(error));
  }
}

const nodeVersion = (): Finding => ok("node", `Node ${process.versions.node} on ${process.platform}-${process.arch}`);

const placeOf = ({ home }: Invocation): string => (existsSync(home.data) ? home.data : home.folder);

function disk(invocation: Invocation): Finding {
  return attempt("disk", () => {
    const place = placeOf(invocation);
    const { bavail, bsize } = statfsSync(existsSync(place) ? place : ".");
    const free = Math.floor((bavail * bsize) / mebibyte);
    const text = `${grouped(String(free))} MiB free`;
    if (free < diskFailMebibytes)
      return fail("disk", `${text}: the node stops when a write fails; free some, or move --home`);
    return free < diskWarnMebibytes ? warn("disk", `${text}: watch it, a chain grows`) : ok("disk", text);
  });
}

function writing(invocation: Invocation): Finding {
  return attempt("home", () => {
    const place = placeOf(invocation);
    if (!existsSync(place)) return fail("home", `${place} is missing: run \`weir init MONIKER\`, or pass --home`);
    const probe = join(place, `.doctor-${process.pid}`);
    writeFileSync(probe, "written", { flush: true });
    const isWhole = readFileSync(probe, "utf8") === "written";
    rmSync(probe);
    return isWhole
      ? ok("home", `${place} can be written`)
      : fail("home", `${place} gives back something else than was written`);
  });
}

function clock(): Finding {
  const now = new Date().toISOString();
  return Date.now() < writtenAt
    ? fail("clock", `it is said to be ${now}: set the clock, and let it be kept by NTP`)
    : ok("clock", `${now.slice(0, 19)}Z`);
}

function configuration({ home }: Invocation): Finding[] {
  const files: readonly (readonly [name: string, read: () => unknown])[] = [
    ["app.toml", () => readAppConfig(home)],
    ["config.toml", () => readNodeConfig(home)],
  ];
  const readable = files.map(([name, read]) =>
    attempt(name, () => {
      read();
      const typos = misspelt(readFileSync(join(home.config, name), "utf8"), name);
      return typos.length === 0 ? ok(name, "can be read") : warn(name, `these mean nothing here: ${typos.join(", ")}`);
    }),
  );
  return [...readable, attempt("client.toml", () => clientSettingsOf(home))];
}

/** A file may hold settings of other programs; a name that is nearly one of ours is a slip, and its default would count in silence. */
function misspelt(text: string, name: string): string[] {
  const known = settingsIn(name === "app.toml" ? appToml("local", "") : configToml(""), name);
  return settingsIn(text, name)
    .filter((setting) => !known.includes(setting))
    .flatMap((setting) => {
      const meant = nearest(
        setting,
        known.filter((other) => isSlip(setting, other)),
      );
      return meant === undefined ? [] : [`${JSON.stringify(setting)}; did you mean ${meant}?`];
    });
}

const slipCharactersMax = 2;

/** CometBFT's names resemble each other more than slips do: p2p.laddr is none of rpc.laddr, nor grpc_laddr of laddr. */
function isSlip(setting: string, other: string): boolean {
  const sectionOf = (name: string) => name.slice(0, name.lastIndexOf(".") + 1);
  return sectionOf(setting) === sectionOf(other) && Math.abs(setting.length - other.length) <= slipCharactersMax;
}

/** A name that is spelled wrong would be passed over in silence. */
function clientSettingsOf({ clientToml }: Home): Finding {
  if (!existsSync(clientToml)) return ok("client.toml", "not there: flags, variables and defaults count");
  const { unknown } = readClientConfig(readFileSync(clientToml, "utf8"), clientToml);
  if (unknown.length === 0) return ok("client.toml", "can be read");
  const names = unknown.map((name) => `${JSON.stringify(name)}${didYouMean(name, clientSettings)}`);
  return warn("client.toml", `these mean nothing here: ${names.join(", ")}`);
}

async function genesis({ home }: Invocation): Promise<Finding> {
  if (!existsSync(home.genesis)) return fail("genesis", `${home.genesis} is missing: run \`weir init MONIKER\` first`);
  try {
    const document = parseGenesis(readFileSync(home.genesis, "utf8"), home.genesis);
    const count = await tryGenesis(document);
    return ok("genesis", `chain ${document.chainId}, ${count === 1 ? "1 validator" : `${count} validators`}`);
  } catch (error) {
    return fail("genesis", reasonOf(error));
  }
}

function keyFiles({ home }: Invocation): Finding[] {
  return [
    attempt("validator", () => {
      if (!existsSync(home.validatorKey)) return warn("validator", "no key here: this node cannot validate");
      const { address } = loadSigner(home.validatorKey, home.validatorState);
      return ok("validator", Buffer.from(address).toString("hex").toUpperCase());
    }),
    ...[home.validatorKey, home.nodeKey, home.beaconKey].filter(existsSync).map((path) =>
      attempt("key files", () => {
        const isOpen = (statSync(path).mode & 0o077) !== 0;
        return isOpen
          ? fail("key files", `others can read ${path}: chmod 600 it`)
          : ok("key files", `${path} is private`);
      }),
    ),
  ];
}

/** A node that answers is this home's own or another; otherwise its port must be free. */
async function ports({ home }: Invocation): Promise<Finding> {
  let address: ReturnType<typeof parseAddress>;
  try {
    address = parseAddress(readNodeConfig(home).rpc.address);
  } catch (error) {
    return fail("rpc", reasonOf(error));
  }
  const shown = `${address.host}:${address.port}`;
  if (await isFree(address)) return ok("rpc", `${shown} is free`);
  try {
    const { sync_info: sync } = await rpcAt(`http://${shown}`).call("status");
    const { latest_block_height: height, latest_block_time: time } = sync as Record<string, unknown>;
    const seconds = (Date.now() - Date.parse(String(time))) / 1_000;
    if (seconds < -clockSecondsMax)
      return fail("rpc", `the node at ${shown} is ${-Math.round(seconds)} s ahead of this clock`);
    return ok("rpc", `a node runs at ${shown}, height ${grouped(String(height))}`);
  } catch {
    return fail("rpc", `${shown} is taken by another program: end it, or change rpc.laddr in config.toml`);
  }
}

function isFree({ host, port }: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
