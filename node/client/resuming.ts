/**
 * Sessions of an earlier run, after a stop in the middle or kill -9: what the chain says of each, and going on with those that are still good. Owns
 * that look-up; closing what is of no use is whoever asks.
 */
import { textOf } from "../daemon/failure.ts";
import type { Purse } from "./accounts.ts";
import { closeChannel, sessionOf, settledOpening, withChain } from "./channels.ts";
import { PaidSession, type Surroundings } from "./paidsession.ts";
import { provenTarget } from "./relays.ts";
import type { ClientStore, SessionRecord, WalletRecord } from "./store.ts";

export interface Resuming {
  readonly purse: Purse;
  readonly store: ClientStore;
  readonly surroundings: Surroundings;
  wallTime(): number;
}

/** A transaction that was sent before is in no block after so long. */
const openingMillisMax = 600_000;

export interface KnownSession {
  readonly record: SessionRecord;
  readonly wallet: WalletRecord;
}

/** What the store has, brought up to what the chain says. Those that are over are kept as closed. */
export async function knownSessions({
  purse,
  store,
  wallTime,
}: Omit<Resuming, "surroundings">): Promise<readonly KnownSession[]> {
  const wallets = new Map((await store.wallets()).map((wallet) => [wallet.index, wallet]));
  const known: KnownSession[] = [];
  for (const record of await store.sessions()) {
    const wallet = wallets.get(record.wallet);
    if (wallet === undefined) continue;
    const now = await brought(purse, store, wallet, record, wallTime());
    if (now !== undefined) known.push({ record: now, wallet });
  }
  return known;
}

async function brought(
  purse: Purse,
  store: ClientStore,
  wallet: WalletRecord,
  record: SessionRecord,
  nowMillis: number,
): Promise<SessionRecord | undefined> {
  if (record.state === "closed") return record;
  if (record.state === "opening") {
    const opened = await settledOpening(purse, store, wallet, record);
    if (opened === undefined && nowMillis - record.openedAtMillis > openingMillisMax) await store.forgetSession(record);
    return opened;
  }
  const found = await sessionOf(purse.sender.chain, record.id);
  const state = found === undefined ? "closed" : found.isClosing ? "closing" : "open";
  const now = found === undefined ? record : withChain(record, found);
  if (state === record.state) return now;
  await store.keepSession({ ...now, state });
  return { ...now, state };
}

/** Goes on with what is open and has time left; what cannot be gone on with is closed, so that its money comes back. */
export async function resumeSessions(options: Resuming, epoch: bigint): Promise<readonly PaidSession[]> {
  const { purse, store, surroundings } = options;
  const resumed: PaidSession[] = [];
  for (const { record, wallet } of await knownSessions(options)) {
    if (record.state !== "open") continue;
    try {
      if (record.expiresEpoch <= epoch) throw new Error("its time is over");
      const target = await provenTarget(purse.sender.chain, record.relay, epoch);
      resumed.push(await PaidSession.resume({ purse, store, wallet, target, surroundings }, record));
    } catch (error) {
      surroundings.log.info(`session ${record.id} of an earlier run is closed: ${textOf(error)}`);
      await closeChannel(purse, store, wallet, record, new Uint8Array(0)).catch((failure: unknown) =>
        surroundings.log.warn(`session ${record.id} could not be closed: ${textOf(failure)}`),
      );
    }
  }
  return resumed;
}
