/** Transfers for a network that is being disturbed: what was acknowledged is remembered, what was not is sent by another sequence again. */
import { createHash } from "node:crypto";
import { setTimeout as after } from "node:timers/promises";
import { QueryAccountInfoRequest, QueryAccountInfoResponse } from "../../proto/gen/cosmos/auth/v1beta1/query.ts";
import { makeSenders, type Sender, sendBytes } from "../helpers/accountsthatsend.ts";
import type { NetNode } from "./node.ts";
import { call } from "./rpc.ts";

export interface Acknowledged {
  /** Of the transaction's bytes, in hex. */
  readonly hash: string;
  readonly height: number;
}

const commitMillisMax = 12_000;
/** So that the machine has time for the networks' other work. */
const betweenMillis = 50;

export const loadSenders = (count: number): Sender[] => makeSenders(count);
export const hashOf = (tx: Uint8Array): string => createHash("sha256").update(tx).digest("hex").toUpperCase();

interface TxCommit {
  readonly check_tx: { readonly code: number };
  readonly tx_result: { readonly code: number };
  readonly height: string;
}

export class Load {
  readonly acknowledged: Acknowledged[] = [];
  /** Sends whose fate is not known: they may be on chain, once. */
  unanswered = 0;
  readonly #chainId: string;
  readonly #numbers: () => number;
  #isOver = false;
  #lanes: Promise<unknown> = Promise.resolve();

  constructor(chainId: string, numbers: () => number) {
    this.#chainId = chainId;
    this.#numbers = numbers;
  }

  /** `nodes` are asked anew each time: which run changes. */
  run(senders: readonly Sender[], nodes: () => readonly NetNode[]): void {
    this.#lanes = Promise.all(
      senders.map((sender, i) => this.#lane(sender, senders[(i + 1) % senders.length]!, nodes)),
    );
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#lanes;
  }

  async #lane(sender: Sender, to: Sender, nodes: () => readonly NetNode[]): Promise<void> {
    while (!this.#isOver) {
      const running = nodes();
      const node = running[this.#numbers() % Math.max(1, running.length)];
      if (node !== undefined && !(await this.#send(node, sender, to))) await this.#learnSequence(sender, running);
      await after(betweenMillis);
    }
  }

  async #send(node: NetNode, sender: Sender, to: Sender): Promise<boolean> {
    const tx = sendBytes(this.#chainId, sender, to.address);
    try {
      const params = { tx: Buffer.from(tx).toString("base64") };
      const { check_tx, tx_result, height } = await call<TxCommit>(
        node,
        "broadcast_tx_commit",
        params,
        commitMillisMax,
      );
      if (check_tx.code !== 0 || tx_result.code !== 0 || height === "0") return false;
      this.acknowledged.push({ hash: hashOf(tx), height: Number(height) });
      return true;
    } catch {
      this.unanswered++;
      return false;
    }
  }

  async #learnSequence(sender: Sender, nodes: readonly NetNode[]): Promise<void> {
    const data = Buffer.from(QueryAccountInfoRequest.encode({ address: sender.address }).finish()).toString("hex");
    for (const node of nodes) {
      try {
        const path = "/cosmos.auth.v1beta1.Query/AccountInfo";
        const { response } = await call<{ response: { value: string } }>(node, "abci_query", { path, data });
        const { info } = QueryAccountInfoResponse.decode(Buffer.from(response.value, "base64"));
        if (info !== undefined) sender.sequence = info.sequence;
        return;
      } catch {
        // That one is being disturbed; the next may answer.
      }
    }
  }
}
