/**
 * How validators propose: what is counted of each, and what it costs to leave a proof out. A fine is noted at once and taken when the next
 * epoch opens, in one slash a validator: distribution keeps a record of every slash, which delegators' rewards are counted across.
 */
import { validatorAddress } from "../../chain/address.ts";
import type { Context } from "../../chain/context.ts";
import { decFromInt, decMulInt, decOne, decQuoRoundUp, decTruncateInt } from "../../chain/dec.ts";
import { blockEmission } from "../mint/index.ts";
import {
  consensusAddressOf,
  getValidator,
  getValidatorByConsAddr,
  isUnbonded,
  operatorOf,
  powerToTokens,
  slash,
  tokensToPower,
  type Validator,
} from "../staking/index.ts";
import { validatorShare } from "./blockreward.ts";
import { currentNumber, keepTick, openWhenDue, seedWhenDue } from "./epochs.ts";
import { fined, withheld } from "./events.ts";
import { getProposer, newProposer, usableKeyOf } from "./keys.ts";
import { getParams } from "./params.ts";
import { beaconValue, isProven } from "./proving.ts";
import { finesDue, proposers } from "./state.ts";

/** More validators than ever propose in one epoch; whoever is beyond pays when the epoch after opens. */
const finesCollectedMax = 1_000;

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** What a block that was withheld costs: so many times what validators together earn by a block of the usual length. Rounded down. */
function fineOf(ctx: Context): bigint {
  const { withheldFineBlocks } = getParams(ctx);
  return decTruncateInt(decMulInt(validatorShare(ctx), blockEmission(ctx) * withheldFineBlocks));
}

/** A proposer without a key costs only the beacon of its block, one that has a key is fined. */
function countProposal(ctx: Context): void {
  if (ctx.block.isUpgrade === true) return;
  const validator = getValidatorByConsAddr(ctx, ctx.block.proposerAddress);
  if (validator === undefined) return;
  const operator = operatorOf(validator);
  const before = getProposer(ctx, operator) ?? newProposer();
  const counted = { ...before, proposed: before.proposed + 1n };
  if (isProven(ctx)) proposers.set(ctx, operator, { ...counted, proven: before.proven + 1n });
  else if (usableKeyOf(before.keys, currentNumber(ctx)) === undefined) proposers.set(ctx, operator, counted);
  else {
    const fine = fineOf(ctx);
    proposers.set(ctx, operator, { ...counted, withheld: before.withheld + 1n });
    if (fine > 0n) finesDue.set(ctx, operator, (finesDue.get(ctx, operator) ?? 0n) + fine);
    ctx.emit(withheld(validatorAddress.encode(operator), fine));
  }
}

/** Of whoever stands behind it now. Returns what was burned: at most the named share of its tokens. */
function burnFine(ctx: Context, validator: Validator, due: bigint): bigint {
  const power = tokensToPower(validator.tokens);
  if (isUnbonded(validator) || power === 0n) return 0n;
  const most = decTruncateInt(decMulInt(getParams(ctx).fineShareMax, validator.tokens));
  const tokens = powerToTokens(power);
  const amount = least(least(due, most), tokens);
  if (amount === 0n) return 0n;
  const fraction = least(decQuoRoundUp(decFromInt(amount), decFromInt(tokens)), decOne);
  return slash(ctx, consensusAddressOf(validator), ctx.block.height, power, fraction);
}

function collectFines(ctx: Context): void {
  const due = [...finesDue.iterate(ctx).take(finesCollectedMax)];
  for (const [operator, amount] of due) {
    finesDue.delete(ctx, operator);
    const validator = getValidator(ctx, operator);
    if (validator === undefined) continue;
    const burned = burnFine(ctx, validator, amount);
    const before = getProposer(ctx, operator) ?? newProposer();
    proposers.set(ctx, operator, { ...before, fined: `${BigInt(before.fined) + burned}` });
    ctx.emit(fined(validatorAddress.encode(operator), amount, burned));
  }
}

export function beginBlock(ctx: Context): void {
  if (openWhenDue(ctx)) collectFines(ctx);
}

export function endBlock(ctx: Context): readonly [] {
  countProposal(ctx);
  const value = beaconValue(ctx);
  seedWhenDue(ctx, value);
  keepTick(ctx, value);
  return [];
}
