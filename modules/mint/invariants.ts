/** What is always true of minting. */
import type { ReadContext } from "../../chain/context.ts";
import { decFromProto } from "../../chain/dec.ts";
import type { Invariant } from "../../chain/module.ts";
import { supplyOf } from "../bank/index.ts";
import { getEmission, getMinter, getParams, roomOf } from "./keeper.ts";
import { paramsProblem } from "./params.ts";
import { emittedUntil, scheduleProblem, totalEmission } from "./schedule.ts";

function paramsAreValid(ctx: ReadContext): string | undefined {
  const problem = paramsProblem(getParams(ctx));
  if (problem !== undefined) return problem;
  return decFromProto(getMinter(ctx).inflation) < 0n ? "inflation is negative" : undefined;
}

function supplyStaysBelowItsCeiling(ctx: ReadContext): string | undefined {
  const emission = getEmission(ctx);
  if (emission === undefined) return undefined;
  const supply = supplyOf(ctx, getParams(ctx).mintDenom);
  const { ceiling } = roomOf(ctx, emission);
  if (supply > ceiling) return `supply is ${supply}, but genesis and schedule until now allow ${ceiling}`;
  const { supplyCap } = emission.schedule;
  return ceiling > supplyCap ? `genesis and schedule are ${ceiling}, but the cap is ${supplyCap}` : undefined;
}

function scheduledMintStaysWithinTheSchedule(ctx: ReadContext): string | undefined {
  const emission = getEmission(ctx);
  if (emission === undefined) return undefined;
  const { schedule, genesisSupply, scheduledMinted, scheduledForfeited, furtherMinted } = emission;
  const problem = scheduleProblem(schedule);
  if (problem !== undefined) return problem;
  const emitted = emittedUntil(schedule, ctx.block.time);
  const used = scheduledMinted + scheduledForfeited;
  if (scheduledMinted < 0n || scheduledForfeited < 0n || furtherMinted < 0n) return "something minted is negative";
  if (used > emitted) return `${used} were minted or forfeited of the schedule, which emitted ${emitted}`;
  const most = genesisSupply + totalEmission(schedule);
  return most > schedule.supplyCap ? `genesis and whole schedule are ${most}, above the cap` : undefined;
}

export const invariants: Readonly<Record<string, Invariant>> = {
  paramsAreValid,
  supplyStaysBelowItsCeiling,
  scheduledMintStaysWithinTheSchedule,
};
