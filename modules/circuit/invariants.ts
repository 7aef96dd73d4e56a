/** What is always true of the brake. */
import type { ReadContext } from "../../chain/context.ts";
import type { Invariant } from "../../chain/module.ts";
import { addDuration, compareTimes } from "../../chain/time.ts";
import { targetsOf } from "./acts.ts";
import { committeeProblem, getCommittee } from "./committee.ts";
import { exitPauseSecondsMax } from "./params.ts";
import { acts, disabled, effects, exitsOpen, pending, refusals } from "./state.ts";

function effectsAreOfActsThatStand(ctx: ReadContext): string | undefined {
  for (const [[kind, target], { actId, ends }] of effects.iterate(ctx)) {
    const standing = acts.get(ctx, actId);
    if (standing === undefined) return `${kind} ${target} is of act ${actId}, which does not stand`;
    if (BigInt(standing.act!.kind) !== kind || !targetsOf(standing.act!).includes(target)) {
      return `act ${actId} does not name ${kind} ${target}`;
    }
    if (compareTimes(ends!, standing.ends!) > 0) return `${kind} ${target} outlasts act ${actId}`;
  }
  return undefined;
}

function refusalsAreCounted(ctx: ReadContext): string | undefined {
  const found = BigInt([...effects.keys(ctx)].length + [...disabled.keys(ctx)].length);
  const counted = refusals.get(ctx) ?? 0n;
  return found === counted ? undefined : `${found} things are refused, and ${counted} are counted`;
}

/** Exit paths are never closed for longer than 72 hours from now. */
function exitsOpenInTime(ctx: ReadContext): string | undefined {
  const open = exitsOpen.get(ctx);
  if (open === undefined) return undefined;
  const latest = addDuration(ctx.block.time, { seconds: exitPauseSecondsMax, nanos: 0 });
  return compareTimes(open, latest) <= 0 ? undefined : `exit paths open at ${open.seconds}, after ${latest.seconds}`;
}

function committeeCanAgree(ctx: ReadContext): string | undefined {
  const { members, threshold, version } = getCommittee(ctx);
  const waiting = [...pending.iterate(ctx)].find(([, { committeeVersion }]) => committeeVersion !== version);
  if (waiting !== undefined) return `act ${waiting[0]} waits for a committee that is no more`;
  return committeeProblem(members, threshold);
}

export const invariants: Readonly<Record<string, Invariant>> = {
  effectsAreOfActsThatStand,
  refusalsAreCounted,
  exitsOpenInTime,
  committeeCanAgree,
};
