/** What is always true of the beacon. */
import { validatorAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import type { Invariant } from "../../chain/module.ts";
import { compareTimes } from "../../chain/time.ts";
import { getValidator } from "../staking/index.ts";
import { currentNumber, epochsKept, tickCount, tickEpochsKept } from "./epochs.ts";
import { keysProblem } from "./keys.ts";
import { getParams, paramsProblem, paramsToProto } from "./params.ts";
import { beaconLength } from "./proof.ts";
import { beacon, epochCount, epochs, finesDue, proposers, ticks } from "./state.ts";

function beaconIsWhole(ctx: ReadContext): string | undefined {
  const problem = paramsProblem(paramsToProto(getParams(ctx)));
  if (problem !== undefined) return problem;
  const found = beacon.get(ctx);
  if (found === undefined) return undefined;
  if (found.value.length !== beaconLength) return `the beacon has ${found.value.length} bytes`;
  return found.height > ctx.block.height ? `the beacon is of height ${found.height}, which is to come` : undefined;
}

function proposersAreValidators(ctx: ReadContext): string | undefined {
  for (const [operator, { keys, proposed, proven, withheld, fined }] of proposers.iterate(ctx)) {
    const name = validatorAddress.encode(operator);
    if (getValidator(ctx, operator) === undefined) return `${name} is no validator`;
    const problem = keysProblem(keys);
    if (problem !== undefined) return `${name} has ${problem}`;
    if (proven + withheld > proposed) return `${name} proposed ${proposed}, of them ${proven} proven, ${withheld} not`;
    if (BigInt(fined) < 0n) return `${name} was fined ${fined}`;
  }
  for (const [operator, due] of finesDue.iterate(ctx)) {
    const name = validatorAddress.encode(operator);
    if (due <= 0n || (proposers.get(ctx, operator)?.withheld ?? 0n) === 0n) return `${name} owes ${due} for nothing`;
  }
  return undefined;
}

function epochsFollowEachOther(ctx: ReadContext): string | undefined {
  const kept = [...epochs.iterate(ctx)];
  const count = epochCount.peek(ctx);
  if (BigInt(kept.length) > epochsKept) return `${kept.length} epochs are kept`;
  for (const [index, [number, { openTime, counted, seed, openHeight }]] of kept.entries()) {
    if (number !== count - BigInt(kept.length - index)) return `epoch ${number} stands out of order`;
    const isLast = index === kept.length - 1;
    if ((counted === undefined) !== isLast) return `epoch ${number} is ${isLast ? "not open" : "open still"}`;
    if (seed.length === 0 && openHeight < ctx.block.height - 1n) return `epoch ${number} has no seed`;
    const before = kept[index - 1]?.[1];
    if (before !== undefined && compareTimes(before.openTime!, openTime!) >= 0)
      return `epoch ${number} opened too early`;
  }
  return undefined;
}

function ticksAreOfLastEpochs(ctx: ReadContext): string | undefined {
  const current = currentNumber(ctx);
  for (const [[epoch, tick], value] of ticks.iterate(ctx)) {
    if (epoch > current || epoch + tickEpochsKept <= current) return `ticks of epoch ${epoch} are kept in ${current}`;
    if (tick >= tickCount || value.length !== beaconLength) return `tick ${tick} of epoch ${epoch} is damaged`;
  }
  return undefined;
}

export const invariants: Readonly<Record<string, Invariant>> = {
  beaconIsWhole,
  proposersAreValidators,
  epochsFollowEachOther,
  ticksAreOfLastEpochs,
};
