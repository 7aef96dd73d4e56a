/**
 * What a connected client shows: events as lines, and its figures as one line that renews itself on a terminal, as a line now and then elsewhere, as
 * JSON lines with --output json. Owns the words and the pace; names no destination, since it never hears of one.
 */
import type { Client } from "../node/client/client.ts";
import type { ClientEvent } from "../node/client/events.ts";
import type { PaidSession } from "../node/client/paidsession.ts";
import { dollars, perGib, size, speed } from "./clientwords.ts";
import type { Invocation } from "./command.ts";

const everyMillis = 1_000;
/** Off a terminal, where lines stay. */
const linesEvery = 10;
const clearLine = "\r\u001b[K";

export function wordsOf(event: ClientEvent): string {
  switch (event.event) {
    case "listening":
      return `Listening at ${event.address.host}:${event.address.port}: SOCKS 5 and HTTP. Let your browser use it as its proxy; Ctrl-C ends it.`;
    case "opened": {
      const { candidate, rttMillis, record, isLinked } = event;
      const where = `relay ${event.relay} in ${candidate.region}, ${rttMillis.toFixed(0)} ms away, ${perGib(record.pricePerGib)}`;
      const link = isLinked ? " Its wallet paid for another session before: both can be linked." : "";
      return `Session ${event.session} is open with ${where}; ${dollars(record.locked)} are locked.${link}`;
    }
    case "resumed":
      return `Session ${event.session} with relay ${event.relay} goes on: ${dollars(event.record.signed.amount)} of ${dollars(event.record.locked)} are spent.`;
    case "unopened":
      return `Relay ${event.relay} could not be used: ${event.why}`;
    case "using":
      return event.relay === undefined
        ? "No relay is there for new connections; looking for one."
        : `New connections go through relay ${event.relay}.`;
    case "lost":
      return `Relay ${event.relay} is lost (${event.why}). What was under way through it ends; new connections go elsewhere.`;
    case "topped up":
      return `Session ${event.session} has ${dollars(event.record.locked)} locked now.`;
    case "closed":
      return event.endsEpoch === 0n
        ? `Session ${event.session} is closed: ${size(Number(event.record.signed.bytes))} for ${dollars(event.record.signed.amount)}; ${dollars(event.refunded)} came back.`
        : `Session ${event.session} is being closed without its relay: the rest comes back when epoch ${event.endsEpoch} opens.`;
    case "unclosed":
      return `A session is not closed yet (${event.why}): \`weir client close\` does it later.`;
    case "none":
      return `No relay: ${event.why}`;
  }
}

function jsonOf(event: ClientEvent): unknown {
  const { event: kind, ...rest } = event;
  const plain = Object.entries(rest).filter(([name]) => name !== "candidate" && name !== "record");
  const record = "record" in event ? recordJson(event) : {};
  const candidate = "candidate" in event ? { region: event.candidate.region, stable: event.candidate.stable } : {};
  return { event: kind, ...Object.fromEntries(plain), ...candidate, ...record };
}

const recordJson = ({ record }: Extract<ClientEvent, { readonly record: unknown }>) => ({
  wallet: record.wallet,
  price: record.pricePerGib,
  locked: record.locked,
  spent: record.signed.amount,
  bytes: record.signed.bytes,
});

/** Bigints as text. */
const plainJson = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, item) => (typeof item === "bigint" ? `${item}` : item)));

interface Totals {
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** All that went through since the start, also through sessions that are over. */
class Meter {
  readonly #seen = new Map<PaidSession, Totals>();

  take(sessions: readonly PaidSession[]): Totals {
    for (const session of sessions) this.#seen.set(session, session.carried);
    let [sentBytes, receivedBytes] = [0, 0];
    for (const one of this.#seen.values()) {
      sentBytes += one.sentBytes;
      receivedBytes += one.receivedBytes;
    }
    return { sentBytes, receivedBytes };
  }
}

export interface Show {
  event(event: ClientEvent): void;
  /** Begins to show figures; gives the stop. */
  follow(client: Client): () => void;
}

export function showOn(invocation: Invocation): Show {
  const isTerminal = !invocation.json && process.stderr.isTTY === true;
  const clear = isTerminal ? clearLine : "";
  return {
    event: (event) => {
      if (clear !== "") invocation.say(clear);
      invocation.answer(`${wordsOf(event)}\n`, plainJson(jsonOf(event)));
    },
    follow(client) {
      const meter = new Meter();
      let before = meter.take(client.sessions);
      let [last, count] = [performance.now(), 0];
      const timer = setInterval(() => {
        const [now, totals] = [performance.now(), meter.take(client.sessions)];
        const figures = figuresOf(client, before, totals, now - last);
        [before, last, count] = [totals, now, count + 1];
        if (invocation.json) invocation.answer("", plainJson({ event: "progress", ...figures }));
        else if (isTerminal) invocation.say(`${clearLine}${lineOf(figures)}`);
        else if (count % linesEvery === 0) invocation.answer(`${lineOf(figures)}\n`, {});
      }, everyMillis);
      return () => {
        clearInterval(timer);
        if (clear !== "") invocation.say(clear);
      };
    },
  };
}

export type Figures = ReturnType<typeof figuresOf>;

function figuresOf(client: Client, before: Totals, now: Totals, millis: number) {
  const { rules, lanes, inUse } = client.state;
  const spent = lanes.reduce((sum, lane) => sum + lane.spent, 0n);
  const [session] = client.sessions;
  const isUsed = lanes.some(({ name }) => name === inUse) && session !== undefined;
  return {
    down_bps: Math.round(((now.receivedBytes - before.receivedBytes) * 8_000) / Math.max(1, millis)),
    up_bps: Math.round(((now.sentBytes - before.sentBytes) * 8_000) / Math.max(1, millis)),
    received_bytes: now.receivedBytes,
    sent_bytes: now.sentBytes,
    spent,
    left: rules.budget > spent ? rules.budget - spent : 0n,
    relay: isUsed ? session.relay : undefined,
    session: isUsed ? session.record.id : undefined,
    price: isUsed ? session.pricePerGib : undefined,
    streams: client.sessions.reduce((sum, one) => sum + one.carried.streams, 0),
  };
}

function lineOf(figures: Figures): string {
  const { down_bps, up_bps, received_bytes, sent_bytes, spent, left, relay, price, streams } = figures;
  const by = relay === undefined ? "no relay" : `relay ${relay}, ${perGib(price ?? 0n)}`;
  return `↓ ${speed(down_bps / 8, 1_000)}  ↑ ${speed(up_bps / 8, 1_000)}  ${size(received_bytes + sent_bytes)}  spent ${dollars(spent)}  left ${dollars(left)}  ${by}  ${streams} streams`;
}

/** For /status and `weir client sessions` while it runs. */
export const statusOf = (client: Client): unknown => ({
  proxy: `${client.address.host}:${client.address.port}`,
  epoch: client.state.epoch,
  budget: client.state.rules.budget,
  spent: client.state.lanes.reduce((sum, lane) => sum + lane.spent, 0n),
  sessions: client.sessions.map((session) => ({
    session: session.record.id,
    relay: session.relay,
    price: session.pricePerGib,
    locked: session.record.locked,
    spent: session.payer.signed.amount,
    counted_bytes: session.payer.counted,
    relay_counted_bytes: session.payer.relayCounted,
    streams: session.carried.streams,
    expires_epoch: session.record.expiresEpoch,
  })),
});
