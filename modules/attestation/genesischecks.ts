/** What is refused of the registry's part of genesis.json before the chain starts. Owns no state. */
import { accountAddress } from "../../chain/address.ts";
import { isUsableKey } from "../../chain/crypto/ecvrf.ts";
import { type Dec, decFromProto } from "../../chain/dec.ts";
import { parseIntText } from "../../chain/int.ts";
import { fieldError, refusedAs, shown } from "../../chain/protojson.ts";
import type {
  GenesisDelegation,
  GenesisOracle,
  GenesisRelay,
  GenesisState,
  GenesisUnbonding,
} from "../../proto/gen/weir/attestation/v1/genesis.ts";
import { type BondPool, Standing, type Subject } from "../../proto/gen/weir/attestation/v1/state.ts";
import { isBlocked } from "../bank/index.ts";
import { cellsProblem, isCellName } from "./cells.ts";
import { endpointsProblem } from "./endpoints.ts";
import type { FromEpoch } from "./epochvalues.ts";
import { exitPolicyProblem } from "./exitpolicy.ts";
import {
  requireClaim,
  requireCommission,
  requireDeclared,
  requireMoniker,
  requirePriceFloor,
  requireRtt,
} from "./fields.ts";
import { paramsProblem } from "./parameters.ts";
import { versionsProblem } from "./software.ts";
import { isOracle, isRelay, oracleSubject, relaySubject, subjectText } from "./subject.ts";
import { trustFromProto } from "./trust.ts";

export const at = "app_state.attestation";

const requireAddress = (path: string, text: string): void =>
  void refusedAs(path, shown(text), "an account's address", () => accountAddress.decode(text));

const requireOnce = (seen: Set<string>, key: string, path: string): void => {
  if (seen.has(key)) throw fieldError(path, `${key} again`, "each of them once");
  seen.add(key);
};

const requireNoProblem = (path: string, problem: string | undefined, expected: string): void => {
  if (problem !== undefined) throw fieldError(path, problem, expected);
};

/** What a message would be refused for. */
const requireFields = (path: string, check: () => void): void =>
  refusedAs(path, "a field", "what a message may hold", check);

// ----------------------------------------------------------------------------------------------------- values over epochs

function requireAscending(path: string, values: readonly FromEpoch[]): void {
  if (values.length === 0) throw fieldError(path, "nothing", "what holds from an epoch on");
  for (const [index, { fromEpoch }] of values.entries()) {
    const before = values[index - 1];
    if (before !== undefined && fromEpoch <= before.fromEpoch) {
      throw fieldError(`${path}[${index}].from_epoch`, `${fromEpoch}`, `more than ${before.fromEpoch}`);
    }
  }
}

interface Seen {
  readonly cells: ReadonlySet<string>;
  /** By hexadecimal digits: whose it is. */
  readonly keys: Map<string, string>;
}

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function requireKey({ keys }: Seen, path: string, key: Uint8Array, subject: Subject): void {
  if (!isUsableKey(key)) throw fieldError(path, `${key.length} bytes that are no point`, "an ed25519 public key");
  const owner = keys.get(hexOf(key));
  const name = subjectText(subject);
  if (owner !== undefined && owner !== name) throw fieldError(path, `the key of ${owner}`, "a key of its own");
  keys.set(hexOf(key), name);
}

/** Of what is announced; a cell that somebody was in may be gone. */
function requireCell({ cells }: Seen, path: string, cell: string, isAnnounced: boolean): void {
  const isKnown = isCellName(cell) && (cells.has(cell) || !isAnnounced);
  if (!isKnown) throw fieldError(path, shown(cell), "a cell of the table");
}

function requireStanding(path: string, standing: Standing, leaveTime: unknown): void {
  if (standing === Standing.STANDING_UNSPECIFIED) throw fieldError(`${path}.standing`, "nothing", "how it stands");
  const isGoing = standing === Standing.STANDING_LEAVING || standing === Standing.STANDING_LEFT;
  if (isGoing !== (leaveTime !== undefined)) {
    throw fieldError(`${path}.leave_time`, isGoing ? "nothing" : "a time", "a time of who leaves, or has left");
  }
}

