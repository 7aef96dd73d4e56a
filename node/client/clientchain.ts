/**
 * The chain as a client sees it: what daemons have (../chain), and bytes that it signed itself with several keys, sent until a block has them. Owns
 * that sending; does not own signing (transactions.ts).
 */
import { hexUpper } from "../../chain/consensus/json.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import type { ChainClient } from "../chain/chainclient.ts";
import type { Endpoints } from "../chain/endpoints.ts";
import type { Landed } from "../chain/stargate.ts";
import { type Submitted, TxRefused } from "../chain/transactions.ts";
import type { Clock } from "../clock.ts";
import { pause } from "../daemon/backoff.ts";
import { failureOf, retry } from "../daemon/failure.ts";

export type Asking = Pick<ChainClient, "query">;

export interface ClientChain extends Pick<ChainClient, "chainId" | "query" | "proven"> {
  /** Resolves when a block has it with code 0; TxRefused where the chain refuses, Failure "retry" where nobody can tell yet. */
  deliver(tx: Uint8Array): Promise<Submitted>;
}

const deliverMillisMax = 90_000;
const resendMillis = 5_000;
const pollMillis = 200;
/** The state moved on between the simulation and the block. */
const passing = { outOfGas: 11, mempoolFull: 20, wrongSequence: 32 } as const;

export interface Delivering {
  readonly endpoints: Pick<Endpoints, "withOne">;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

export const clientChain = (chain: ChainClient, delivering: Delivering): ClientChain => ({
  chainId: chain.chainId,
  query: (path, request, decode, height) => chain.query(path, request, decode, height),
  proven: (store, key) => chain.proven(store, key),
  deliver: (tx) => deliver(delivering, tx),
});

function refused({ codespace, code, log }: Pick<Landed, "codespace" | "code" | "log">): TxRefused {
  const isPassing = codespace === "sdk" && Object.values<number>(passing).includes(code);
  return new TxRefused(isPassing ? "retry" : "drop", `the chain refuses it (${codespace} ${code}): ${log}`, {
    codespace,
    code,
  });
}

/** The same bytes again and again change nothing: they have one hash and one sequence. */
async function deliver({ endpoints, clock, signal }: Delivering, tx: Uint8Array): Promise<Submitted> {
  // CosmJS takes a while to load, and most commands send nothing.
  const { broadcast, findTransaction } = await import("../chain/stargate.ts");
  const hash = sha256(tx);
  const until = clock.now() + deliverMillisMax;
  let sentAt = Number.NEGATIVE_INFINITY;
  for (let isFirst = true; ; ) {
    try {
      if (clock.now() - sentAt >= resendMillis) {
        const checked = await endpoints.withOne((rpc) => broadcast(rpc, tx));
        sentAt = clock.now();
        if (checked.code !== 0 && checked.code !== passing.mempoolFull && isFirst) throw refused(checked);
        isFirst = false;
      }
      const landed = await endpoints.withOne((rpc) => findTransaction(rpc, hash));
      if (landed !== undefined && landed.code !== 0) throw refused(landed);
      if (landed !== undefined) return { ...landed, hash: hexUpper(hash) };
    } catch (error) {
      if (failureOf(error, "retry").kind !== "retry" || error instanceof TxRefused) throw error;
      isFirst = false;
    }
    if (clock.now() > until || signal?.aborted === true) {
      throw retry(`${hexUpper(hash)} was sent, and no node says yet what became of it`);
    }
    await pause(clock, pollMillis, signal);
  }
}
