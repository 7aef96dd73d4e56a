/** Wallets and sessions of a home, as the chain has them now, and how long until something comes back. Owns that look; changes nothing but what is known. */
import { walletCoins } from "../node/client/accounts.ts";
import { type KnownSession, knownSessions } from "../node/client/resuming.ts";
import type { WalletRecord } from "../node/client/store.ts";
import type { Sender } from "../node/client/transactions.ts";
import { QueryEpochRequest, QueryEpochResponse } from "../proto/gen/weir/beacon/v1/query.ts";
import type { ClientHome } from "./clienthome.ts";

export interface EpochClock {
  readonly number: bigint;
  /** Milliseconds from now until an epoch opens, if all go as planned. */
  millisUntil(epoch: bigint): number;
}

export async function epochClock({ chain }: Sender): Promise<EpochClock> {
  const request = QueryEpochRequest.encode({ number: "" }).finish();
  const { epoch } = await chain.query("/weir.beacon.v1.Query/Epoch", request, (bytes) =>
    QueryEpochResponse.decode(bytes),
  );
  const number = epoch?.number ?? 0n;
  const opened = Number(epoch?.openTime?.seconds ?? 0n) * 1_000;
  const length = Number(epoch?.duration?.seconds ?? 0n) * 1_000 + (epoch?.duration?.nanos ?? 0) / 1e6;
  return { number, millisUntil: (wanted) => opened + Number(wanted - number) * length - Date.now() };
}

export interface WalletView {
  readonly wallet: WalletRecord;
  readonly amount: bigint;
}

export interface HomeView {
  readonly wallets: readonly WalletView[];
  readonly sessions: readonly KnownSession[];
  readonly epoch: EpochClock;
}

export async function viewOf({ purse, store }: ClientHome): Promise<HomeView> {
  const { sender } = purse;
  const wallets = await Promise.all(
    (await store.wallets()).map(async (wallet) => {
      const coins = await walletCoins(sender.chain, wallet.address);
      return { wallet, amount: coins.find(({ denom }) => denom === wallet.denom)?.amount ?? 0n };
    }),
  );
  const sessions = await knownSessions({ purse, store, wallTime: Date.now });
  return { wallets, sessions, epoch: await epochClock(sender) };
}
