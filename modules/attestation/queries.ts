/** The registry's queries. Lists are read by index, page by page. */
import { accountAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import { type Dec, decToProto, parseDec } from "../../chain/dec.ts";
import { ChainError, QueryError } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import { PageError, paginate } from "../../chain/pagination.ts";
import type { PageRequest } from "../../proto/gen/cosmos/base/query/v1beta1/pagination.ts";
import * as proto from "../../proto/gen/weir/attestation/v1/query.ts";
import { ExitKind, type Oracle, type Relay } from "../../proto/gen/weir/attestation/v1/state.ts";
import { epoch as epochAt } from "../beacon/index.ts";
import { leastTokensIn, payout, poolToProto } from "./bondpool.ts";
import { delegationShares, oracleBond, poolOf, relayBond, requiredBondFor } from "./bonds.ts";
import { isCellName } from "./cells.ts";
import { denialOf, isDenied } from "./denials.ts";
import { exitKinds } from "./exitpolicy.ts";
import { familyOf } from "./families.ts";
import {
  committeeOf,
  eligibleFor,
  isAuditedIn,
  oraclesAtOpen,
  paramsAt,
  requiredBond,
  visibleClaimAt,
} from "./openings.ts";
import { oracleTermsAt, provenCapacityAt } from "./oracles.ts";
import { getParams, paramsToProto } from "./params.ts";
import { epochNow, latestTrust, oracle, relay, termsOf } from "./records.ts";
import { searchPageMax, searchRelays } from "./search.ts";
import { epochsBehind, governedVersions } from "./software.ts";
import { operatorOf } from "./stage.ts";
import * as state from "./state.ts";
import { isRelay, oracleSubject, relaySubject, type Subject } from "./subject.ts";
import { trustToProto } from "./trust.ts";
import { unbondingPool, unbondingWorth } from "./unbonding.ts";

// ---------------------------------------------------------------------------------------------------------- what is asked for

const invalid = (text: string): QueryError => new QueryError("InvalidArgument", text);
const notFound = (text: string): QueryError => new QueryError("NotFound", text);

/** What the chain refuses of an argument is an invalid one. */
function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ChainError || error instanceof PageError) throw invalid(error.message);
    throw error;
  }
}

const addressOf = (text: string): Uint8Array => reading(() => accountAddress.decode(text));

const numberPattern = /^(0|[1-9][0-9]{0,18})$/;

function numberOf(text: string, what: string): bigint {
  if (!numberPattern.test(text)) throw invalid(`${what} is "${text.slice(0, 64)}"; expected decimal digits`);
  return BigInt(text);
}

const epochOf = (ctx: ReadContext, text: string): bigint =>
  text === "" ? epochNow(ctx) : numberOf(text, "the number of an epoch");

/** By its id, or by its operator where that has one alone. */
function idOf(text: string, ofOperator: (operator: Uint8Array) => Iterable<bigint>, what: string): bigint {
  if (numberPattern.test(text)) return BigInt(text);
  const ids: bigint[] = [];
  for (const id of ofOperator(addressOf(text))) {
    ids.push(id);
    if (ids.length > 1) throw invalid(`${text} has several ${what}s; ask by id, as ${ids.join(" or ")}`);
  }
  const [only] = ids;
  if (only === undefined) throw notFound(`${text} has no ${what}`);
  return only;
}

function* second<A>(keys: Iterable<readonly [A, bigint]>): Generator<bigint> {
  for (const [, id] of keys) yield id;
}

function requireRelayOf(ctx: ReadContext, text: string): Relay {
  const ids = (operator: Uint8Array) => second(state.relaysByOperator.keys(ctx, { leading: [operator] }));
  const found = relay(ctx, idOf(text, ids, "relay"));
  if (found === undefined) throw notFound(`there is no relay ${text}`);
  return found;
}

function requireOracleOf(ctx: ReadContext, text: string): Oracle {
  const ids = (operator: Uint8Array) => second(state.oraclesByOperator.keys(ctx, { leading: [operator] }));
  const found = oracle(ctx, idOf(text, ids, "oracle"));
  if (found === undefined) throw notFound(`there is no oracle ${text}`);
  return found;
}

function subjectOf(ctx: ReadContext, kind: string, id: string): Subject {
  if (kind === "relay") return relaySubject(requireRelayOf(ctx, id).id);
  if (kind === "oracle") return oracleSubject(requireOracleOf(ctx, id).id);
  throw invalid(`kind is "${kind.slice(0, 64)}"; expected relay or oracle`);
}

// -------------------------------------------------------------------------------------------------------------------- views

