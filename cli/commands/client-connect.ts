/** `weir client connect`: a proxy on this machine whose traffic goes through a relay, paid as it goes. */
import { rmSync, writeFileSync } from "node:fs";
import { Gauge, Registry } from "../../chain/server/metrictext.ts";
import { Client } from "../../node/client/client.ts";
import { systemClock } from "../../node/clock.ts";
import { serveHealth } from "../../node/daemon/health.ts";
import { limitedLog } from "../../node/daemon/log.ts";
import { tlsTransport } from "../../node/transport/tls.ts";
import { UsageError } from "../arguments.ts";
import { readCodes, takeCodes } from "../clientcodes.ts";
import { type ClientHome, clientFlags, clientKeysOf, ensureRoot, hasRoot, openClient } from "../clienthome.ts";
import { rulesFlags, rulesOf } from "../clientrules.ts";
import { showOn, statusOf } from "../clientshow.ts";
import { wishesOf, wishFlags } from "../clientwishes.ts";
import { dollars } from "../clientwords.ts";
import type { Command, Invocation } from "../command.ts";
import { askRunning, monitorFile } from "../daemon.ts";
import { promptsOf } from "../keyring/flags.ts";
import { isLogLevel, lineLog, logLevels } from "../log.ts";
import { awaitEndOfInput, awaitSignal } from "../signals.ts";

const listenDefault = "127.0.0.1:1080";
/** For closing: a person waits for a block; a program that started this has less time. */
const stopMillis = { alone: 20_000, lifeline: 4_500 } as const;

export const command: Command = {
  name: "client connect",
  positionals: [],
  summary: "Browse through a relay: a SOCKS 5 and HTTP proxy on this machine, paid by vouchers as you go.",
  description:
    "Relays are chosen by the chain's quotes and by how near they are. A session is opened from a wallet that paid for no other, if there is one, and\n" +
    "so much is locked at a time; vouchers pay for what was carried, and never for more than two of them beyond it. A second session stands ready\n" +
    "where the budget allows (--no-warm: none), so that new connections go on at once when a relay fails. A connection through a relay that is gone\n" +
    "cannot go on: programs that ask for the rest of a file (curl -C -, browsers) go on through the next. To try it:\n" +
    "  curl --socks5-hostname 127.0.0.1:1080 https://example.org/\n" +
    "Ctrl-C closes the sessions; what was not spent comes back. Without a wallet it asks for a top-up code first.",
  flags: [
    {
      name: "listen",
      value: "HOST:PORT",
      help: "where the proxy listens; this machine alone can reach 127.0.0.1",
      default: listenDefault,
    },
    ...rulesFlags,
    ...wishFlags,
    { name: "no-warm", help: "no second session" },
    { name: "unlinked", help: "never open two sessions from one wallet, even where no other has money" },
    { name: "code-file", value: "FILE", help: "take these top-up codes first" },
    { name: "leave-open", help: "at the end leave sessions open for the next run, instead of closing them" },
    { name: "allow-others", help: "listen where others can reach it, and spend your money" },
    { name: "allow-private-addresses", help: "dial relays on private networks and on this machine: for devnets" },
    { name: "json", help: "as --output json: a line of JSON for each event, and one a second" },
    { name: "log-level", value: logLevels, help: "the least that is logged", default: "warn" },
    { name: "lifeline", help: "end when standard input ends: for a program that starts this one" },
    ...clientFlags,
  ],
  examples: [
    "weir client connect",
    "weir client connect --region europe-west --max-price 0.08 --budget 2",
    "weir client connect --json --lifeline --passphrase-file pass.txt --listen 127.0.0.1:0",
  ],
  async run(given) {
    const invocation = given.has("json") && !given.json ? withJson(given) : given;
    const ending = awaitSignal();
    const told = invocation.has("lifeline") ? Promise.race([ending, awaitEndOfInput(process.stdin)]) : ending;
    if ((await askRunning(invocation.home, "client")) !== undefined) {
      throw new Error("`weir client connect` runs already with this --home: use its proxy, or end it first");
    }
    const home = await readyHome(invocation);
    try {
      return await connected(invocation, home, told);
    } finally {
      rmSync(monitorFile(invocation.home, "client"), { force: true });
      await home.close();
      if (invocation.has("lifeline")) process.stdin.destroy();
    }
  },
};

const withJson = (invocation: Invocation): Invocation => ({
  ...invocation,
  json: true,
  answer: (_, value) => process.stdout.write(`${JSON.stringify(value)}\n`),
});

function addressOf(invocation: Invocation) {
  const text = invocation.flag("listen") ?? listenDefault;
  const [, six, four, port] = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([0-9.]{7,15})):(\d{1,5})$/.exec(text) ?? [];
  const host = six ?? four;
  if (host === undefined || Number(port) > 65_535) {
    throw new UsageError(`--listen ${text}: expected an address and a port, ${listenDefault}`);
  }
  return { host, port: Number(port) };
}