// ------------------------------------------------------------------------------------------------------ relays and oracles

function checkRelay(seen: Seen, { relay, trusts }: GenesisRelay, path: string): void {
  if (relay === undefined) throw fieldError(`${path}.relay`, "nothing", "a relay");
  if (trusts.length > 0) requireAscending(`${path}.trusts`, trusts);
  requireFields(`${path}.trusts`, () => void trusts.map(trustFromProto));
  requireAddress(`${path}.relay.operator`, relay.operator);
  requireStanding(`${path}.relay`, relay.standing, relay.leaveTime);
  requireFields(`${path}.relay.moniker`, () => requireMoniker(relay.moniker));
  requireAscending(`${path}.relay.terms`, relay.terms);
  const { rate, rateMax, changeMax } = relay.commission ?? { rate: "0", rateMax: "0", changeMax: "0" };
  requireFields(`${path}.relay.commission`, () =>
    requireCommission({ rate: decFromProto(rate), rateMax: decFromProto(rateMax), changeMax: decFromProto(changeMax) }),
  );
  for (const [index, terms] of relay.terms.entries()) {
    const here = `${path}.relay.terms[${index}]`;
    requireKey(seen, `${here}.transport_key`, terms.transportKey, relaySubject(relay.id));
    requireCell(seen, `${here}.cell`, terms.cell, index === relay.terms.length - 1);
    requireNoProblem(`${here}.exit_policy`, exitPolicyProblem(terms.exitPolicy), "an exit policy");
    const rules = { literal: false, publicOnly: false };
    requireNoProblem(`${here}.endpoints`, endpointsProblem(terms.endpoints, rules), "endpoints");
    requireFields(here, () => {
      requireClaim(terms.claimedBps);
      requireRtt(terms.rttMicros);
      requirePriceFloor(terms.priceFloor);
    });
  }
}

/** Whether addresses are public is not asked: the parameter may have changed since they were registered. */
function checkOracle(seen: Seen, { oracle }: GenesisOracle, path: string): void {
  if (oracle === undefined) throw fieldError(`${path}.oracle`, "nothing", "an oracle");
  const subject = oracleSubject(oracle.id);
  requireAddress(`${path}.oracle.operator`, oracle.operator);
  requireStanding(`${path}.oracle`, oracle.standing, oracle.leaveTime);
  requireFields(`${path}.oracle.moniker`, () => requireMoniker(oracle.moniker));
  requireAscending(`${path}.oracle.terms`, oracle.terms);
  requireAscending(`${path}.oracle.vrf_keys`, oracle.vrfKeys);
  if (oracle.proven.length > 0) requireAscending(`${path}.oracle.proven`, oracle.proven);
  for (const { publicKey } of oracle.vrfKeys) requireKey(seen, `${path}.oracle.vrf_keys`, publicKey, subject);
  for (const [index, terms] of oracle.terms.entries()) {
    const here = `${path}.oracle.terms[${index}]`;
    requireKey(seen, `${here}.transport_key`, terms.transportKey, subject);
    requireCell(seen, `${here}.cell`, terms.cell, index === oracle.terms.length - 1);
    const rules = { literal: true, publicOnly: false };
    requireNoProblem(`${here}.endpoints`, endpointsProblem(terms.endpoints, rules), "literal endpoints");
    requireFields(here, () => requireDeclared(terms.declaredBps));
  }
}

/** Ascending, from 1 on, and below what is given out next. */
function requireIds(path: string, ids: readonly bigint[], next: bigint): void {
  let last = 0n;
  for (const [index, id] of ids.entries()) {
    if (id <= last) throw fieldError(`${path}[${index}]`, `id ${id}`, `an id above ${last}`);
    last = id;
  }
  if (next !== 0n && next <= last) throw fieldError(path, `the next id ${next}`, `one above ${last}`);
}

