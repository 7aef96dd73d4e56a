/**
 * Acts that stand: what each does to its targets, until when. Owns every bound of the committee's power: how long, not again without a
 * vote, and that users are kept from their own for some hours at most.
 */
import type { Context, ReadContext, Timestamp } from "../../chain/context.ts";
import { addDuration, compareTimes } from "../../chain/time.ts";
import { type Act, ActKind, type EndedAct, type StandingAct } from "../../proto/gen/weir/circuit/v1/state.ts";
import { frozenAccountOf } from "./act.ts";
import { alreadyUsed, invalidAct, noSuchAct, tooMany } from "./errors.ts";
import { actBegan, actEnded, kindWord, powersRestored } from "./events.ts";
import { getParams } from "./params.ts";
import { countRefusals } from "./refusals.ts";
import { actIds, acts, effects, ended, exitsOpen, refusals, usedUp } from "./state.ts";
import type { Surroundings } from "./surroundings.ts";

/** Of what is used up: messages are as many as the chain has, and denoms could be any. Accounts are counted apart, as they are many. */
const usedUpMax = 512;
/** Acts that ended. */
export const endedKept = 256;

const earlier = (a: Timestamp, b: Timestamp): Timestamp => (compareTimes(a, b) <= 0 ? a : b);

/** What an act without targets does, it does to one. */
export const targetsOf = ({ kind, targets }: Act): readonly string[] =>
  kind === ActKind.ACT_KIND_PAUSE_REDEMPTION ? [""] : targets;

const keyOf = (kind: ActKind, target: string) => [BigInt(kind), target] as const;

// ------------------------------------------------------------------------------------------------------------------ beginning

/** Enough members agreed. Returns its number. */
export function begin(ctx: Context, chain: Surroundings, act: Act, members: readonly string[]): bigint {
  const id = actIds.next(ctx);
  if (act.kind === ActKind.ACT_KIND_LIFT) {
    for (const target of act.targets) endAct(ctx, BigInt(target), "lifted");
    ctx.emit(actBegan(id, act, members, ctx.block.time));
    return id;
  }
  const { actDurationMax, actsMax } = getParams(ctx);
  if ([...acts.keys(ctx)].length >= actsMax) throw tooMany("acts stand", actsMax);
  const ends = addDuration(ctx.block.time, act.duration!);
  if (compareTimes(ends, addDuration(ctx.block.time, actDurationMax)) > 0) {
    throw invalidAct(`the act would stand for longer than ${actDurationMax.seconds} s`);
  }
  if (usedUpBeside(ctx, act.kind) + act.targets.length > usedUpMax) throw tooMany("powers are used up", usedUpMax);
  for (const target of targetsOf(act)) checkTarget(ctx, chain, act.kind, target);
  const exits = exitLimit(ctx, chain, act);
  for (const target of targetsOf(act)) {
    const isExit = closesExit(chain, act.kind, target);
    const open = act.kind === ActKind.ACT_KIND_FREEZE_ACCOUNT ? accountExits(ctx) : exits;
    const until = isExit && exits !== undefined ? earlier(ends, exits) : ends;
    if (isExit && compareTimes(until, ctx.block.time) <= 0)
      throw alreadyUsed("exit paths were closed for all of their time");
    usedUp.add(ctx, keyOf(act.kind, target));
    if (!effects.has(ctx, keyOf(act.kind, target))) countRefusals(ctx, 1n);
    effects.set(ctx, keyOf(act.kind, target), {
      actId: id,
      ends: until,
      exitsOpen: open === undefined ? ends : earlier(ends, open),
      reason: act.reason,
    });
  }
  acts.set(ctx, id, { id, act, members: [...members], begins: ctx.block.time, ends });
  ctx.emit(actBegan(id, act, members, ends));
  return id;
}

/** One account's way out is its own: it is closed for as long as others', from when the account is frozen, and that is once without a vote. */
const accountExits = (ctx: ReadContext): Timestamp => addDuration(ctx.block.time, getParams(ctx).exitPauseMax);

/** Frozen accounts do not use up what the committee may do in other emergencies. */
function usedUpBeside(ctx: ReadContext, kind: ActKind): number {
  const ofAccounts = [...usedUp.keys(ctx, { leading: [BigInt(ActKind.ACT_KIND_FREEZE_ACCOUNT)] })].length;
  return kind === ActKind.ACT_KIND_FREEZE_ACCOUNT ? ofAccounts : [...usedUp.keys(ctx)].length - ofAccounts;
}