function relayView(ctx: ReadContext, found: Relay): proto.RelayView {
  const epoch = epochNow(ctx);
  const operator = accountAddress.decode(found.operator);
  return {
    relay: found,
    terms: termsOf(found, epoch),
    trust: trustToProto(latestTrust(ctx, found.id)),
    bond: `${relayBond(ctx, found.id)}`,
    requiredBond: `${requiredBond(ctx, found.id)}`,
    visibleBps: visibleClaimAt(ctx, epoch, found.id),
    family: familyOf(ctx, epoch, operator),
    epochsBehind: epochsBehind(ctx, found.softwareVersion, epoch),
    denied: isDenied(ctx, operator),
  };
}

function oracleView(ctx: ReadContext, found: Oracle): proto.OracleView {
  const epoch = epochNow(ctx);
  const operator = accountAddress.decode(found.operator);
  return {
    oracle: found,
    terms: oracleTermsAt(ctx, epoch, found.id),
    provenBps: provenCapacityAt(found, epoch, paramsAt(ctx, epoch).unprovenBps),
    bond: `${oracleBond(ctx, found.id)}`,
    family: familyOf(ctx, epoch, operator),
    epochsBehind: epochsBehind(ctx, found.softwareVersion, epoch),
    denied: isDenied(ctx, operator),
  };
}

function delegationView(ctx: ReadContext, subject: Subject, delegator: Uint8Array): proto.DelegationView {
  const shares = delegationShares(ctx, subject, delegator);
  return {
    subject,
    delegator: accountAddress.encode(delegator),
    shares: decToProto(shares),
    amount: `${payout(poolOf(ctx, subject), shares)}`,
  };
}

// ------------------------------------------------------------------------------------------------------ relays and oracles

function relaysPage(ctx: ReadContext, operator: string, page: PageRequest | undefined): proto.QueryRelaysResponse {
  return reading(() => {
    if (operator === "") {
      const { items, pagination } = paginate(ctx, state.relays, page, (_id, found) => found);
      return { relays: items, pagination };
    }
    const leading = [accountAddress.decode(operator)] as const;
    const { items, pagination } = paginate(ctx, state.relaysByOperator, page, ([, id]) => relay(ctx, id)!, leading);
    return { relays: items, pagination };
  });
}

function oraclesPage(ctx: ReadContext, operator: string, page: PageRequest | undefined): proto.QueryOraclesResponse {
  return reading(() => {
    if (operator === "") {
      const { items, pagination } = paginate(ctx, state.oracles, page, (_id, found) => found);
      return { oracles: items, pagination };
    }
    const leading = [accountAddress.decode(operator)] as const;
    const { items, pagination } = paginate(ctx, state.oraclesByOperator, page, ([, id]) => oracle(ctx, id)!, leading);
    return { oracles: items, pagination };
  });
}

function shareOf(text: string): Dec {
  return text === "" ? 0n : reading(() => parseDec(text));
}

function search(ctx: ReadContext, request: proto.QuerySearchRequest): proto.QuerySearchResponse {
  const { cell, exit, priceMax, measuredBpsMin, reputationMin, pagination } = request;
  if (cell !== "" && !isCellName(cell)) throw invalid(`cell is "${cell.slice(0, 64)}"; expected a cell's name`);
  if (exit !== ExitKind.EXIT_KIND_UNSPECIFIED && !exitKinds.includes(exit)) throw invalid("exit is no exit policy");
  if ((pagination?.offset ?? 0n) > 0n || pagination?.countTotal === true || pagination?.reverse === true) {
    throw invalid("a search has no offset, total or reverse order; follow next_key instead");
  }
  const asked = pagination?.limit ?? 0n;
  const limit = asked === 0n || asked > BigInt(searchPageMax) ? searchPageMax : Number(asked);
  const wanted = {
    cell: cell === "" ? undefined : cell,
    exit: exit === ExitKind.EXIT_KIND_UNSPECIFIED ? undefined : exit,
    priceMax: priceMax === 0n ? undefined : priceMax,
    measuredBpsMin,
    reputationMin: shareOf(reputationMin),
  };
  const { found, nextKey } = searchRelays(ctx, wanted, pagination?.key ?? new Uint8Array(0), limit);
  return {
    results: found.map(({ relay: of, trust }) => ({ relay: of, trust: trustToProto(trust) })),
    pagination: { nextKey, total: 0n },
  };
}

