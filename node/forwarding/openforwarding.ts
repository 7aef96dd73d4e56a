/**
 * Paid forwarding beside a chain: follows its epochs, settles vouchers when it pays, and ends in time. Owns how the parts hang together; each part
 * has its own file.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Forward, Session } from "../../proto/gen/weir/wire/v1/wire.ts";
import type { ChainClient } from "../chain/chainclient.ts";
import { pause } from "../daemon/backoff.ts";
import { textOf } from "../daemon/failure.ts";
import { Settler, type SettlerFigures } from "../relay/settling.ts";
import { VoucherStore } from "../relay/voucherstore.ts";
import type { Link } from "../transport/transport.ts";
import { chainSessions } from "./facts.ts";
import { type Counted, type ForwardingOptions, PaidForwarding } from "./forwarding.ts";

export interface Forwarding {
  /** The Open was heard; from then on the link is this one's, until it is over. Never rejects for what the other end does. */
  serveSession(link: Link, open: Session): Promise<void>;
  serveForward(link: Link, open: Forward): Promise<void>;
  /** New sessions and streams are refused from now on; those that run go on. */
  drain(): void;
  status(): ForwardingStatus;
  /** Cuts what runs after `graceMillis`, and closes its store. Vouchers that are not settled by then are settled after the next start. */
  stop(graceMillis: number): Promise<void>;
}

export interface ForwardingStatus {
  readonly sessionsOpen: number;
  readonly flowsOpen: number;
  /** By denomination: what vouchers pay that the chain has not settled yet. */
  readonly unsettled: readonly { readonly denom: string; readonly amount: bigint }[];
  readonly settled: SettlerFigures;
  readonly counts: ReadonlyMap<Counted, number>;
}

export interface OpenOptions extends Omit<ForwardingOptions, "source" | "vouchers" | "chainId"> {
  /** Of the relay's operator. */
  readonly operator: string;
  readonly chain: ChainClient;
  /** The daemon's own folder: vouchers are kept in one of it. */
  readonly directory: string;
}

/** The chain is asked for its epoch no more often, however fast its blocks come. */
const followMillisMin = 1_000;

export async function openForwarding(options: OpenOptions): Promise<Forwarding> {
  const { chain, directory, operator, log, settings, clock } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const vouchers = await VoucherStore.open(join(directory, "vouchers"));
  const source = chainSessions(chain);
  const paid = await PaidForwarding.open({ ...options, chainId: chain.chainId, source, vouchers });
  const { book } = paid;
  const settler = new Settler({
    chain,
    operator,
    log,
    rules: () => settings().settle,
    settled: (session, voucher) => book.settled(session, voucher),
  });
  const stopFollowing = followed(chain, options, async () => {
    if ((await book.refresh()) || settler.hasLeft) await settler.settle(book.held, book.epoch);
  });
  return {
    serveSession: (link, open) => paid.serveSession(link, open),
    serveForward: (link, open) => paid.serveForward(link, open),
    drain: () => paid.drain(),
    status: () => ({
      sessionsOpen: paid.sessionsOpen,
      flowsOpen: paid.flowsOpen,
      unsettled: unsettledOf(paid),
      settled: settler.figures,
      counts: paid.counts,
    }),
    async stop(graceMillis) {
      paid.drain();
      stopFollowing();
      if (paid.flowsOpen > 0) await pause(clock, graceMillis);
      paid.close();
      await vouchers.close();
    },
  };
}

/** Once more for each block that came meanwhile; what fails is tried with the next one. */
function followed(
  chain: Pick<ChainClient, "onBlock">,
  { log, clock }: Pick<ForwardingOptions, "log" | "clock">,
  follow: () => Promise<void>,
): () => void {
  let isRunning = false;
  let lastMillis = Number.NEGATIVE_INFINITY;
  return chain.onBlock(() => {
    const now = clock.now();
    if (isRunning || now - lastMillis < followMillisMin) return;
    isRunning = true;
    lastMillis = now;
    follow()
      .catch((error: unknown) => log.warn("sessions could not be followed on the chain", { reason: textOf(error) }))
      .finally(() => {
        isRunning = false;
      });
  });
}

function unsettledOf({ book }: PaidForwarding): { readonly denom: string; readonly amount: bigint }[] {
  const sums = new Map<string, bigint>();
  for (const { voucher, facts } of book.held) {
    const left = voucher.amount - facts.settledAmount;
    if (left > 0n) sums.set(facts.denom, (sums.get(facts.denom) ?? 0n) + left);
  }
  return [...sums].map(([denom, amount]) => ({ denom, amount }));
}