function checkTarget(ctx: ReadContext, chain: Surroundings, kind: ActKind, target: string): void {
  if (usedUp.has(ctx, keyOf(kind, target))) throw alreadyUsed(`${kindWord(kind)} ${target}`.trim());
  if (kind === ActKind.ACT_KIND_PAUSE_MESSAGES && chain.handler(target) === undefined) {
    throw invalidAct(`${target} is no message of this chain`);
  }
  if (kind === ActKind.ACT_KIND_FREEZE_DENOM && target === chain.nativeDenom(ctx)) {
    throw invalidAct(`${target} is what fees, stakes and deposits are paid in, and cannot be frozen`);
  }
  if (kind === ActKind.ACT_KIND_FREEZE_ACCOUNT) {
    const { account, denom } = frozenAccountOf(target);
    const why = chain.accountFreezeProblem(ctx, account, denom);
    if (why !== undefined) throw invalidAct(`${target} cannot be frozen: ${why}`);
  }
  if (kind === ActKind.ACT_KIND_STOP_UPGRADE && target !== chain.plannedUpgrade(ctx)) {
    throw invalidAct(`no upgrade ${target} is planned; the plan is ${chain.plannedUpgrade(ctx) ?? "none"}`);
  }
}

/** Whether the target itself is how users take back what is theirs. */
const closesExit = ({ exits }: Surroundings, kind: ActKind, target: string): boolean =>
  kind === ActKind.ACT_KIND_PAUSE_REDEMPTION || (kind === ActKind.ACT_KIND_PAUSE_MESSAGES && exits().has(target));

/** When exit paths open again at the latest. The first act that touches any sets it, and only a vote sets it anew. */
function exitLimit(ctx: Context, chain: Surroundings, act: Act): Timestamp | undefined {
  const touches =
    act.kind === ActKind.ACT_KIND_FREEZE_DENOM || targetsOf(act).some((target) => closesExit(chain, act.kind, target));
  if (!touches) return undefined;
  const known = exitsOpen.get(ctx);
  if (known !== undefined) return known;
  const limit = addDuration(ctx.block.time, getParams(ctx).exitPauseMax);
  exitsOpen.set(ctx, limit);
  return limit;
}

// --------------------------------------------------------------------------------------------------------------------- ending

export function endAct(ctx: Context, id: bigint, why: "expired" | "lifted" | "voted"): void {
  const standing = acts.get(ctx, id);
  const act = standing?.act;
  if (standing === undefined || act === undefined) throw noSuchAct(id);
  acts.delete(ctx, id);
  keep(ctx, { act: standing, ended: { ...ctx.block.time }, why });
  for (const target of targetsOf(act)) {
    const key = keyOf(act.kind, target);
    // After a vote a later act may have taken the target over.
    if (effects.get(ctx, key)?.actId !== id) continue;
    effects.delete(ctx, key);
    countRefusals(ctx, -1n);
  }
  ctx.emit(actEnded(id, act, why));
}

/** Of the last ones it stays known what was done, why, and by whom. */
function keep(ctx: Context, act: EndedAct): void {
  ended.set(ctx, act.act!.id, act);
  const kept = [...ended.keys(ctx)];
  if (kept.length > endedKept) ended.delete(ctx, kept[0]!);
}

/** At most `acts_max` of them. */
export function endExpiredActs(ctx: Context): void {
  const over = [...acts.iterate(ctx)].filter(([, { ends }]) => compareTimes(ends!, ctx.block.time) <= 0);
  for (const [id] of over) endAct(ctx, id, "expired");
}

/** A vote: these end, and what is used up may be done again. */
export function restore(ctx: Context, lift: readonly bigint[], renew: boolean): void {
  for (const id of lift) endAct(ctx, id, "voted");
  if (!renew) return;
  for (const key of [...usedUp.keys(ctx)]) usedUp.delete(ctx, key);
  exitsOpen.delete(ctx);
  ctx.emit(powersRestored());
}

// -------------------------------------------------------------------------------------------------------------------- looking

/** What the committee does to a target now; undefined: nothing. */
export function effectOn(ctx: ReadContext, kind: ActKind, target: string) {
  const effect = effects.get(ctx, keyOf(kind, target));
  if (effect === undefined || compareTimes(effect.ends!, ctx.block.time) <= 0) return undefined;
  const { actId, reason, ends, exitsOpen: exits } = effect;
  return { actId, reason, ends: ends!, exitsOpen: exits! };
}

/** Targets of a kind that are affected now. */
export const affected = (ctx: ReadContext, kind: ActKind): readonly string[] =>
  [...effects.keys(ctx, { leading: [BigInt(kind)] })]
    .map(([, target]) => target)
    .filter((target) => effectOn(ctx, kind, target) !== undefined);

/** For metrics. */
export const standingFigures = (ctx: ReadContext): { acts: number; refusals: number } => ({
  acts: [...acts.keys(ctx)].length,
  refusals: Number(refusals.get(ctx) ?? 0n),
});

export const standingActs = (ctx: ReadContext): StandingAct[] => [...acts.iterate(ctx)].map(([, act]) => act);