/** With a secret, and with the codes that were given: a newcomer needs no other command. */
async function readyHome(invocation: Invocation): Promise<ClientHome> {
  const keys = clientKeysOf(invocation);
  const file = invocation.flag("code-file");
  const asked = file === undefined && !hasRoot(keys) ? await askForCode(invocation) : undefined;
  const codes = file === undefined ? (asked === undefined ? [] : [asked]) : readCodes(file);
  if (codes.length > 0) await ensureRoot(invocation, keys);
  const home = await openClient(invocation, { keys, log: logOf(invocation) });
  try {
    for (const { inWallet, wallet, wasMine } of await takeCodes(home, codes)) {
      if (!wasMine) invocation.say(`${dollars(inWallet)} is yours now, in wallet ${wallet.index}.\n`);
    }
    return home;
  } catch (error) {
    await home.close();
    throw error;
  }
}

async function askForCode(invocation: Invocation): Promise<string | undefined> {
  const typed = await promptsOf(invocation).line("You have no wallet here yet. Top-up code from a shop:");
  return typed === undefined || typed.trim() === "" ? undefined : typed;
}

function logOf(invocation: Invocation) {
  const level = invocation.flag("log-level") ?? "warn";
  if (!isLogLevel(level)) throw new UsageError(`--log-level ${level}: expected ${logLevels}`);
  return limitedLog(lineLog(invocation.say, level, invocation.isColoured), systemClock);
}

async function connected(invocation: Invocation, home: ClientHome, told: Promise<string>): Promise<number> {
  const { purse, store } = home;
  const show = showOn(invocation);
  const client = await Client.start({
    purse,
    store,
    surroundings: {
      clock: systemClock,
      log: logOf(invocation),
      transport: tlsTransport,
      allowsPrivate: invocation.has("allow-private-addresses"),
    },
    wishes: wishesOf(invocation),
    rules: await rulesOf(invocation, home),
    listen: addressOf(invocation),
    allowsOthers: invocation.has("allow-others"),
    isUnlinked: invocation.has("unlinked"),
    wallTime: Date.now,
    onEvent: show.event,
  });
  const stopShowing = show.follow(client);
  const monitor = await serveMonitor(invocation, client);
  let end: "told" | { readonly problem: string | undefined };
  try {
    end = await Promise.race([told.then(() => "told" as const), client.finished.then((problem) => ({ problem }))]);
  } catch (error) {
    await client.leave();
    throw error;
  } finally {
    stopShowing();
    await monitor.close();
  }
  const code = end === "told" ? await stop(invocation, client) : await ended(invocation, client, end.problem);
  await store.prune();
  return code;
}

async function serveMonitor(invocation: Invocation, client: Client) {
  const registry = new Registry();
  const spent = () => Number(client.state.lanes.reduce((sum, lane) => sum + lane.spent, 0n));
  registry.add(new Gauge("weir_client_spent_millionths", "Spent since the start, in millionths of a dollar.", spent));
  registry.add(new Gauge("weir_client_sessions", "Sessions that are there.", () => client.sessions.length));
  const monitor = await serveHealth({
    address: { host: "127.0.0.1", port: 0 },
    registry,
    clock: systemClock,
    health: () => ({ isHealthy: client.state.inUse !== undefined, problems: [] }),
    status: () => statusOf(client),
  });
  const { host, port } = monitor.address;
  writeFileSync(monitorFile(invocation.home, "client"), `http://${host}:${port}\n`, { mode: 0o600 });
  return monitor;
}

async function stop(invocation: Invocation, client: Client): Promise<number> {
  if (invocation.has("leave-open")) {
    await client.leave();
    return 0;
  }
  if (client.sessions.length > 0) invocation.say("Closing: Ctrl-C again ends at once.\n");
  const millis = invocation.has("lifeline") ? stopMillis.lifeline : stopMillis.alone;
  const timer = Promise.withResolvers<"late">();
  const timeout = setTimeout(() => timer.resolve("late"), millis);
  const outcome = await Promise.race([client.stop().then(() => "closed" as const), timer.promise]);
  clearTimeout(timeout);
  if (outcome === "closed") return 0;
  invocation.say("Not all is closed yet; `weir client close` or the next start does the rest.\n");
  await client.leave();
  return 0;
}

/** By itself: a spent budget is what was asked for. */
async function ended(invocation: Invocation, client: Client, problem: string | undefined): Promise<number> {
  await client.stop();
  const { rules, lanes } = client.state;
  const spent = lanes.reduce((sum, lane) => sum + lane.spent, 0n);
  const isSpent = rules.budget - spent < rules.depositMin;
  invocation.say(
    isSpent ? `The budget of ${dollars(rules.budget)} is spent.\n` : `weir: ${problem ?? "nothing is left to do"}.\n`,
  );
  return isSpent ? 0 : 1;
}
