/** What a devnet is at a moment, as the view shows it and the verdict judges it. Owns names alone. */
import type { Dec } from "../../chain/dec.ts";
import type { EpochRecord } from "../../proto/gen/weir/rewards/v1/state.ts";

export interface RelayState {
  readonly id: bigint;
  readonly name: string;
  readonly isLiar: boolean;
  /** What it claims now, and what it claimed at first. */
  readonly claimBps: bigint;
  readonly firstClaimBps: bigint;
  /** By the newest epoch whose readings are on chain; undefined before. */
  readonly measured: { readonly epoch: bigint; readonly bps: bigint } | undefined;
  readonly reputation: Dec;
  readonly isStable: boolean;
  /** Whether it takes part in the open epoch. */
  readonly serves: boolean;
  readonly isPaused: boolean;
  readonly bond: bigint;
  /** In all settled epochs, for being there and for traffic. */
  readonly earned: bigint;
  readonly slashed: bigint;
  /** Of the last settlement. */
  readonly warnings: readonly string[];
}

export interface OracleState {
  readonly id: bigint;
  readonly name: string;
  /** Of the last epoch that was settled. */
  readonly assigned: bigint;
  readonly missed: bigint;
  readonly slashed: bigint;
}

export interface ReserveState {
  readonly principal: bigint;
  readonly supply: bigint;
  readonly floor: Dec;
  readonly ceiling: Dec;
  /** Which moves with the auctions' prices. */
  readonly reference: Dec;
  /** For the next auction. */
  readonly burnBudget: bigint;
}

/** Somebody who lost bond, in words for a line of its own. */
export interface Slash {
  readonly epoch: bigint;
  readonly relay: bigint;
  readonly name: string;
  readonly amount: bigint;
  readonly reasons: readonly string[];
}

export interface ChainState {
  readonly height: bigint;
  readonly epoch: bigint;
  readonly openMillis: number;
  readonly epochMillis: number;
  readonly relays: readonly RelayState[];
  readonly oracles: readonly OracleState[];
  readonly reserve: ReserveState;
  /** Settled, the oldest first; void ones too. */
  readonly records: readonly EpochRecord[];
  readonly slashes: readonly Slash[];
}

export interface BuyerState {
  /** Of the last seconds. */
  readonly bps: number;
  readonly bytes: number;
  readonly downloads: number;
  readonly wrongChecksums: number;
  readonly failures: number;
  /** In words: what went wrong last. */
  readonly trouble: string | undefined;
  /** By vouchers, whether settled or not. */
  readonly spentMicros: bigint;
  /** That carries for it now. */
  readonly relay: bigint | undefined;
}

export interface ProcessState {
  readonly name: string;
  /** Undefined while it runs; then why it does not. */
  readonly ending: string | undefined;
}

export interface DevnetState {
  readonly chain: ChainState;
  readonly buyer: BuyerState;
  readonly processes: readonly ProcessState[];
}

export const burnedIn = ({ burnedCrossed, burnedResting }: EpochRecord): bigint =>
  BigInt(burnedCrossed) + BigInt(burnedResting);
