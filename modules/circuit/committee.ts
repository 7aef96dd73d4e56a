/** Who is of the emergency committee. Owns terms and elections; what members do together is acts.ts. */
import type { Context, ReadContext, Timestamp } from "../../chain/context.ts";
import { groupProblem } from "../../chain/threshold.ts";
import { addDuration, compareTimes } from "../../chain/time.ts";
import { utf8Length } from "../../chain/utf8.ts";
import type { Committee, Member } from "../../proto/gen/weir/circuit/v1/state.ts";
import { invalidCommittee, notMember } from "./errors.ts";
import { committeeSet } from "./events.ts";
import { committee, pending } from "./state.ts";

/** A term is at most so long. */
const termMax = { seconds: 2n * 366n * 86_400n, nanos: 0 };
const nameBytesMax = 64;

export const nobody: Committee = { version: 0n, threshold: 0, members: [] };

export const getCommittee = (ctx: ReadContext): Committee => committee.get(ctx) ?? nobody;

/** Of a committee without its terms, which depend on when it is elected. */
export function committeeProblem(members: readonly Member[], threshold: number): string | undefined {
  for (const { address, name, termEnds } of members) {
    if (utf8Length(name) > nameBytesMax) return `the name of ${address} has more than ${nameBytesMax} bytes`;
    if (termEnds === undefined) return `the term of ${address} has no end`;
  }
  return groupProblem(
    members.map(({ address }) => address),
    threshold,
  );
}

/** Whoever is not named is removed; what was approved or signed before counts no more. */
export function elect(ctx: Context, members: Member[], threshold: number): bigint {
  const latest = addDuration(ctx.block.time, termMax);
  for (const { address, termEnds } of members) {
    const isOver = compareTimes(termEnds!, ctx.block.time) <= 0;
    if (isOver || compareTimes(termEnds!, latest) > 0)
      throw invalidCommittee(`the term of ${address} is to end in the future, within two years`);
  }
  const version = getCommittee(ctx).version + 1n;
  committee.set(ctx, { version, threshold, members });
  for (const id of [...pending.keys(ctx)]) pending.delete(ctx, id);
  ctx.emit(committeeSet(version, threshold, members));
  return version;
}

const isInOffice = ({ termEnds }: Member, now: Timestamp): boolean => compareTimes(termEnds!, now) > 0;

export const inOffice = (ctx: ReadContext): readonly string[] =>
  getCommittee(ctx)
    .members.filter((member) => isInOffice(member, ctx.block.time))
    .map(({ address }) => address);

export function requireMember(ctx: ReadContext, address: string): void {
  if (!inOffice(ctx).includes(address)) throw notMember(address);
}
