/**
 * Deposits, and where they go (cosmos-sdk x/gov/keeper/deposit.go). Owns that the module's account holds the sum of all that are recorded:
 * until a deposit is given back or burned, its record stays, if need be for some blocks.
 */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import {
  addCoins,
  type Coins,
  coinsFromProto,
  coinsToProto,
  formatCoin,
  formatCoins,
  isAllGte,
  isValidCoins,
  newCoins,
  subtractCoins,
} from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { decFromInt, decMul, decRoundInt, decTruncateInt, parseDec } from "../../chain/dec.ts";
import { sdk } from "../../chain/errors.ts";
import type { Proposal } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import { burnCoins, payCoins, payFromModule, sendToModule } from "../bank/index.ts";
import { fundCommunityPool } from "../distribution/index.ts";
import { inactiveProposal, invalidDepositDenom, minimumDepositTooSmall } from "./errors.ts";
import { deposited, depositLost } from "./events.ts";
import {
  activateVotingPeriod,
  getParams,
  govAccountName,
  inDepositPeriod,
  inVotingPeriod,
  requireProposal,
  setProposal,
} from "./keeper.ts";
import type { Params } from "./params.ts";
import { deposits, settlements } from "./state.ts";
import type { Budget } from "./tally.ts";

const govAccount = moduleAddress(govAccountName);

const minimumOf = ({ expedited }: Pick<Proposal, "expedited">, params: Params): Coins =>
  coinsFromProto(expedited ? params.expeditedMinDeposit : params.minDeposit);

function requireAcceptedDenoms({ minDeposit }: Params, amount: Coins): void {
  const denoms = minDeposit.map(({ denom }) => denom);
  if (amount.every(({ denom }) => denoms.includes(denom))) return;
  throw invalidDepositDenom(
    `deposited ${formatCoins(amount)}, but gov accepts only the following denom(s): [${denoms.join(" ")}]`,
  );
}

/** What comes with a proposal. */
export function requireInitialDeposit(ctx: ReadContext, amount: Coins, expedited: boolean): void {
  if (!isValidCoins(amount)) throw sdk.invalidCoins(formatCoins(amount));
  const params = getParams(ctx);
  const ratio = parseDec(params.minInitialDepositRatio);
  if (ratio !== 0n) {
    // Rounded half to even, as the SDK does here and nowhere else.
    const least = minimumOf({ expedited }, params).map(({ denom, amount: whole }) => ({
      denom,
      amount: decRoundInt(decMul(decFromInt(whole), ratio)),
    }));
    if (!isAllGte(amount, least)) {
      throw minimumDepositTooSmall(`was (${formatCoins(amount)}), need (${formatCoins(least)})`);
    }
  }
  requireAcceptedDenoms(params, amount);
}

/** So small deposits would only cost whoever gives them back: one of the denominations must reach its share of the minimum. */
function requireShareOfMinimum(params: Params, minimum: Coins, amount: Coins): void {
  const ratio = parseDec(params.minDepositRatio);
  if (ratio === 0n) return;
  // Rounds down.
  const thresholds = minimum.map(({ denom, amount: whole }) => ({
    denom,
    amount: decTruncateInt(decMul(decFromInt(whole), ratio)),
  }));
  const isMet = thresholds.some((threshold) =>
    amount.some(({ denom, amount: given }) => denom === threshold.denom && given >= threshold.amount),
  );
  if (isMet) return;
  throw minimumDepositTooSmall(
    `received ${formatCoins(amount)} but need at least one of the following: ${thresholds.map(formatCoin).join(",")}`,
  );
}

