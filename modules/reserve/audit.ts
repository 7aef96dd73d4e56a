/**
 * An audit of the reserve: every report recomputed from what it says it read, each joined to the one before, the last one to what accounts hold
 * now. Pure; the command line and tests give it what a node answered. Says in words what was checked and what was found.
 */
import { type Dec, decFromProto, formatDec } from "../../chain/dec.ts";
import type { QueryReportResponse } from "../../proto/gen/weir/reserve/v1/query.ts";
import type { EpochReport } from "../../proto/gen/weir/reserve/v1/state.ts";
import { priceToCover } from "./auction.ts";
import { demandOf, shareOut } from "./budget.ts";
import { capOf, ceilingOf, clamp, floorOf, movedReference } from "./prices.ts";

export interface Finding {
  /** Undefined of what concerns no one epoch. */
  readonly epoch: bigint | undefined;
  readonly what: string;
  readonly found: string;
  readonly expected: string;
}

export interface Audit {
  /** In words. */
  readonly checked: readonly string[];
  readonly findings: readonly Finding[];
}

type Note = (what: string, found: bigint | string, expected: bigint | string) => void;

const dec = (text: string): Dec => decFromProto(text);
const shown = (value: Dec): string => formatDec(value);

function checkAuction(report: EpochReport, note: Note): void {
  const budget = {
    total: BigInt(report.budget),
    token: BigInt(report.tokenBudget),
    remintShare: dec(report.remintShare),
  };
  const [floor, asked, lastAsk] = [dec(report.floor), BigInt(report.asked), dec(report.lastAsk)];
  const rules = {
    auctionCeilingShare: dec(report.auctionCeilingShare),
    referenceFactorMax: dec(report.referenceFactorMax),
  };
  const cap = capOf(dec(report.ceiling), dec(report.reference), rules);
  note("the highest price that the auction could pay", shown(dec(report.cap)), shown(cap));
  const demand = demandOf(budget);
  note("what the book had to fill", BigInt(report.demand), demand);
  const price = dec(report.price);
  if (report.isFilled && asked > 0n) {
    const needed = priceToCover(demand, asked);
    note("the price", shown(price), shown(needed > lastAsk ? needed : lastAsk));
  } else note("the price of a book that did not fill", shown(price), shown(cap));
  if (price < floor || price > cap)
    note("a price within the corridor", shown(price), `${shown(floor)} to ${shown(cap)}`);
  const [bought, spent] = [BigInt(report.burnedResting), BigInt(report.spent)];
  if (bought > asked) note("no more bought than was asked", bought, asked);
  const shares = shareOut(budget, { bought, spent, price, asked, lastAsk, isFilled: report.isFilled });
  note("stable for relays", BigInt(report.stable), shares.stable);
  note("the fallback in stable", BigInt(report.fallback), shares.fallback);
  note("minted again", BigInt(report.reminted), shares.reminted);
  note("crossed", BigInt(report.burnedCrossed), shares.crossed);
  note("the rest for the reserve", BigInt(report.rest), shares.rest);
  const burned = bought + shares.crossed;
  if (shares.reminted + shares.crossed > burned) note("less minted again than burned", shares.reminted, bought);
}

function checkMarks(report: EpochReport, note: Note): void {
  const [principal, supply] = [BigInt(report.principal), BigInt(report.supply)];
  const floor = floorOf(principal, supply);
  const ceiling = ceilingOf(principal, supply, dec(report.corridorShare));
  note("the floor R/S", shown(dec(report.floorAfter)), shown(floor));
  note("the ceiling V/F", shown(dec(report.ceilingAfter)), shown(ceiling));
  const read = dec(report.reference);
  const weight = dec(report.referenceWeight);
  const moved = BigInt(report.budget) > 0n ? movedReference(read, dec(report.price), weight) : read;
  note("the reference price", shown(dec(report.referenceAfter)), shown(clamp(moved, floor, ceiling)));
  if (BigInt(report.income) < 0n)
    note("nothing but redemption paid out of the reserve", BigInt(report.income), "0 or more");
}

function checkJoin(before: EpochReport, report: EpochReport, note: Note): void {
  note("epochs without a gap", report.epoch, before.epoch + 1n);
  note("the floor that was read", shown(dec(report.floor)), shown(dec(before.floorAfter)));
  note("the ceiling that was read", shown(dec(report.ceiling)), shown(dec(before.ceilingAfter)));
  note("the reference that was read", shown(dec(report.reference)), shown(dec(before.referenceAfter)));
  const came = BigInt(report.boughtValue) + BigInt(report.rest) + BigInt(report.income);
  const principal = BigInt(before.principal) + came - BigInt(report.redeemedValue);
  note("the reserve from one epoch to the next", BigInt(report.principal), principal);
}

function checkPresent(now: QueryReportResponse, last: EpochReport | undefined, note: Note): void {
  const [principal, supply] = [BigInt(now.principal), BigInt(now.supply)];
  const basket = now.basket.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  note("R against the coins in its account", principal, basket);
  note("the floor now", shown(dec(now.floor)), shown(floorOf(principal, supply)));
  if (last !== undefined) note("the reference now", shown(dec(now.reference)), shown(dec(last.referenceAfter)));
}

export function audit(reports: readonly EpochReport[], now: QueryReportResponse): Audit {
  const findings: Finding[] = [];
  const noteOf =
    (epoch: bigint | undefined): Note =>
    (what, found, expected) => {
      if (found !== expected) findings.push({ epoch, what, found: `${found}`, expected: `${expected}` });
    };
  for (const [index, report] of reports.entries()) {
    const note = noteOf(report.epoch);
    checkAuction(report, note);
    checkMarks(report, note);
    const before = reports[index - 1];
    if (before !== undefined) checkJoin(before, report, note);
  }
  checkPresent(now, reports.at(-1), noteOf(undefined));
  const span = reports.length === 0 ? "no epoch" : `epochs ${reports[0]!.epoch} to ${reports.at(-1)!.epoch}`;
  return {
    checked: [
      `${span}: the budget was shared out to the unit between sellers, relays and the reserve`,
      `${span}: each auction's price is the lowest at which the book covered the demand, or else the highest that it could be`,
      `${span}: floor, ceiling and reference follow from the reserve, the supply and the auctions`,
      `${span}: the reserve of each epoch is that of the one before, with what came in and what redemptions took`,
      "now: the reserve is what lies in its account, and the floor is its share of the supply",
    ],
    findings,
  };
}