const registryOf = {
  "/weir.attestation.v1.Query/Params": query(proto.QueryParamsRequest, proto.QueryParamsResponse, (ctx) => ({
    params: paramsToProto(getParams(ctx)),
  })),

  "/weir.attestation.v1.Query/Relay": query(proto.QueryRelayRequest, proto.QueryRelayResponse, (ctx, request) => ({
    relay: relayView(ctx, requireRelayOf(ctx, request.relay)),
  })),

  "/weir.attestation.v1.Query/Relays": query(
    proto.QueryRelaysRequest,
    proto.QueryRelaysResponse,
    (ctx, { operator, pagination }) => relaysPage(ctx, operator, pagination),
  ),

  "/weir.attestation.v1.Query/Search": query(proto.QuerySearchRequest, proto.QuerySearchResponse, search),

  "/weir.attestation.v1.Query/Oracle": query(proto.QueryOracleRequest, proto.QueryOracleResponse, (ctx, request) => ({
    oracle: oracleView(ctx, requireOracleOf(ctx, request.oracle)),
  })),

  "/weir.attestation.v1.Query/Oracles": query(
    proto.QueryOraclesRequest,
    proto.QueryOraclesResponse,
    (ctx, { operator, pagination }) => oraclesPage(ctx, operator, pagination),
  ),

  "/weir.attestation.v1.Query/Operator": query(
    proto.QueryOperatorRequest,
    proto.QueryOperatorResponse,
    (ctx, request) => {
      const operator = addressOf(request.operator);
      return {
        registered: operatorOf(ctx, operator),
        denial: denialOf(ctx, operator),
        memberships: state.memberships.get(ctx, operator)?.memberships ?? [],
        listed: state.pilotOperators.has(ctx, operator),
      };
    },
  ),

  "/weir.attestation.v1.Query/Committee": query(
    proto.QueryCommitteeRequest,
    proto.QueryCommitteeResponse,
    (ctx, request) => {
      const { id } = requireRelayOf(ctx, request.relay);
      const epoch = epochOf(ctx, request.epoch);
      const opened = epochAt(ctx, epoch);
      if (opened === undefined) throw notFound(`epoch ${epoch} has not opened yet, or is forgotten`);
      const oracles = oraclesAtOpen(ctx, epoch);
      return {
        relay: id,
        epoch,
        audited: isAuditedIn(ctx, epoch, id),
        committee: committeeOf(ctx, epoch, id, oracles),
        visibleBps: visibleClaimAt(ctx, epoch, id),
        eligible: eligibleFor(ctx, epoch, id, oracles),
        seed: opened.seed,
      };
    },
  ),
};

// -------------------------------------------------------------------------------------------------------------------- bonds

/** Of what is leaving: as many pools as there were epochs in which any left. */
function unbondingTokens(ctx: ReadContext, subject: Subject): bigint {
  let sum = 0n;
  for (const [, epoch] of state.unbondingPools.keys(ctx, { leading: [subject] })) {
    sum += unbondingPool(ctx, subject, epoch).tokens;
  }
  return sum;
}

const bondsOf = {
  "/weir.attestation.v1.Query/Bond": query(proto.QueryBondRequest, proto.QueryBondResponse, (ctx, request) => {
    const subject = subjectOf(ctx, request.kind, request.id);
    const epoch = epochOf(ctx, request.epoch);
    const pool = poolOf(ctx, subject);
    const required = isRelay(subject)
      ? requiredBondFor(ctx, visibleClaimAt(ctx, epoch, subject.id))
      : getParams(ctx).oracleBondMin;
    return {
      pool: poolToProto(pool),
      required: `${required}`,
      least: `${leastTokensIn(pool, epoch)}`,
      unbonding: `${unbondingTokens(ctx, subject)}`,
    };
  }),

  "/weir.attestation.v1.Query/Delegations": query(
    proto.QueryDelegationsRequest,
    proto.QueryDelegationsResponse,
    (ctx, request) => {
      const subject = subjectOf(ctx, request.kind, request.id);
      const view = ([of, delegator]: readonly [Subject, Uint8Array]) => delegationView(ctx, of, delegator);
      const page = reading(() => paginate(ctx, state.delegations, request.pagination, view, [subject]));
      return { delegations: page.items, pagination: page.pagination };
    },
  ),

  "/weir.attestation.v1.Query/DelegatorDelegations": query(
    proto.QueryDelegatorDelegationsRequest,
    proto.QueryDelegatorDelegationsResponse,
    (ctx, request) => {
      const leading = [addressOf(request.delegator)] as const;
      const view = ([delegator, of]: readonly [Uint8Array, Subject]) => delegationView(ctx, of, delegator);
      const page = reading(() => paginate(ctx, state.delegationsByDelegator, request.pagination, view, leading));
      return { delegations: page.items, pagination: page.pagination };
    },
  ),

  "/weir.attestation.v1.Query/DelegatorUnbondings": query(
    proto.QueryDelegatorUnbondingsRequest,
    proto.QueryDelegatorUnbondingsResponse,
    (ctx, request) => {
      const leading = [addressOf(request.delegator)] as const;
      const page = reading(() =>
        paginate(
          ctx,
          state.unbondings,
          request.pagination,
          ([delegator, subject, epoch], unbonding) => ({
            subject,
            epoch,
            delegator: accountAddress.encode(delegator),
            unbonding,
            amount: `${unbondingWorth(ctx, subject, epoch, unbonding)}`,
          }),
          leading,
        ),
      );
      return { unbondings: page.items, pagination: page.pagination };
    },
  ),
};