/** True when the proposal is voted on from now on. `isEconomic` says which vote that is. */
export function addDeposit(
  ctx: Context,
  id: bigint,
  depositor: Uint8Array,
  amount: Coins,
  isEconomic: (proposal: Proposal) => boolean,
): boolean {
  const proposal = requireProposal(ctx, id);
  const isOpen = proposal.status === inDepositPeriod || proposal.status === inVotingPeriod;
  if (!isOpen) throw inactiveProposal(`${id}`);
  const params = getParams(ctx);
  const minimum = minimumOf(proposal, params);
  requireAcceptedDenoms(params, amount);
  requireShareOfMinimum(params, minimum, amount);
  sendToModule(ctx, depositor, govAccountName, amount);
  const totalDeposit = addCoins(newCoins(coinsFromProto(proposal.totalDeposit)), amount);
  const next = { ...proposal, totalDeposit: coinsToProto(totalDeposit) };
  setProposal(ctx, next);
  const starts = proposal.status === inDepositPeriod && isAllGte(totalDeposit, minimum);
  if (starts) activateVotingPeriod(ctx, next, isEconomic(next));
  const before = deposits.get(ctx, [id, depositor]);
  const whole = before === undefined ? amount : addCoins(newCoins(coinsFromProto(before.amount)), amount);
  const text = accountAddress.encode(depositor);
  ctx.emit(deposited(id, text, formatCoins(amount)));
  deposits.set(ctx, [id, depositor], { proposalId: id, depositor: text, amount: coinsToProto(whole) });
  return starts;
}

// ----------------------------------------------------------------------------------------------------------------- settling

export const refund = 1n;
export const burn = 2n;

/** A transfer reads and writes some balances: as much as so many delegations. */
const workPerDeposit = 5n;

/** From now on, in this block as far as its budget goes. */
export function beginSettlement(ctx: Context, id: bigint, kind: typeof refund | typeof burn, budget: Budget): void {
  settlements.set(ctx, id, kind);
  continueSettlement(ctx, id, kind, budget);
}

const tellLost = (ctx: Context, id: bigint, depositor: Uint8Array, coins: Coins): void => {
  if (coins.length > 0) ctx.emit(depositLost(id, accountAddress.encode(depositor), formatCoins(coins)));
};

export function continueSettlement(ctx: Context, id: bigint, kind: bigint, budget: Budget): void {
  let burned: Coins = [];
  let isDone = true;
  for (const [key, { amount }] of deposits.iterate(ctx, { leading: [id] })) {
    if (budget.left <= 0n) {
      isDone = false;
      break;
    }
    budget.left -= workPerDeposit;
    const coins = coinsFromProto(amount);
    if (kind === burn) {
      burned = addCoins(burned, coins);
      tellLost(ctx, id, key[1], coins);
    }
    // Not by the rule of who may receive: it was the depositor's, and the end of a block must not fail.
    else payCoins(ctx, govAccount, key[1], coins);
    deposits.delete(ctx, key);
  }
  if (burned.length > 0) burnCoins(ctx, govAccountName, burned);
  if (isDone) settlements.delete(ctx, id);
}

export function continueSettlements(ctx: Context, budget: Budget): void {
  for (const [id, kind] of [...settlements.iterate(ctx)]) {
    if (budget.left <= 0n) return;
    continueSettlement(ctx, id, kind, budget);
  }
}

// ---------------------------------------------------------------------------------------------------------------- cancelling

/** What a cancelled proposal costs, by deposit, rounded down; the rest goes back. The proposer pays for the work. */
export function chargeDeposits(ctx: Context, id: bigint): void {
  const { proposalCancelDest: destination, proposalCancelRatio } = getParams(ctx);
  const ratio = parseDec(proposalCancelRatio);
  let charges: Coins = [];
  for (const [key, { amount }] of deposits.iterate(ctx, { leading: [id] })) {
    const given = coinsFromProto(amount);
    const charged = newCoins(
      given.map(({ denom, amount: whole }) => ({ denom, amount: decTruncateInt(decMul(decFromInt(whole), ratio)) })),
    );
    const rest = subtractCoins(given, charged);
    charges = addCoins(charges, charged);
    tellLost(ctx, id, key[1], charged);
    if (rest.length > 0) payFromModule(ctx, govAccountName, key[1], rest);
    deposits.delete(ctx, key);
  }
  if (charges.length === 0) return;
  if (destination === "") burnCoins(ctx, govAccountName, charges);
  else if (destination === accountAddress.encode(moduleAddress("distribution"))) {
    fundCommunityPool(ctx, govAccount, charges);
  } else payFromModule(ctx, govAccountName, accountAddress.decode(destination), charges);
}
