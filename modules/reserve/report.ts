/** The end of an epoch's finalize: the prices that it leaves, and the report that anyone can recompute. Owns the reports. */
import type { Context, ReadContext } from "../../chain/context.ts";
import { decToProto, formatDec } from "../../chain/dec.ts";
import type { EpochReport } from "../../proto/gen/weir/reserve/v1/state.ts";
import { epochNow } from "./book.ts";
import { marked } from "./events.ts";
import { type Auction, type Marks, marksToProto } from "./finalize.ts";
import { beginFlowsAnew, getFlows } from "./flows.ts";
import { principalOf, tokenSupply } from "./holdings.ts";
import { getParams } from "./params.ts";
import { ceilingOf, clamp, floorOf, movedReference } from "./prices.ts";
import { marks, reports } from "./state.ts";

/** Of the last epochs. */
export const reportsKept = 400n;

/** The reference moves by what an auction paid, and stays in the corridor as it is now. */
function nextMarks(ctx: ReadContext, { epoch, budget, price, read }: Auction): Marks {
  const { corridorShare, referenceWeight } = getParams(ctx);
  const [principal, supply] = [principalOf(ctx), tokenSupply(ctx)];
  const floor = floorOf(principal, supply);
  const ceiling = ceilingOf(principal, supply, corridorShare);
  const moved = budget.total > 0n ? movedReference(read.reference, price, referenceWeight) : read.reference;
  const reference = clamp(moved, floor, ceiling);
  return { finalized: epoch + 1n, floor, ceiling, reference, principal, supply };
}

export function closeEpoch(ctx: Context, auction: Auction): Marks {
  const after = nextMarks(ctx, auction);
  marks.set(ctx, marksToProto(after, epochNow(ctx) + 1n));
  reports.set(ctx, auction.epoch, reportOf(ctx, auction, after));
  if (auction.epoch >= reportsKept) reports.delete(ctx, auction.epoch - reportsKept);
  beginFlowsAnew(ctx);
  const { floor, ceiling, reference } = after;
  ctx.emit(marked(auction.epoch, formatDec(floor), formatDec(ceiling), formatDec(reference)));
  return after;
}

/** Undefined of an epoch that is not finalized, or is not kept any more. */
export const epochReport = (ctx: ReadContext, epoch: bigint): EpochReport | undefined => reports.get(ctx, epoch);

function reportOf(ctx: ReadContext, auction: Auction, after: Marks): EpochReport {
  const { read, budget } = auction;
  const flows = getFlows(ctx);
  const rules = getParams(ctx);
  const known = flows.boughtValue - flows.redeemedValue + auction.rest;
  return {
    epoch: auction.epoch,
    floor: decToProto(read.floor),
    ceiling: decToProto(read.ceiling),
    reference: decToProto(read.reference),
    budget: `${budget.total}`,
    tokenBudget: `${budget.token}`,
    demand: `${auction.demand}`,
    cap: decToProto(auction.cap),
    price: decToProto(auction.price),
    lastAsk: decToProto(auction.lastAsk),
    asked: `${auction.asked}`,
    isFilled: auction.isFilled,
    burnedResting: `${auction.bought}`,
    burnedCrossed: `${auction.crossed}`,
    reminted: `${auction.reminted}`,
    spent: `${auction.spent}`,
    stable: `${auction.stable}`,
    fallback: `${auction.fallback}`,
    rest: `${auction.rest}`,
    bought: `${flows.bought}`,
    boughtValue: `${flows.boughtValue}`,
    redeemed: `${flows.redeemed}`,
    redeemedValue: `${flows.redeemedValue}`,
    income: `${after.principal - read.principal - known}`,
    principal: `${after.principal}`,
    supply: `${after.supply}`,
    floorAfter: decToProto(after.floor),
    ceilingAfter: decToProto(after.ceiling),
    referenceAfter: decToProto(after.reference),
    remintShare: decToProto(rules.remintShare),
    corridorShare: decToProto(rules.corridorShare),
    auctionCeilingShare: decToProto(rules.auctionCeilingShare),
    referenceFactorMax: decToProto(rules.referenceFactorMax),
    referenceWeight: decToProto(rules.referenceWeight),
  };
}
