/**
 * Claims: a relay's operator takes its commission, everyone with shares in its bond what these earned. Owns who gets how much and where it goes; each
 * claim costs the same, however many epochs it is for.
 */
import { accountAddress } from "../../chain/address.ts";
import { newCoins } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { delegateToRelay, relay, relaysOf, sharesOf } from "../attestation/index.ts";
import { isBlocked, payFromModule, sendFromModule } from "../bank/index.ts";
import { mintDenom } from "../mint/index.ts";
import { broughtUp, broughtUpRecord, noAccruals, relayRecord, setRelayRecord } from "./accrual.ts";
import { blockedWithdrawAddress, noSuchOracle, noSuchRelay, nothingToClaim, notTheOperator } from "./errors.ts";
import { claimed, oracleClaimed, withdrawAddressSet } from "./events.ts";
import { allCommission, type Claimed, claimCommission, claimShares } from "./liquid.ts";
import { bookOracles } from "./oraclepage.ts";
import { accruedOracle, oracleOwed, oracleRecord, setOracleRecord } from "./oraclerecord.ts";
import { rewardsAccountName } from "./punish.ts";
import { newRecord, type RelayRecord } from "./record.ts";
import { reputationMin } from "./reputation.ts";
import { relays, shares, withdrawAddresses } from "./state.ts";

/** Of ClaimAll; who has shares in more relays claims of each. */
export const claimedRelaysMax = 100;

export const withdrawAddressOf = (ctx: ReadContext, owner: Uint8Array): Uint8Array =>
  withdrawAddresses.get(ctx, owner) ?? owner;

export function setWithdrawAddress(ctx: Context, ownerText: string, addressText: string): void {
  const [owner, address] = [accountAddress.decode(ownerText), accountAddress.decode(addressText)];
  if (isBlocked(address)) throw blockedWithdrawAddress(addressText);
  if (ownerText === addressText) withdrawAddresses.delete(ctx, owner);
  else withdrawAddresses.set(ctx, owner, address);
  ctx.emit(withdrawAddressSet(ownerText, addressText));
}

function pay(ctx: Context, to: Uint8Array, amount: bigint): void {
  if (amount > 0n) sendFromModule(ctx, rewardsAccountName, to, newCoins([{ denom: mintDenom(ctx), amount }]));
}

// ------------------------------------------------------------------------------------------------------------------- relays

/** Where an account's shares began to earn. Shares of genesis came without a call of a hook: they earn since the index began. */
const startOf = (ctx: ReadContext, id: bigint, owner: string): bigint =>
  shares.get(ctx, [id, accountAddress.decode(owner)]) ?? 0n;

/** What is an account's of a record that is up to now. */
function ownOf(ctx: ReadContext, id: bigint, claimant: string, record: RelayRecord): Claimed {
  const own = claimShares(record.liquid, sharesOf(ctx, id, claimant), startOf(ctx, id, claimant));
  if (claimant !== record.operator) return own;
  const commission = claimCommission(own.liquid);
  return { liquid: commission.liquid, amount: own.amount + commission.amount };
}

/** What a claim would give now. */
export function claimable(ctx: ReadContext, id: bigint, claimant: string): bigint {
  const before = relayRecord(ctx, id);
  if (before === undefined) throw noSuchRelay(`${id}`);
  return ownOf(ctx, id, claimant, broughtUp(ctx, id, before, noAccruals())).amount;
}

/** Counts an account's part and begins it anew; the coins are the caller's to send. */
function settle(ctx: Context, id: bigint, claimant: string): bigint {
  const record = broughtUpRecord(ctx, id);
  if (record === undefined) throw noSuchRelay(`${id}`);
  const { liquid, amount } = ownOf(ctx, id, claimant, record);
  setRelayRecord(ctx, id, { ...record, liquid });
  beginShares(ctx, id, claimant);
  return amount;
}

/** Shares earn from where the index stands now. */
function beginShares(ctx: Context, id: bigint, claimant: string): void {
  const key = [id, accountAddress.decode(claimant)] as const;
  if (sharesOf(ctx, id, claimant) === 0n) shares.delete(ctx, key);
  else shares.set(ctx, key, relayRecord(ctx, id)?.liquid.index ?? 0n);
}

