/** The registry's part of genesis.json, with those of readings and hardware evidence in it. What is refused is in genesischecks.ts. */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { decFromProto, decToProto } from "../../chain/dec.ts";
import type { Genesis } from "../../chain/module.ts";
import { fieldError, fromJson, toJson } from "../../chain/protojson.ts";
import { GenesisState } from "../../proto/gen/weir/attestation/v1/genesis.ts";
import { type Oracle, type Relay, Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import { balanceOf } from "../bank/index.ts";
import { bondDenom } from "../staking/index.ts";
import { poolFromProto, poolToProto, sharedFromProto, sharedToProto } from "./bondpool.ts";
import { bondsAccount, setDelegation } from "./bonds.ts";
import { setRtt } from "./cells.ts";
import { defaultCells } from "./defaultcells.ts";
import { evidenceGenesis } from "./evidencegenesis.ts";
import { at, checkGenesis } from "./genesischecks.ts";
import { takeKey } from "./keys.ts";
import { defaultParams, paramsToProto } from "./params.ts";
import { readingsGenesis } from "./readingsgenesis.ts";
import { announcedTerms, setOracle, setRelay } from "./records.ts";
import { changeOperator } from "./stage.ts";
import * as stored from "./state.ts";
import { oracleSubject, relaySubject, type Subject } from "./subject.ts";
import { setUnbondingPool } from "./unbonding.ts";

const empty = (): GenesisState => ({
  ...GenesisState.fromPartial({}),
  params: paramsToProto(defaultParams),
  cells: defaultCells.map((cell) => ({ ...cell })),
  readings: readingsGenesis.default(),
  evidence: evidenceGenesis.default(),
});

function parse(json: unknown): GenesisState {
  const state = fromJson<GenesisState>(GenesisState.$type, json, at);
  checkGenesis(state);
  return { ...state, readings: readingsGenesis.parse(state.readings), evidence: evidenceGenesis.parse(state.evidence) };
}

// ------------------------------------------------------------------------------------------------------------------- start

const hasLeft = ({ standing }: Relay | Oracle): boolean => standing === Standing.STANDING_LEFT;

function queueDeparture(ctx: Context, subject: Subject, { leaveTime }: Relay | Oracle): void {
  if (leaveTime !== undefined) stored.departures.set(ctx, [leaveTime, subject], true);
}

const noCommission = { rate: "0", rateMax: "0", changeMax: "0", changedEpoch: 0n };

function initRelay(ctx: Context, { relay, bond, trusts }: GenesisState["relays"][number]): void {
  const found = { ...relay!, commission: relay!.commission ?? noCommission };
  const subject = relaySubject(found.id);
  if (trusts.length > 0) stored.trusts.set(ctx, found.id, { trusts });
  setRelay(ctx, undefined, found);
  for (const { transportKey } of found.terms) takeKey(ctx, subject, transportKey);
  if (bond !== undefined) stored.bonds.set(ctx, subject, poolFromProto(bond));
  queueDeparture(ctx, subject, found);
  if (hasLeft(found)) return;
  const { claimedBps } = announcedTerms(found);
  changeOperator(ctx, accountAddress.decode(found.operator), { relays: 1n, oracles: 0n, claimedBps });
}

function initOracle(ctx: Context, { oracle, bond }: GenesisState["oracles"][number]): void {
  const found = oracle!;
  const subject = oracleSubject(found.id);
  setOracle(ctx, undefined, found);
  for (const { transportKey } of found.terms) takeKey(ctx, subject, transportKey);
  for (const { publicKey } of found.vrfKeys) takeKey(ctx, subject, publicKey);
  if (bond !== undefined) stored.bonds.set(ctx, subject, poolFromProto(bond));
  queueDeparture(ctx, subject, found);
  if (hasLeft(found)) return;
  stored.activeOracles.set(ctx, (stored.activeOracles.get(ctx) ?? 0n) + 1n);
  changeOperator(ctx, accountAddress.decode(found.operator), { relays: 0n, oracles: 1n, claimedBps: 0n });
}

function initBonds(ctx: Context, state: GenesisState): void {
  for (const { subject, delegator, shares } of state.delegations) {
    setDelegation(ctx, subject!, accountAddress.decode(delegator), decFromProto(shares));
  }
  for (const { subject, epoch, pool } of state.unbondingPools) {
    setUnbondingPool(ctx, subject!, epoch, sharedFromProto(pool!));
  }
  for (const { subject, epoch, delegator, unbonding } of state.unbondings) {
    const key = [accountAddress.decode(delegator), subject!, epoch] as const;
    stored.unbondings.set(ctx, key, unbonding!);
    stored.unbondingQueue.set(ctx, [unbonding!.completionTime!, key], true);
  }
  for (const { relay, operator, ties } of state.ties) {
    stored.ties.set(ctx, [relay, accountAddress.decode(operator)], { ties });
  }
}

function initFamilies(ctx: Context, state: GenesisState): void {
  for (const family of state.families) stored.families.set(ctx, family.id, family);
  for (const { operator: text, memberships } of state.memberships) {
    const operator = accountAddress.decode(text);
    const { family } = memberships.at(-1)!;
    stored.memberships.set(ctx, operator, { memberships });
    if (family !== 0n) stored.familyMembers.add(ctx, [family, operator]);
  }
  for (const { family, operator: text, invitation } of state.invitations) {
    const operator = accountAddress.decode(text);
    stored.invitations.set(ctx, [family, operator], invitation!);
    stored.invitationsByOperator.add(ctx, [operator, family]);
  }
}

function initGovernance(ctx: Context, state: GenesisState): void {
  stored.params.set(ctx, state.params!);
  for (const cell of state.cells) stored.cells.set(ctx, cell.name, cell);
  for (const rtt of state.rtts) setRtt(ctx, rtt);
  for (const operator of state.pilotOperators) stored.pilotOperators.add(ctx, accountAddress.decode(operator));
  for (const buyer of state.pilotBuyers) stored.pilotBuyers.add(ctx, accountAddress.decode(buyer));
  if (state.software.length > 0) stored.software.set(ctx, { versions: state.software });
  for (const { operator, denial } of state.denials) stored.denials.set(ctx, accountAddress.decode(operator), denial!);
  for (const opening of state.openings) stored.openings.set(ctx, opening.epoch, opening);
}

/** Sequences hold the last id that was given. */
const lastId = (next: bigint, ids: readonly bigint[]): bigint => (next > 0n ? next - 1n : (ids.at(-1) ?? 0n));

function initCounts(ctx: Context, state: GenesisState): void {
  const counts = [
    [
      stored.relayCount,
      lastId(
        state.nextRelay,
        state.relays.map(({ relay }) => relay!.id),
      ),
    ],
    [
      stored.oracleCount,
      lastId(
        state.nextOracle,
        state.oracles.map(({ oracle }) => oracle!.id),
      ),
    ],
    [
      stored.familyCount,
      lastId(
        state.nextFamily,
        state.families.map(({ id }) => id),
      ),
    ],
  ] as const;
  for (const [sequence, last] of counts) if (last > 0n) sequence.set(ctx, last);
}

/** What the account owes to those who bonded. */
export function owedTokens(state: Pick<GenesisState, "relays" | "oracles" | "unbondingPools">): bigint {
  const pools = [...state.relays, ...state.oracles].map(({ bond }) => bond?.tokens ?? "0");
  const leaving = state.unbondingPools.map(({ pool }) => pool!.tokens);
  return [...pools, ...leaving].reduce((sum, tokens) => sum + BigInt(tokens), 0n);
}

function init(ctx: Context, state: GenesisState): undefined {
  const owed = owedTokens(state);
  const held = balanceOf(ctx, moduleAddress(bondsAccount), bondDenom(ctx));
  if (held < owed) throw fieldError(`${at}`, `bonds of ${owed}`, `no more than the ${held} of account ${bondsAccount}`);
  initGovernance(ctx, state);
  initFamilies(ctx, state);
  for (const relay of state.relays) initRelay(ctx, relay);
  for (const oracle of state.oracles) initOracle(ctx, oracle);
  initBonds(ctx, state);
  initCounts(ctx, state);
  readingsGenesis.init(ctx, state.readings);
  evidenceGenesis.init(ctx, state.evidence);
}

// -------------------------------------------------------------------------------------------------------------------- end

const valuesOf = <V>(entries: Iterable<readonly [unknown, V]>): V[] => Array.from(entries, ([, value]) => value);

const poolOf = (ctx: ReadContext, subject: Subject) => {
  const pool = stored.bonds.get(ctx, subject);
  return pool === undefined ? undefined : poolToProto(pool);
};

const exportBonds = (ctx: ReadContext) => ({
  delegations: Array.from(stored.delegations.iterate(ctx), ([[subject, delegator], shares]) => ({
    subject,
    delegator: accountAddress.encode(delegator),
    shares: decToProto(shares),
  })),
  unbondingPools: Array.from(stored.unbondingPools.iterate(ctx), ([[subject, epoch], pool]) => ({
    subject,
    epoch,
    pool: sharedToProto(sharedFromProto(pool)),
  })),
  unbondings: Array.from(stored.unbondings.iterate(ctx), ([[delegator, subject, epoch], unbonding]) => ({
    subject,
    epoch,
    delegator: accountAddress.encode(delegator),
    unbonding,
  })),
  ties: Array.from(stored.ties.iterate(ctx), ([[relay, operator], { ties }]) => ({
    relay,
    operator: accountAddress.encode(operator),
    ties,
  })),
});

const exportFamilies = (ctx: ReadContext) => ({
  families: valuesOf(stored.families.iterate(ctx)),
  memberships: Array.from(stored.memberships.iterate(ctx), ([operator, { memberships }]) => ({
    operator: accountAddress.encode(operator),
    memberships,
  })),
  invitations: Array.from(stored.invitations.iterate(ctx), ([[family, operator], invitation]) => ({
    family,
    operator: accountAddress.encode(operator),
    invitation,
  })),
});

/** 0 before the first one. */
const nextId = (ctx: ReadContext, sequence: typeof stored.relayCount): bigint => {
  const last = sequence.peek(ctx);
  return last === 0n ? 0n : last + 1n;
};

function exportState(ctx: ReadContext): GenesisState {
  return {
    params: stored.params.get(ctx) ?? paramsToProto(defaultParams),
    cells: valuesOf(stored.cells.iterate(ctx)),
    rtts: Array.from(stored.cellRtts.iterate(ctx), ([[first, second], rttMicros]) => ({ first, second, rttMicros })),
    pilotOperators: Array.from(stored.pilotOperators.keys(ctx), accountAddress.encode),
    pilotBuyers: Array.from(stored.pilotBuyers.keys(ctx), accountAddress.encode),
    software: stored.software.get(ctx)?.versions ?? [],
    denials: Array.from(stored.denials.iterate(ctx), ([operator, denial]) => ({
      operator: accountAddress.encode(operator),
      denial,
    })),
    relays: Array.from(stored.relays.iterate(ctx), ([id, relay]) => ({
      relay,
      bond: poolOf(ctx, relaySubject(id)),
      trusts: stored.trusts.get(ctx, id)?.trusts ?? [],
    })),
    oracles: Array.from(stored.oracles.iterate(ctx), ([id, oracle]) => ({
      oracle,
      bond: poolOf(ctx, oracleSubject(id)),
    })),
    ...exportBonds(ctx),
    ...exportFamilies(ctx),
    nextRelay: nextId(ctx, stored.relayCount),
    nextOracle: nextId(ctx, stored.oracleCount),
    nextFamily: nextId(ctx, stored.familyCount),
    openings: valuesOf(stored.openings.iterate(ctx)),
    readings: readingsGenesis.export(ctx),
    evidence: evidenceGenesis.export(ctx),
  };
}

export const genesis: Genesis<GenesisState> = {
  default: empty,
  parse,
  toJson: (state) => toJson(GenesisState.$type, state),
  init,
  export: exportState,
};