// ------------------------------------------------------------------------------------------------------------------- bonds

interface Owed {
  tokens: bigint;
  shares: Dec;
  /** What those who hold shares have together. */
  held: Dec;
}

/** Pools and who has shares of them, of bonds or of what leaves them. */
type Pools = Map<string, Owed>;

function addPool(pools: Pools, key: string, path: string, pool: { tokens: string; shares: string } | undefined): void {
  const tokens = parseIntText(pool?.tokens ?? "0");
  const shares = decFromProto(pool?.shares ?? "0");
  if (tokens < 0n || shares < 0n || (shares === 0n && tokens > 0n)) {
    throw fieldError(path, `${tokens} tokens of ${shares} shares`, "tokens that somebody has shares of");
  }
  if (pools.has(key)) throw fieldError(path, `${key} again`, "each of them once");
  pools.set(key, { tokens, shares, held: 0n });
}

function holdShares(pools: Pools, key: string, path: string, text: string): void {
  const pool = pools.get(key);
  const shares = decFromProto(text);
  if (pool === undefined) throw fieldError(path, `shares of ${key}`, "shares of a pool that there is");
  if (shares <= 0n) throw fieldError(path, `${shares}`, "more than 0");
  pool.held += shares;
}

function requireHeld(pools: Pools, path: string): void {
  for (const [key, { shares, held }] of pools) {
    if (shares !== held) throw fieldError(path, `${held} shares held of ${key}`, `all ${shares} that there are`);
  }
}

function requireSubject(path: string, subject: Subject | undefined): Subject {
  if (subject !== undefined && (isRelay(subject) || isOracle(subject))) return subject;
  throw fieldError(`${path}.subject`, "nothing", "a relay or an oracle");
}

function checkBonds(state: GenesisState): void {
  const pools: Pools = new Map();
  const add = (subject: Subject, path: string, pool: BondPool | undefined) =>
    addPool(pools, subjectText(subject), path, pool);
  for (const [index, { relay, bond }] of state.relays.entries()) {
    add(relaySubject(relay!.id), `${at}.relays[${index}].bond`, bond);
  }
  for (const [index, { oracle, bond }] of state.oracles.entries()) {
    add(oracleSubject(oracle!.id), `${at}.oracles[${index}].bond`, bond);
  }
  const seen = new Set<string>();
  for (const [index, delegation] of state.delegations.entries()) checkDelegation(pools, seen, delegation, index);
  requireHeld(pools, `${at}.delegations`);
}

/** What is paid back at the end of a block must have where to go. */
function requireDelegator(path: string, text: string): void {
  requireAddress(path, text);
  if (isBlocked(accountAddress.decode(text))) throw fieldError(path, text, "an account that takes payments");
}

function checkDelegation(pools: Pools, seen: Set<string>, of: GenesisDelegation, index: number): void {
  const path = `${at}.delegations[${index}]`;
  requireDelegator(`${path}.delegator`, of.delegator);
  const name = subjectText(requireSubject(path, of.subject));
  requireOnce(seen, `${of.delegator} to ${name}`, path);
  holdShares(pools, name, `${path}.shares`, of.shares);
}

const poolName = (subject: Subject, epoch: bigint): string => `${subjectText(subject)} in epoch ${epoch}`;

function checkUnbondings({ unbondingPools, unbondings }: GenesisState): void {
  const pools: Pools = new Map();
  for (const [index, { subject, epoch, pool }] of unbondingPools.entries()) {
    const path = `${at}.unbonding_pools[${index}]`;
    addPool(pools, poolName(requireSubject(path, subject), epoch), path, pool);
  }
  const seen = new Set<string>();
  for (const [index, found] of unbondings.entries()) checkUnbonding(pools, seen, found, index);
  requireHeld(pools, `${at}.unbondings`);
}