// ----------------------------------------------------------------------------------------------------------- families, lists

const listsOf = {
  "/weir.attestation.v1.Query/Family": query(proto.QueryFamilyRequest, proto.QueryFamilyResponse, (ctx, request) => {
    const family = state.families.get(ctx, request.id);
    if (family === undefined) throw notFound(`there is no family ${request.id}`);
    const name = ([, operator]: readonly [bigint, Uint8Array]) => accountAddress.encode(operator);
    const page = reading(() => paginate(ctx, state.familyMembers, request.pagination, name, [request.id]));
    return { family, members: page.items, pagination: page.pagination };
  }),

  "/weir.attestation.v1.Query/Families": query(
    proto.QueryFamiliesRequest,
    proto.QueryFamiliesResponse,
    (ctx, request) => {
      const page = reading(() => paginate(ctx, state.families, request.pagination, (_id, family) => family));
      return { families: page.items, pagination: page.pagination };
    },
  ),

  "/weir.attestation.v1.Query/Invitations": query(
    proto.QueryInvitationsRequest,
    proto.QueryInvitationsResponse,
    (ctx, request) => {
      const operator = addressOf(request.operator);
      const view = ([, family]: readonly [Uint8Array, bigint]) => ({
        family,
        invitation: state.invitations.get(ctx, [family, operator]),
      });
      const page = reading(() => paginate(ctx, state.invitationsByOperator, request.pagination, view, [operator]));
      return { invitations: page.items, pagination: page.pagination };
    },
  ),

  "/weir.attestation.v1.Query/Cells": query(proto.QueryCellsRequest, proto.QueryCellsResponse, (ctx, request) => {
    const page = reading(() => paginate(ctx, state.cells, request.pagination, (_name, cell) => cell));
    return { cells: page.items, pagination: page.pagination };
  }),

  "/weir.attestation.v1.Query/CellRtts": query(
    proto.QueryCellRttsRequest,
    proto.QueryCellRttsResponse,
    (ctx, { cell }) => {
      if (!isCellName(cell) || !state.cells.has(ctx, cell)) throw notFound(`there is no cell ${cell.slice(0, 64)}`);
      const names = [...state.cells.keys(ctx)];
      const pairs = names.map((other) => (cell <= other ? ([cell, other] as const) : ([other, cell] as const)));
      const known = pairs.map(([first, second]) => ({ first, second, rtt: state.cellRtts.get(ctx, [first, second]) }));
      const rtts = known.flatMap(({ rtt, ...names }) => (rtt === undefined ? [] : [{ ...names, rttMicros: rtt }]));
      return { rtts };
    },
  ),

  "/weir.attestation.v1.Query/Pilot": query(proto.QueryPilotRequest, proto.QueryPilotResponse, (ctx, request) => {
    const lists = { operators: state.pilotOperators, buyers: state.pilotBuyers };
    if (request.list !== "operators" && request.list !== "buyers") {
      throw invalid(`list is "${request.list.slice(0, 64)}"; expected operators or buyers`);
    }
    const list = lists[request.list];
    const page = reading(() => paginate(ctx, list, request.pagination, (address) => accountAddress.encode(address)));
    return { addresses: page.items, pagination: page.pagination };
  }),

  "/weir.attestation.v1.Query/Denials": query(proto.QueryDenialsRequest, proto.QueryDenialsResponse, (ctx, request) => {
    const view = (operator: Uint8Array, denial: proto.DenialView["denial"]) => ({
      operator: accountAddress.encode(operator),
      denial,
    });
    const page = reading(() => paginate(ctx, state.denials, request.pagination, view));
    return { denials: page.items, pagination: page.pagination };
  }),

  "/weir.attestation.v1.Query/Software": query(proto.QuerySoftwareRequest, proto.QuerySoftwareResponse, (ctx) => ({
    versions: [...governedVersions(ctx)],
  })),
};

export const registryQueries = { ...registryOf, ...bondsOf, ...listsOf };
