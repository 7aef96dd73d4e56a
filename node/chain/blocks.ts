/** Follows the newest block, over restarts of nodes and other endpoints. Owns the asking; blocks that came in between are not named one by one. */
import { asObject, asString } from "../../chain/consensus/json.ts";
import { fromRfc3339 } from "../../chain/consensus/time.ts";
import type { Clock } from "../clock.ts";
import { backoffMillis } from "../daemon/backoff.ts";
import { failureOf } from "../daemon/failure.ts";
import type { Endpoints } from "./endpoints.ts";

export interface NewBlock {
  readonly height: bigint;
  readonly timeMillis: bigint;
}

export type BlockListener = (block: NewBlock) => void;

const listenersMax = 64;
/** Without a block for so long another node is asked. */
const stillMillisMax = 30_000;
const failureRules = { firstMillis: 250, longestMillis: 5_000 };

export interface BlockWatchOptions {
  readonly endpoints: Endpoints;
  readonly clock: Clock;
  readonly pollMillis: number;
  readonly onProblem: (text: string) => void;
}

export class BlockWatch {
  readonly #options: BlockWatchOptions;
  readonly #listeners = new Set<BlockListener>();
  #newest: NewBlock | undefined;
  #seenAt: number;
  #failures = 0;
  #cancel: () => void = () => undefined;
  #isClosed = false;
  #polling: Promise<void> = Promise.resolve();

  constructor(options: BlockWatchOptions) {
    this.#options = options;
    this.#seenAt = options.clock.now();
  }

  get newest(): NewBlock | undefined {
    return this.#newest;
  }

  listen(listener: BlockListener): () => void {
    if (this.#listeners.size >= listenersMax) throw new Error(`more than ${listenersMax} listen for blocks`);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    this.#after(0);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    return this.#polling;
  }

  #after(millis: number): void {
    if (this.#isClosed) return;
    this.#cancel = this.#options.clock.after(millis, () => {
      this.#polling = this.#poll();
    });
  }

  async #poll(): Promise<void> {
    const { endpoints, pollMillis, onProblem } = this.#options;
    endpoints.probe();
    try {
      this.#see(readNewest(await endpoints.call("status")));
      this.#failures = 0;
      this.#after(pollMillis);
    } catch (error) {
      const failure = failureOf(error, "retry");
      onProblem(failure.message);
      this.#after(Math.max(pollMillis, backoffMillis(failureRules, this.#failures, Math.random())));
      this.#failures += 1;
    }
  }

  /** A height that was seen before, on a node that is behind, is nothing new. */
  #see(block: NewBlock): void {
    const { clock, endpoints } = this.#options;
    if (this.#newest !== undefined && block.height <= this.#newest.height) {
      if (clock.now() - this.#seenAt > stillMillisMax) {
        this.#seenAt = clock.now();
        endpoints.distrust(`no new block for ${stillMillisMax / 1_000} s`);
      }
      return;
    }
    this.#newest = block;
    this.#seenAt = clock.now();
    for (const listener of [...this.#listeners]) listener(block);
  }
}

export function readNewest(status: Readonly<Record<string, unknown>>): NewBlock {
  const sync = asObject(status.sync_info, "sync_info");
  const text = asString(sync.latest_block_time, "latest_block_time");
  const time = fromRfc3339(text);
  if (time === undefined) throw new Error(`the node answers ${text.slice(0, 40)} as a block's time`);
  return {
    height: BigInt(asString(sync.latest_block_height, "latest_block_height")),
    timeMillis: time.seconds * 1_000n + BigInt(Math.floor(time.nanos / 1_000_000)),
  };
}
