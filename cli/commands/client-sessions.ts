/** `weir client sessions`: what is in the wallets, what sessions hold, and when the rest comes back. */

import type { KnownSession } from "../../node/client/resuming.ts";
import { clientFlags, clientKeysOf, openClient } from "../clienthome.ts";
import { type HomeView, viewOf } from "../clientsessions.ts";
import { about, dollars, perGib, size } from "../clientwords.ts";
import type { Command } from "../command.ts";
import { askRunning } from "../daemon.ts";
import { columns } from "../table.ts";

export const command: Command = {
  name: "client sessions",
  positionals: [],
  summary: "Shows wallets and sessions: what is left, what was spent, when the rest comes back.",
  description: "While `weir client connect` runs, its own figures are shown: it holds the wallets' folder.",
  flags: [{ name: "all", help: "sessions that are over too" }, ...clientFlags],
  examples: ["weir client sessions", "weir client sessions --all --output json"],
  async run(invocation) {
    const running = await askRunning(invocation.home, "client");
    if (running !== undefined) {
      invocation.answer(`${runningText(running).join("\n")}\n`, running);
      return 0;
    }
    const home = await openClient(invocation, { keys: clientKeysOf(invocation) });
    try {
      const view = await viewOf(home);
      const shown = invocation.has("all")
        ? view.sessions
        : view.sessions.filter(({ record }) => record.state !== "closed");
      invocation.answer(`${textOf(view, shown).join("\n")}\n`, jsonOf(view, shown));
      return 0;
    } finally {
      await home.close();
    }
  },
};

interface RunningSession {
  readonly session: string;
  readonly relay: string;
  readonly price: string;
  readonly locked: string;
  readonly spent: string;
  readonly counted_bytes: string;
  readonly streams: number;
}

/** What `weir client connect` says of itself. */
function runningText(status: Readonly<Record<string, unknown>>): string[] {
  const sessions = status.sessions as readonly RunningSession[];
  const rows = sessions.map(({ session, relay, price, locked, spent, counted_bytes: bytes, streams }) => [
    session,
    `relay ${relay}`,
    perGib(BigInt(price)),
    `${size(Number(bytes))} for ${dollars(BigInt(spent))} of ${dollars(BigInt(locked))}`,
    `${streams} streams`,
  ]);
  return [
    `\`weir client connect\` runs, its proxy at ${status.proxy}; ${dollars(BigInt(String(status.spent)))} of ${dollars(BigInt(String(status.budget)))} are spent.`,
    ...(rows.length === 0
      ? ["No session is open."]
      : columns([["session", "with", "price", "carried", ""], ...rows], [true])),
  ];
}

function stateText({ record }: KnownSession, { epoch }: HomeView): string {
  if (record.state === "opening") return "being opened";
  if (record.state === "closed") return "closed";
  if (record.state === "open") return `open, for ${about(epoch.millisUntil(record.expiresEpoch))} more`;
  return `closing: ${dollars(record.locked - record.signed.amount)} or less comes back in ${about(epoch.millisUntil(record.endsEpoch))}`;
}

function textOf(view: HomeView, shown: readonly KnownSession[]): string[] {
  const total = view.wallets.reduce((sum, { amount }) => sum + amount, 0n);
  const wallets = view.wallets.map(({ wallet, amount }) => [
    `${wallet.index}`,
    dollars(amount),
    wallet.address,
    wallet.sessions === 0 ? "never used" : "used",
  ]);
  const sessions = shown.map((known) => {
    const { record } = known;
    return [
      `${record.id}`,
      `relay ${record.relay}`,
      perGib(record.pricePerGib),
      `${size(Number(record.counted))} for ${dollars(record.signed.amount)} of ${dollars(record.locked)}`,
      stateText(known, view),
    ];
  });
  return [
    `${dollars(total)} in ${view.wallets.length} wallet${view.wallets.length === 1 ? "" : "s"}`,
    ...columns([["wallet", "has", "address", ""], ...wallets], [true, true]),
    "",
    ...(sessions.length === 0
      ? ["No session is open."]
      : columns([["session", "with", "price", "carried", "state"], ...sessions], [true])),
  ];
}

function jsonOf(view: HomeView, shown: readonly KnownSession[]) {
  return {
    epoch: `${view.epoch.number}`,
    wallets: view.wallets.map(({ wallet, amount }) => ({
      wallet: wallet.index,
      address: wallet.address,
      denom: wallet.denom,
      amount: `${amount}`,
      sessions: wallet.sessions,
    })),
    sessions: shown.map(({ record }) => ({
      session: `${record.id}`,
      wallet: record.wallet,
      relay: `${record.relay}`,
      state: record.state,
      bytes: `${record.signed.bytes}`,
      spent: `${record.signed.amount}`,
      locked: `${record.locked}`,
      refunded: `${record.refunded}`,
      expires_epoch: `${record.expiresEpoch}`,
      ends_epoch: `${record.endsEpoch}`,
    })),
  };
}
