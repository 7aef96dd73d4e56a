/** `weir client close`: sessions of an earlier run, closed: at once where the relay agrees, else with a window. */

import { silentLog } from "../../chain/log.ts";
import { type Closed, closeChannel } from "../../node/client/channels.ts";
import { PaidSession, type Surroundings } from "../../node/client/paidsession.ts";
import { provenTarget } from "../../node/client/relays.ts";
import type { KnownSession } from "../../node/client/resuming.ts";
import { systemClock } from "../../node/clock.ts";
import { textOf } from "../../node/daemon/failure.ts";
import { tlsTransport } from "../../node/transport/tls.ts";
import { UsageError } from "../arguments.ts";
import { type ClientHome, clientFlags, clientKeysOf, openClient } from "../clienthome.ts";
import { type HomeView, viewOf } from "../clientsessions.ts";
import { about, dollars } from "../clientwords.ts";
import type { Command, Invocation } from "../command.ts";
import { askRunning } from "../daemon.ts";

export const command: Command = {
  name: "client close",
  positionals: ["[SESSION...]"],
  summary: "Closes sessions and says when the rest comes back; without a number, all of them.",
  description:
    "The relay is asked first: it gets what it is owed, and where it agrees the rest is back at once. One that is not there need not agree: then the\n" +
    "rest comes back when the window is over in which it may still bring vouchers.",
  flags: [
    { name: "without-relay", help: "do not ask the relay" },
    { name: "allow-private-addresses", help: "dial relays on private networks and on this machine: for devnets" },
    ...clientFlags,
  ],
  examples: ["weir client close", "weir client close 12", "weir client close 12 --without-relay"],
  async run(invocation) {
    if ((await askRunning(invocation.home, "client")) !== undefined) {
      throw new Error("`weir client connect` runs and holds the sessions: end it by Ctrl-C, and it closes them");
    }
    const home = await openClient(invocation, { keys: clientKeysOf(invocation) });
    try {
      const view = await viewOf(home);
      const wanted = chosen(invocation, view);
      const closed = [];
      for (const known of wanted) closed.push(await closeOne(invocation, home, view, known));
      say(invocation, view, closed);
      return closed.every(({ problem }) => problem === undefined) ? 0 : 1;
    } finally {
      await home.close();
    }
  },
};

function chosen({ positionals }: Invocation, { sessions }: HomeView): readonly KnownSession[] {
  const open = sessions.filter(({ record }) => record.state === "open");
  if (positionals.length === 0) return open;
  return positionals.map((text) => {
    const found = sessions.find(({ record }) => `${record.id}` === text);
    if (found === undefined)
      throw new UsageError(`there is no session ${text} here; \`weir client sessions --all\` lists them`);
    return found;
  });
}

interface Outcome {
  readonly known: KnownSession;
  readonly closed?: Closed;
  readonly problem?: string;
}

async function closeOne(
  invocation: Invocation,
  home: ClientHome,
  view: HomeView,
  known: KnownSession,
): Promise<Outcome> {
  const { purse, store } = home;
  const { record, wallet } = known;
  if (record.state === "closing") return { known, closed: { refunded: 0n, endsEpoch: record.endsEpoch } };
  if (record.state === "closed") return { known, closed: { refunded: record.refunded, endsEpoch: 0n } };
  try {
    const session = invocation.has("without-relay") ? undefined : await atRelay(invocation, home, view, known);
    return { known, closed: await (session?.close() ?? closeChannel(purse, store, wallet, record, new Uint8Array(0))) };
  } catch (error) {
    return { known, problem: textOf(error) };
  }
}

/** Undefined where the relay is not there. */
async function atRelay(
  invocation: Invocation,
  { purse, store }: ClientHome,
  { epoch }: HomeView,
  { record, wallet }: KnownSession,
): Promise<PaidSession | undefined> {
  const surroundings: Surroundings = {
    clock: systemClock,
    log: silentLog,
    transport: tlsTransport,
    allowsPrivate: invocation.has("allow-private-addresses"),
  };
  try {
    const target = await provenTarget(purse.sender.chain, record.relay, epoch.number);
    return await PaidSession.resume({ purse, store, wallet, target, surroundings }, record);
  } catch (error) {
    invocation.say(`Relay ${record.relay} is not there (${textOf(error)}): its session is closed without it.\n`);
    return undefined;
  }
}

function say(invocation: Invocation, { epoch }: HomeView, outcomes: readonly Outcome[]): void {
  const lines = outcomes.map(({ known: { record }, closed, problem }) => {
    if (problem !== undefined) return `Session ${record.id} is not closed: ${problem}`;
    if (closed!.endsEpoch === 0n) return `Session ${record.id} is closed; ${dollars(closed!.refunded)} came back.`;
    return `Session ${record.id} is being closed: what the relay does not claim by vouchers comes back in ${about(epoch.millisUntil(closed!.endsEpoch))}, when epoch ${closed!.endsEpoch} opens.`;
  });
  const text = lines.length === 0 ? "No session is open." : lines.join("\n");
  invocation.answer(`${text}\n`, {
    closed: outcomes.map(({ known: { record }, closed, problem }) => ({
      session: `${record.id}`,
      ...(problem === undefined ? {} : { problem }),
      ...(closed === undefined ? {} : { refunded: `${closed.refunded}`, ends_epoch: `${closed.endsEpoch}` }),
    })),
  });
}
