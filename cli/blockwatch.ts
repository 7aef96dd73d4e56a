/** Follows an application's blocks as an engine decides them: a line for each, the height, and where app.toml tells the node to halt. */
import type { Method } from "../chain/abci/calls.ts";
import type { Observer } from "../chain/abci/observed.ts";
import { hexUpper } from "../chain/consensus/json.ts";
import type { Log } from "../chain/log.ts";
import type { RequestFinalizeBlock, ResponseFinalizeBlock } from "../proto/gen/tendermint/abci/types.ts";

export interface HaltRule {
  readonly haltHeight: bigint;
  readonly haltTimeSeconds: bigint;
}

export interface WatchedBlock {
  readonly height: bigint;
  readonly timeSeconds: bigint;
  readonly transactions: number;
  readonly failed: number;
  readonly appHash: Uint8Array;
}

export const isHaltDue = ({ haltHeight, haltTimeSeconds }: HaltRule, height: bigint, timeSeconds: bigint): boolean =>
  (haltHeight > 0n && height >= haltHeight) || (haltTimeSeconds > 0n && timeSeconds >= haltTimeSeconds);

export function refuseHalted(rule: HaltRule, height: bigint, timeSeconds: bigint | undefined): void {
  const { haltHeight, haltTimeSeconds } = rule;
  if (haltHeight > 0n && height >= haltHeight) {
    throw new Error(
      `halt-height ${haltHeight} is reached, the chain is at ${height}: set it to 0 in app.toml to go on`,
    );
  }
  if (timeSeconds !== undefined && height > 0n && haltTimeSeconds > 0n && timeSeconds >= haltTimeSeconds) {
    throw new Error(`halt-time ${haltTimeSeconds} is reached: set it to 0 in app.toml to go on`);
  }
}

export function blockLine({ height, transactions, failed, appHash }: WatchedBlock): string {
  const txs = transactions === 1 ? "1 transaction" : `${transactions} transactions`;
  const outcome = failed === 0 ? "" : `, ${failed} failed`;
  return `block ${height}: ${txs}${outcome}, app hash ${hexUpper(appHash).slice(0, 16)}`;
}

export class BlockWatch implements Observer {
  readonly #log: Log;
  readonly #rule: HaltRule;
  readonly #listeners = new Set<(block: WatchedBlock) => void>();
  #finalized: WatchedBlock | undefined;
  #height: bigint;

  constructor(log: Log, rule: HaltRule, height: bigint) {
    this.#log = log;
    this.#rule = rule;
    this.#height = height;
  }

  get height(): bigint {
    return this.#height;
  }

  onBlock(listener: (block: WatchedBlock) => void): void {
    this.#listeners.add(listener);
  }

  isHaltDue({ height, timeSeconds }: WatchedBlock): boolean {
    return isHaltDue(this.#rule, height, timeSeconds);
  }

  after(method: Method, request: unknown, answer: unknown): void {
    if (method === "finalizeBlock") {
      const { height, time, txs } = request as RequestFinalizeBlock;
      const { txResults, appHash } = answer as ResponseFinalizeBlock;
      const failed = txResults.filter(({ code }) => code !== 0).length;
      this.#finalized = { height, timeSeconds: time?.seconds ?? 0n, transactions: txs.length, failed, appHash };
      return;
    }
    if (method !== "commit" || this.#finalized === undefined) return;
    const block = this.#finalized;
    this.#finalized = undefined;
    this.#height = block.height;
    this.#log.info(blockLine(block));
    for (const listener of this.#listeners) listener(block);
  }
}
