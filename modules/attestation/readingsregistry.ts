/**
 * What the side of readings asks of the registry, in one place: who was there in an epoch, with which keys, where, and who measures whom. Owns
 * nothing of it.
 */
import { accountAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Dec } from "../../chain/dec.ts";
import { epoch as epochOf } from "../beacon/index.ts";
import { drawCommittee, type OracleAtOpen } from "./committee.ts";
import { familyOf } from "./families.ts";
import { committeeRules, relayAtOpen } from "./openings.ts";
import { oracleKeysAt, oracleTermsAt } from "./oracles.ts";
import { changeTrust, relay, termsOf } from "./records.ts";
import { jailOracle, type Slashed, slashOracle } from "./slash.ts";

export { bondCoins, bondsAccount } from "./bonds.ts";
export { leastRttMicros } from "./cells.ts";
export { committeeOf, countedBpsAt, isAuditedIn, oraclesAtOpen, paramsAt, relayIdCountAt } from "./openings.ts";
export { relaysFrom } from "./records.ts";

/** A relay that could be measured in an epoch. */
export interface RelayInEpoch {
  readonly id: bigint;
  readonly operator: string;
  /** Undefined where it has none. */
  readonly family: string | undefined;
  readonly cell: string;
  /** As far as oracles could see it. */
  readonly claimBps: bigint;
  readonly rttMicros: bigint;
  readonly transportKey: Uint8Array;
}

export function relayInEpoch(ctx: ReadContext, epoch: bigint, id: bigint): RelayInEpoch | undefined {
  const atOpen = relayAtOpen(ctx, epoch, id);
  if (atOpen === undefined) return undefined;
  const { cell, rttMicros, transportKey } = termsOf(relay(ctx, id)!, epoch)!;
  const { operator, family, claimBps } = atOpen;
  return { id, operator, family, cell, claimBps, rttMicros, transportKey };
}

/** An oracle as it was registered in an epoch. */
export interface OracleInEpoch {
  readonly id: bigint;
  readonly operator: string;
  readonly cell: string;
  /** Its family, or its operator where it has none. */
  readonly kin: string;
  readonly transportKey: Uint8Array;
  /** Undefined while none is usable. */
  readonly vrfKey: Uint8Array | undefined;
}

export function oracleInEpoch(ctx: ReadContext, epoch: bigint, id: bigint): OracleInEpoch | undefined {
  const keys = oracleKeysAt(ctx, epoch, id);
  const terms = oracleTermsAt(ctx, epoch, id);
  if (keys === undefined || terms === undefined) return undefined;
  const family = familyOf(ctx, epoch, accountAddress.decode(keys.operator));
  return { id, ...keys, cell: terms.cell, kin: family === 0n ? keys.operator : `family ${family}` };
}

/** One operator's, or of one family. */
export const isRelated = (of: RelayInEpoch, { operator, kin }: OracleInEpoch): boolean =>
  of.operator === operator || (of.family !== undefined && kin === `family ${of.family}`);

/** Its operator, or one of the same family, whose challenge is the relay's own. */
export function isOwnSide(ctx: ReadContext, epoch: bigint, of: RelayInEpoch, account: string): boolean {
  if (of.operator === account) return true;
  const [own, other] = [of.operator, account].map((name) => familyOf(ctx, epoch, accountAddress.decode(name)));
  return own !== 0n && own === other;
}

/** Twice as many, drawn for themselves. */
export function secondCommitteeOf(
  ctx: ReadContext,
  epoch: bigint,
  id: bigint,
  oracles: readonly OracleAtOpen[],
): bigint[] {
  const seed = epochOf(ctx, epoch)?.seed ?? new Uint8Array(0);
  const subject = relayAtOpen(ctx, epoch, id);
  if (subject === undefined || seed.length === 0) return [];
  const rules = committeeRules(ctx, epoch);
  return drawCommittee({ seed, epoch }, subject, oracles, { ...rules, size: 2 * rules.size }, "second committee");
}

export const setObservedPrefix = (ctx: Context, id: bigint, prefix: string): void => changeTrust(ctx, id, { prefix });

/** What it signed twice it can sign again: it is out for as long as its bond is slashable. */
const equivocationJailEpochs = 30n;

export function punishEquivocation(ctx: Context, oracle: bigint, fraction: Dec, epoch: bigint): Slashed {
  const reason = `equivocation in epoch ${epoch}`;
  const slashed = slashOracle(ctx, oracle, { fraction, sinceEpoch: epoch, reason });
  jailOracle(ctx, oracle, epoch + equivocationJailEpochs, reason);
  return slashed;
}

export function slashForDisputes(ctx: Context, oracle: bigint, fraction: Dec, epoch: bigint): void {
  const reason = "outside both committees' bands on the same side, too often";
  slashOracle(ctx, oracle, { fraction, sinceEpoch: epoch, reason });
}
