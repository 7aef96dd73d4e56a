/** What re-measurements did to what was judged: they lift, confirm, or make an epoch bad; a slash waits for them. Owns no state. */
import type { ReadContext } from "../../chain/context.ts";
import { type DisputeView, disputeOf } from "../attestation/index.ts";
import type { Judgement } from "./judgement.ts";

/** Whether a re-measurement of this epoch is under way. */
export const isDisputed = (ctx: ReadContext, epoch: bigint, relay: bigint): boolean =>
  disputeOf(ctx, epoch, relay)?.state === "open";

/** One that is inconclusive, or gone, changes nothing. */
export function resolved(judgement: Judgement, dispute: DisputeView | undefined): Judgement {
  if (dispute?.state === "open") return judgement;
  const ended = { ...judgement, disputed: false };
  if (dispute?.state === "lifted") return { ...ended, bad: false };
  if (dispute?.state !== "madeBad") return ended;
  const { shortfall, medianBps, challenger } = dispute;
  return { ...ended, bad: true, shortfall, medianBps, challenger };
}

/** Of each judgement that waits, what became of its dispute. */
export const afterDisputes = (ctx: ReadContext, relay: bigint, judgements: readonly Judgement[]): Judgement[] =>
  judgements.map((judgement) =>
    judgement.disputed ? resolved(judgement, disputeOf(ctx, judgement.epoch, relay)) : judgement,
  );