function claimTo(ctx: Context, id: bigint, claimant: string, to: Uint8Array): bigint {
  const amount = settle(ctx, id, claimant);
  pay(ctx, to, amount);
  if (amount > 0n) ctx.emit(claimed(id, claimant, `${amount}`));
  return amount;
}

export function claim(ctx: Context, id: bigint, claimant: string): bigint {
  const amount = claimTo(ctx, id, claimant, withdrawAddressOf(ctx, accountAddress.decode(claimant)));
  if (amount === 0n) throw nothingToClaim(`of relay ${id} by ${claimant}`);
  return amount;
}

export function claimAll(ctx: Context, claimant: string): { readonly amount: bigint; readonly relays: bigint } {
  const to = withdrawAddressOf(ctx, accountAddress.decode(claimant));
  const known = relaysOf(ctx, claimant, claimedRelaysMax).filter((id) => relays.has(ctx, id));
  const amounts = known.map((id) => claimTo(ctx, id, claimant, to));
  const amount = amounts.reduce((sum, part) => sum + part, 0n);
  if (amount === 0n) throw nothingToClaim(`by ${claimant}`);
  return { amount, relays: BigInt(amounts.filter((part) => part > 0n).length) };
}

/** Whatever the withdraw address is, it is the claimant's bond that grows. */
export function restake(ctx: Context, id: bigint, claimant: string): bigint {
  const delegator = accountAddress.decode(claimant);
  const amount = claimTo(ctx, id, claimant, delegator);
  if (amount === 0n) throw nothingToClaim(`of relay ${id} by ${claimant}`);
  delegateToRelay(ctx, { relayId: id, delegator: claimant, amount });
  return amount;
}

// ---------------------------------------------------------------------------------------------- what attestation's hooks call

/** With the old shares: what they earned is paid out. */
export function beforeRelaySharesModified(ctx: Context, id: bigint, delegator: string): void {
  const operator = relay(ctx, id)?.operator ?? delegator;
  if (!relays.has(ctx, id)) setRelayRecord(ctx, id, newRecord(operator, ctx.block.time.seconds));
  const record = broughtUpRecord(ctx, id)!;
  const { liquid, amount } = claimShares(record.liquid, sharesOf(ctx, id, delegator), startOf(ctx, id, delegator));
  setRelayRecord(ctx, id, { ...record, liquid });
  pay(ctx, withdrawAddressOf(ctx, accountAddress.decode(delegator)), amount);
  if (amount > 0n) ctx.emit(claimed(id, delegator, `${amount}`));
}

export const afterRelaySharesModified = (ctx: Context, id: bigint, delegator: string): void =>
  beginShares(ctx, id, delegator);

/** What its operator is owed outlives it: all that vests from now on is the operator's, and what roundings left of others' shares. */
export function afterRelayRemoved(ctx: Context, id: bigint): void {
  const record = broughtUpRecord(ctx, id);
  if (record !== undefined) setRelayRecord(ctx, id, { ...record, liquid: allCommission(record.liquid), removed: true });
}

/** Who was denied and is no more begins again in probation. */
export function afterRelayPardoned(ctx: Context, id: bigint): void {
  const record = relayRecord(ctx, id);
  if (record !== undefined) setRelayRecord(ctx, id, { ...record, reputation: reputationMin, auditedEpochs: 0n });
}

// ------------------------------------------------------------------------------------------------------------------ oracles

export function claimOracle(ctx: Context, id: bigint, claimant: string) {
  const before = oracleRecord(ctx, id);
  if (before === undefined) throw noSuchOracle(id);
  if (before.operator !== claimant) throw notTheOperator(id, before.operator);
  const { record, accrued } = accruedOracle(ctx, before);
  bookOracles(ctx, accrued);
  const amount = oracleOwed(record);
  if (amount.length === 0) throw nothingToClaim(`by oracle ${id}`);
  setOracleRecord(ctx, id, { ...record, generations: [] });
  payFromModule(ctx, rewardsAccountName, withdrawAddressOf(ctx, accountAddress.decode(claimant)), amount);
  ctx.emit(oracleClaimed(id, claimant, amount.map(({ denom, amount: count }) => `${count}${denom}`).join(",")));
  return amount;
}
