/** Registration of oracles, changes of what they declare, and what readings prove of them. Coming and going is standing.ts. */
import { accountAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { parseIntText } from "../../chain/int.ts";
import { compareBytes } from "../../chain/store/types.ts";
import { type Oracle, type OracleTerms, Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import type { MsgRegisterOracle, MsgUpdateOracle } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { bond } from "./bonds.ts";
import { requireCell } from "./cells.ts";
import { requireNotDenied } from "./denials.ts";
import { oracleEpochsRead, valueAt, withValue } from "./epochvalues.ts";
import { bondTooSmall, invalidField, keyForBoth, tooMany, wrongStanding } from "./errors.ts";
import { registered, termsChanged } from "./events.ts";
import { releaseKeys, requireTransportKey, requireVrfKey, takeKey } from "./keys.ts";
import { getParams } from "./params.ts";
import { epochNow, nextEpoch, oracle, requireOwnOracle, setOracle, withOracleTerms } from "./records.ts";
import { type Registered, requireEndpoints } from "./relays.ts";
import { changeOperator, requireRoom } from "./stage.ts";
import * as state from "./state.ts";
import { oracleSubject, subjectText } from "./subject.ts";
import { tieDelegations } from "./ties.ts";

const recordFrom = (ctx: ReadContext, id: bigint, msg: MsgRegisterOracle): Oracle => ({
  id,
  operator: msg.operator,
  moniker: msg.moniker,
  standing: Standing.STANDING_ACTIVE,
  registeredEpoch: epochNow(ctx),
  leaveTime: undefined,
  softwareVersion: msg.softwareVersion,
  trustedBps: 0n,
  jailedUntil: 0n,
  leftEpoch: 0n,
  proven: [],
  vrfKeys: [{ fromEpoch: epochNow(ctx) + getParams(ctx).keyDelayEpochs, publicKey: msg.vrfKey!.publicKey }],
  terms: [
    {
      fromEpoch: nextEpoch(ctx),
      serves: true,
      endpoints: msg.endpoints,
      transportKey: msg.transportKey!.publicKey,
      declaredBps: msg.declaredBps,
      cell: msg.cell,
    },
  ],
});

/** One secret for signatures and for proofs could be learned from the two together. */
function requireKeysApart({ id, terms, vrfKeys }: Oracle): void {
  const isShared = terms.some(({ transportKey }) =>
    vrfKeys.some(({ publicKey }) => compareBytes(publicKey, transportKey) === 0),
  );
  if (isShared) throw keyForBoth(id);
}

export function registerOracle(ctx: Context, msg: MsgRegisterOracle): Registered {
  const operator = accountAddress.decode(msg.operator);
  const amount = parseIntText(msg.bond);
  const { oracleBondMin: least, oraclesMax } = getParams(ctx);
  const count = state.activeOracles.get(ctx) ?? 0n;
  requireNotDenied(ctx, msg.operator);
  requireRoom(ctx, operator, { relays: 0n, oracles: 1n, claimedBps: 0n });
  if (count >= oraclesMax) throw tooMany("oracles", oraclesMax);
  requireCell(ctx, msg.cell);
  requireEndpoints(ctx, msg.endpoints, true);
  requireTransportKey(ctx, operator, msg.transportKey!);
  requireVrfKey(ctx, operator, msg.vrfKey!);
  if (amount < least) throw bondTooSmall(amount, least);
  const id = state.oracleCount.next(ctx) + 1n;
  const subject = oracleSubject(id);
  takeKey(ctx, subject, msg.transportKey!.publicKey);
  takeKey(ctx, subject, msg.vrfKey!.publicKey);
  const record = recordFrom(ctx, id, msg);
  requireKeysApart(record);
  setOracle(ctx, undefined, record);
  state.activeOracles.set(ctx, count + 1n);
  changeOperator(ctx, operator, { relays: 0n, oracles: 1n, claimedBps: 0n });
  tieDelegations(ctx, operator);
  bond(ctx, { subject, delegator: operator, amount });
  ctx.emit(registered(subject, msg.operator, nextEpoch(ctx)));
  return { id, fromEpoch: nextEpoch(ctx) };
}

// ----------------------------------------------------------------------------------------------------------------- changes

function changedTerms(ctx: Context, msg: MsgUpdateOracle): Partial<OracleTerms> {
  const changes: Partial<OracleTerms> = {};
  if (msg.endpoints !== undefined) {
    requireEndpoints(ctx, msg.endpoints.endpoints, true);
    changes.endpoints = msg.endpoints.endpoints;
  }
  if (msg.transportKey !== undefined) {
    requireTransportKey(ctx, accountAddress.decode(msg.operator), msg.transportKey);
    takeKey(ctx, oracleSubject(msg.id), msg.transportKey.publicKey);
    changes.transportKey = msg.transportKey.publicKey;
  }
  if (msg.declaredBps > 0n) changes.declaredBps = msg.declaredBps;
  if (msg.cell !== "") {
    requireCell(ctx, msg.cell);
    changes.cell = msg.cell;
  }
  return changes;
}

/** The key that follows is used only some epochs later; it takes the place of one that waits still. */
function changedVrfKeys(ctx: Context, msg: MsgUpdateOracle, before: Oracle): Oracle["vrfKeys"] {
  requireVrfKey(ctx, accountAddress.decode(msg.operator), msg.vrfKey!);
  takeKey(ctx, oracleSubject(msg.id), msg.vrfKey!.publicKey);
  const fromEpoch = epochNow(ctx) + getParams(ctx).keyDelayEpochs;
  const key = { fromEpoch, publicKey: msg.vrfKey!.publicKey };
  return withValue(before.vrfKeys, key, epochNow(ctx) - oracleEpochsRead);
}

const keysOf = ({ terms, vrfKeys }: Oracle): Uint8Array[] => [
  ...terms.map(({ transportKey }) => transportKey),
  ...vrfKeys.map(({ publicKey }) => publicKey),
];

export function updateOracle(ctx: Context, msg: MsgUpdateOracle): bigint {
  const before = requireOwnOracle(ctx, msg.id, msg.operator);
  if (before.standing === Standing.STANDING_LEFT) {
    throw wrongStanding(subjectText(oracleSubject(msg.id)), "gone", "one that has not left");
  }
  requireNotDenied(ctx, msg.operator);
  const terms = changedTerms(ctx, msg);
  const record: Partial<Oracle> = {};
  if (msg.moniker !== "") record.moniker = msg.moniker;
  if (msg.vrfKey !== undefined) record.vrfKeys = changedVrfKeys(ctx, msg, before);
  const changed = [...Object.keys(terms), ...Object.keys(record)];
  if (changed.length === 0) throw invalidField("nothing is changed; name what should be");
  const after = { ...(Object.keys(terms).length === 0 ? before : withOracleTerms(ctx, before, terms)), ...record };
  requireKeysApart(after);
  setOracle(ctx, before, after);
  releaseKeys(ctx, keysOf(before), keysOf(after));
  ctx.emit(termsChanged(oracleSubject(msg.id), nextEpoch(ctx), changed));
  return nextEpoch(ctx);
}

export function reportOracleSoftware(ctx: Context, id: bigint, operator: string, softwareVersion: string): void {
  const before = requireOwnOracle(ctx, id, operator);
  setOracle(ctx, before, { ...before, softwareVersion });
}

// ---------------------------------------------------------------------------------------------------------------- capacity

/** How long a reading proves what an oracle can measure. */
export const provenEpochs = 30n;

/** Of an epoch, the highest median that it attested within the band. Counts from the next open on. */
export function setProvenCapacity(ctx: Context, id: bigint, medianBps: bigint): void {
  const before = oracle(ctx, id);
  if (before === undefined || medianBps <= 0n) return;
  const fromEpoch = nextEpoch(ctx);
  const oldest = epochNow(ctx) - oracleEpochsRead - provenEpochs;
  const last = before.proven.at(-1);
  const bps = last?.fromEpoch === fromEpoch && last.bps > medianBps ? last.bps : medianBps;
  setOracle(ctx, before, { ...before, proven: withValue(before.proven, { fromEpoch, bps }, oldest) });
}

/** What it can be trusted to measure in an epoch: twice the most that it has shown lately, and never more than it declares. */
export function provenCapacityAt(of: Oracle, epoch: bigint, unprovenBps: bigint): bigint {
  const declared = valueAt(of.terms, epoch)?.declaredBps ?? 0n;
  let most = of.trustedBps > unprovenBps ? of.trustedBps : unprovenBps;
  for (const { fromEpoch, bps } of of.proven) {
    if (fromEpoch <= epoch && fromEpoch + provenEpochs > epoch && 2n * bps > most) most = 2n * bps;
  }
  return declared < most ? declared : most;
}

export interface OracleKeys {
  readonly operator: string;
  readonly transportKey: Uint8Array;
  /** Undefined while none is usable. */
  readonly vrfKey: Uint8Array | undefined;
}

/** As they stood when the epoch opened; undefined where it is no oracle's, or too long ago. */
export function oracleKeysAt(ctx: ReadContext, epoch: bigint, id: bigint): OracleKeys | undefined {
  const found = oracle(ctx, id);
  const terms = found === undefined ? undefined : valueAt(found.terms, epoch);
  if (found === undefined || terms === undefined) return undefined;
  const vrfKey = valueAt(found.vrfKeys, epoch)?.publicKey;
  return { operator: found.operator, transportKey: terms.transportKey, vrfKey };
}

export const oracleTermsAt = (ctx: ReadContext, epoch: bigint, id: bigint): OracleTerms | undefined => {
  const found = oracle(ctx, id);
  return found === undefined ? undefined : valueAt(found.terms, epoch);
};