function checkUnbonding(pools: Pools, seen: Set<string>, of: GenesisUnbonding, index: number): void {
  const path = `${at}.unbondings[${index}]`;
  requireDelegator(`${path}.delegator`, of.delegator);
  const name = poolName(requireSubject(path, of.subject), of.epoch);
  requireOnce(seen, `${of.delegator} from ${name}`, path);
  if (of.unbonding?.completionTime === undefined) throw fieldError(`${path}.unbonding`, "nothing", "shares and a time");
  holdShares(pools, name, `${path}.unbonding.shares`, of.unbonding.shares);
}

// ---------------------------------------------------------------------------------------------------------------- the rest

function checkFamilies({ families, memberships, invitations, nextFamily }: GenesisState): void {
  requireIds(
    `${at}.families`,
    families.map(({ id }) => id),
    nextFamily,
  );
  const ids = new Set(families.map(({ id }) => id));
  const members = new Map<bigint, number>();
  for (const [index, { operator, memberships: list }] of memberships.entries()) {
    const path = `${at}.memberships[${index}]`;
    requireAddress(`${path}.operator`, operator);
    requireAscending(`${path}.memberships`, list);
    const { family } = list.at(-1)!;
    if (family !== 0n && !ids.has(family)) throw fieldError(path, `family ${family}`, "a family that there is");
    members.set(family, (members.get(family) ?? 0) + 1);
  }
  for (const { id, members: count } of families) {
    if (members.get(id) !== count)
      throw fieldError(`${at}.families`, `${count} members of ${id}`, `${members.get(id) ?? 0}`);
  }
  for (const [index, { family, operator, invitation }] of invitations.entries()) {
    const path = `${at}.invitations[${index}]`;
    requireAddress(`${path}.operator`, operator);
    if (!ids.has(family) || invitation === undefined)
      throw fieldError(path, `family ${family}`, "a family that there is");
  }
}

function checkLists({ pilotOperators, pilotBuyers, denials, ties }: GenesisState): void {
  for (const [name, list] of Object.entries({ pilot_operators: pilotOperators, pilot_buyers: pilotBuyers })) {
    for (const [index, address] of list.entries()) requireAddress(`${at}.${name}[${index}]`, address);
  }
  for (const [index, { operator, denial }] of denials.entries()) {
    requireAddress(`${at}.denials[${index}].operator`, operator);
    if (denial === undefined || denial.reason === "")
      throw fieldError(`${at}.denials[${index}]`, "nothing", "a reason");
  }
  for (const [index, { operator, ties: list }] of ties.entries()) {
    requireAddress(`${at}.ties[${index}].operator`, operator);
    requireAscending(`${at}.ties[${index}].ties`, list);
  }
}

export function checkGenesis(state: GenesisState): void {
  if (state.params === undefined) throw fieldError(`${at}.params`, "nothing", "the parameters");
  requireNoProblem(`${at}.params`, paramsProblem(state.params), "parameters in their ranges");
  requireNoProblem(`${at}.cells`, cellsProblem(state.cells, state.rtts), "a table of cells");
  requireNoProblem(`${at}.software`, versionsProblem(state.software), "versions in order");
  const cells = new Set(state.cells.map(({ name }) => name));
  for (const { first, second } of state.rtts) {
    if (!cells.has(first) || !cells.has(second))
      throw fieldError(`${at}.rtts`, `${first} to ${second}`, "cells of the table");
  }
  const seen = { cells, keys: new Map<string, string>() };
  for (const [index, found] of state.relays.entries()) checkRelay(seen, found, `${at}.relays[${index}]`);
  for (const [index, found] of state.oracles.entries()) checkOracle(seen, found, `${at}.oracles[${index}]`);
  requireIds(
    `${at}.relays`,
    state.relays.map(({ relay }) => relay!.id),
    state.nextRelay,
  );
  requireIds(
    `${at}.oracles`,
    state.oracles.map(({ oracle }) => oracle!.id),
    state.nextOracle,
  );
  checkBonds(state);
  checkUnbondings(state);
  checkFamilies(state);
  checkLists(state);
}
