/**
 * What a validator's fault costs: its tokens, and those that were its own when it happened and have left since (cosmos-sdk
 * x/staking/keeper/slash.go). Owns whom it falls on; what is a fault, and how much it costs, are slashing's and evidence's.
 */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import type { Context } from "../../chain/context.ts";
import { type Dec, decFromInt, decMul, decMulInt, decOne, decQuoRoundUp, decTruncateInt } from "../../chain/dec.ts";
import { unbond } from "./delegate.ts";
import { isMature, type Redelegation, type RedelegationEntry, type UnbondingDelegation } from "./delegation.ts";
import * as hooks from "./hooks.ts";
import { getDelegation, getValidatorByConsAddr, replaceValidator, storedValidator } from "./keeper.ts";
import { burnBonded, burnNotBonded } from "./pools.ts";
import { redelegationsFrom } from "./redelegation.ts";
import { getUnbondingDelegation, setUnbondingDelegation, validatorUnbondings } from "./unbonding.ts";
import { isBonded, operatorOf, powerToTokens, unbonded, type Validator } from "./validator.ts";

/** The fault: what was done at `infractionHeight` costs `fraction` of all that stood behind it then. */
interface Fault {
  readonly infractionHeight: bigint;
  readonly fraction: Dec;
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Began before the fault, so that it did not stand behind it; or free already. */
const isSpared = (ctx: Context, entry: RedelegationEntry | UnbondingDelegation["entries"][number], fault: Fault) =>
  entry.creationHeight < fault.infractionHeight || isMature(entry, ctx.block.time);

/**
 * Burns `fraction` of what `power` was worth. Returns what was burned of the validator's own tokens: zero for one that is gone or has
 * nothing left. A fault of a later height, or of a validator that is unbonded, is a defect of the caller.
 */
export function slash(
  ctx: Context,
  consensusAddress: Uint8Array,
  infractionHeight: bigint,
  power: bigint,
  fraction: Dec,
): bigint {
  if (fraction < 0n) throw new Error(`attempted to slash with a negative slash factor: ${fraction}`);
  if (infractionHeight > ctx.block.height) {
    throw new Error(`attempted to slash for height ${infractionHeight}, but this is height ${ctx.block.height}`);
  }
  const validator = getValidatorByConsAddr(ctx, consensusAddress);
  if (validator === undefined) return 0n;
  if (validator.status === unbonded)
    throw new Error(`should not be slashing unbonded validator: ${validator.operatorAddress}`);
  const operator = operatorOf(validator);
  hooks.beforeValidatorModified(ctx, operator);

  const fault = { infractionHeight, fraction };
  const owed = decTruncateInt(decMul(decFromInt(powerToTokens(power)), fraction));
  const owedByOthers = infractionHeight < ctx.block.height ? slashLeavers(ctx, operator, fault) : 0n;
  const owedByItself = owed > owedByOthers ? owed - owedByOthers : 0n;
  return burnOf(ctx, operator, owedByItself);
}

function burnOf(ctx: Context, operator: Uint8Array, owed: bigint): bigint {
  const validator = storedValidator(ctx, operator);
  const burned = least(owed, validator.tokens);
  if (burned === 0n) return 0n;
  const effective = decQuoRoundUp(decFromInt(burned), decFromInt(validator.tokens));
  hooks.beforeValidatorSlashed(ctx, operator, effective > decOne ? decOne : effective);
  replaceValidator(ctx, validator, { ...validator, tokens: validator.tokens - burned });
  if (isBonded(validator)) burnBonded(ctx, burned);
  else burnNotBonded(ctx, burned);
  return burned;
}

/** Everybody who has left since: what their share of the fault is, whether or not they still have it. */
function slashLeavers(ctx: Context, operator: Uint8Array, fault: Fault): bigint {
  let owed = 0n;
  for (const unbonding of [...validatorUnbondings(ctx, operator)]) owed += slashUnbonding(ctx, unbonding, fault);
  for (const redelegation of [...redelegationsFrom(ctx, operator)]) owed += slashRedelegation(ctx, redelegation, fault);
  return owed;
}

function slashUnbonding(ctx: Context, unbonding: UnbondingDelegation, fault: Fault): bigint {
  let owed = 0n;
  let burned = 0n;
  const entries = unbonding.entries.map((entry) => {
    if (isSpared(ctx, entry, fault)) return entry;
    const share = decTruncateInt(decMulInt(fault.fraction, entry.initialBalance));
    const taken = least(share, entry.balance);
    owed += share;
    burned += taken;
    return { ...entry, balance: entry.balance - taken };
  });
  if (burned > 0n) setUnbondingDelegation(ctx, { ...unbonding, entries });
  burnNotBonded(ctx, burned);
  return owed;
}

interface Burned {
  bonded: bigint;
  notBonded: bigint;
}

function slashRedelegation(ctx: Context, redelegation: Redelegation, fault: Fault): bigint {
  const delegator = accountAddress.decode(redelegation.delegatorAddress);
  const destination = validatorAddress.decode(redelegation.validatorDstAddress);
  const burned: Burned = { bonded: 0n, notBonded: 0n };
  let owed = 0n;
  for (const entry of redelegation.entries) {
    if (isSpared(ctx, entry, fault)) continue;
    const share = decTruncateInt(decMulInt(fault.fraction, entry.initialBalance));
    owed += share;
    const left = slashOnward(ctx, delegator, destination, fault, share, burned);
    if (left > 0n) slashMoved(ctx, delegator, destination, decMul(fault.fraction, entry.sharesDst), burned);
  }
  burnBonded(ctx, burned.bonded);
  burnNotBonded(ctx, burned.notBonded);
  return owed;
}

/** What has left the destination too is taken first. Returns what is still owed. */
function slashOnward(
  ctx: Context,
  delegator: Uint8Array,
  destination: Uint8Array,
  fault: Fault,
  share: bigint,
  burned: Burned,
): bigint {
  const unbonding = getUnbondingDelegation(ctx, delegator, destination);
  if (unbonding === undefined) return share;
  let left = share;
  const entries = unbonding.entries.map((entry) => {
    const taken = least(left, entry.balance);
    if (taken === 0n || isSpared(ctx, entry, fault)) return entry;
    left -= taken;
    burned.notBonded += taken;
    return { ...entry, balance: entry.balance - taken };
  });
  if (left < share) setUnbondingDelegation(ctx, { ...unbonding, entries });
  return left;
}

/** What is still delegated to the destination, if anything is. */
function slashMoved(ctx: Context, delegator: Uint8Array, destination: Uint8Array, shares: Dec, burned: Burned): void {
  const delegation = getDelegation(ctx, delegator, destination);
  if (shares === 0n || delegation === undefined) return;
  const validator: Validator = storedValidator(ctx, destination);
  const tokens = unbond(ctx, delegator, destination, least(shares, delegation.shares), "block");
  if (isBonded(validator)) burned.bonded += tokens;
  else burned.notBonded += tokens;
}
