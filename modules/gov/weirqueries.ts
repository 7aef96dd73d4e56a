/** This chain's own queries of governance: the constitution, what a proposal means, what it would do, and how votes stand. */
import type { ReadContext } from "../../chain/context.ts";
import { ChainError, QueryError } from "../../chain/errors.ts";
import { scratchContext } from "../../chain/execution.ts";
import { limitedGasMeter, unlimitedGasMeter } from "../../chain/gas.ts";
import { query } from "../../chain/handlers.ts";
import { PageError, paginate } from "../../chain/pagination.ts";
import { type AnyModuleParameters, parameterText, rangeText } from "../../chain/parameters.ts";
import { strictDecode } from "../../chain/tx/strict.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import * as proto from "../../proto/gen/weir/gov/v1/query.ts";
import { proposalOf } from "./answers.ts";
import { economicNames, type Meaning, meaningOf, openMessage, openProposed, type Router } from "./constitution.ts";
import { economicIsNotExpedited } from "./errors.ts";
import { getWeirParams, votingPeriodOf } from "./keeper.ts";
import { requireMessageCount } from "./limits.ts";
import { runMessages } from "./run.ts";
import { standingOf } from "./standing.ts";
import { delayedQueue, proposals } from "./state.ts";

const noChanges: Meaning = { changes: [], isEconomic: false, isLoosening: false };

function toMeaning(
  ctx: ReadContext,
  messages: readonly Any[],
  { changes, isEconomic, isLoosening }: Meaning,
  expedited: boolean,
  problem: string,
): proto.Meaning {
  return {
    class: isEconomic ? "economic" : "routine",
    changes: changes.map(({ module, name, rule, before, after, isLoosening: loosens, messageIndex }) => ({
      module,
      name,
      words: rule.words,
      before,
      after,
      range: rangeText(rule),
      class: rule.class,
      loosens,
      messageIndex,
    })),
    delay: isLoosening ? getWeirParams(ctx).economicDelay : undefined,
    votingPeriod: votingPeriodOf(ctx, expedited && !isEconomic, isEconomic),
    messages: messages.map(({ typeUrl }) => typeUrl),
    problem,
  };
}

/** What it means, or why it could not be proposed now. */
function judged(body: () => Meaning): { readonly meaning: Meaning; readonly problem: string } {
  try {
    return { meaning: body(), problem: "" };
  } catch (error) {
    if (error instanceof ChainError) return { meaning: noChanges, problem: error.message };
    throw error;
  }
}

const changesOver = (router: Router) =>
  query(proto.QueryChangesRequest, proto.QueryChangesResponse, (ctx, { proposalId }) => {
    const { messages, expedited } = proposalOf(ctx, proposalId);
    const { meaning, problem } = judged(() => {
      const opened = messages.map((message) => openMessage(router, message));
      return meaningOf(ctx, router, opened);
    });
    return { meaning: toMeaning(ctx, messages, meaning, expedited, problem) };
  });

/** As a transaction's: what would not be accepted there has no meaning here either. */
function requireEncoding({ typeUrl, value }: Any): void {
  try {
    strictDecode(typeUrl.slice(1), value);
  } catch (error) {
    if (error instanceof ChainError) throw new QueryError("InvalidArgument", `${typeUrl}: ${error.message}`);
    throw error;
  }
}

const simulateOver = (router: Router) =>
  query(proto.QuerySimulateRequest, proto.QuerySimulateResponse, (ctx, { messages, expedited }) => {
    requireMessageCount(messages.length);
    for (const message of messages) requireEncoding(message);
    const { meaning, problem } = judged(() => {
      const proposed = meaningOf(ctx, router, openProposed(router, messages));
      if (expedited && proposed.isEconomic) throw economicIsNotExpedited(economicNames(proposed));
      return proposed;
    });
    const gasMax = getWeirParams(ctx).executionGasMax;
    const answer = { meaning: toMeaning(ctx, messages, meaning, expedited, problem), gasMax };
    if (problem !== "") return { ...answer, executes: false, problem, gasUsed: 0n, events: [] };
    const gas = limitedGasMeter(gasMax);
    const scratch = scratchContext(ctx, unlimitedGasMeter());
    const opened = messages.map((message) => openMessage(router, message));
    const refusal = runMessages(scratch, opened, gas);
    return {
      ...answer,
      executes: refusal === undefined,
      problem: refusal === undefined ? "" : `message ${refusal.index}: ${refusal.error.message}`,
      gasUsed: gas.consumed,
      events: [...new Set(scratch.events.map(({ type }) => type))],
    };
  });

function listed(ctx: ReadContext, module: string, parameters: AnyModuleParameters): proto.Parameter[] {
  const now = parameters.read(ctx);
  return Object.entries(parameters.rules).map(([name, rule]) => ({
    module,
    name,
    words: rule.words,
    value: parameterText(parameters, now, name),
    range: rangeText(rule),
    class: rule.class,
    loosens: rule.loosens ?? "",
    message: parameters.message,
  }));
}

const parametersOver = (router: Router) =>
  query(proto.QueryParametersRequest, proto.QueryParametersResponse, (ctx, { module: wanted }) => {
    const declared = router.parameters().filter(({ module }) => wanted === "" || module === wanted);
    if (declared.length === 0) {
      throw new QueryError("NotFound", `no module ${wanted} has parameters; leave it out for all of them`);
    }
    return { parameters: declared.flatMap(({ module, parameters }) => listed(ctx, module, parameters)) };
  });

function page<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof PageError) throw new QueryError("InvalidArgument", error.message);
    throw error;
  }
}

const standingsOver = (router: Router) =>
  query(proto.QueryStandingsRequest, proto.QueryStandingsResponse, (ctx, { status, pagination }) => {
    const matches = (_id: bigint, proposal: { status: number }) => status === 0 || proposal.status === status;
    const request = { key: new Uint8Array(0), offset: 0n, limit: 0n, countTotal: false, ...pagination, reverse: true };
    const { items, pagination: next } = page(() =>
      paginate(ctx, proposals, request, (_id, proposal) => proposal, undefined, { matches }),
    );
    return { standings: items.map((proposal) => standingOf(ctx, router, proposal)), pagination: next };
  });

/** `router` has the messages and parameters of every module of the chain. */
export const weirQueriesOver = (router: Router) => ({
  "/weir.gov.v1.Query/Params": query(proto.QueryParamsRequest, proto.QueryParamsResponse, (ctx) => ({
    params: getWeirParams(ctx),
  })),
  "/weir.gov.v1.Query/Parameters": parametersOver(router),
  "/weir.gov.v1.Query/Changes": changesOver(router),
  "/weir.gov.v1.Query/Simulate": simulateOver(router),
  "/weir.gov.v1.Query/Standings": standingsOver(router),
  "/weir.gov.v1.Query/Standing": query(
    proto.QueryStandingRequest,
    proto.QueryStandingResponse,
    (ctx, { proposalId }) => ({ standing: standingOf(ctx, router, proposalOf(ctx, proposalId)) }),
  ),
  "/weir.gov.v1.Query/Delayed": query(proto.QueryDelayedRequest, proto.QueryDelayedResponse, (ctx, { pagination }) => {
    const { items, pagination: next } = page(() =>
      paginate(ctx, delayedQueue, pagination, ([actsAt], proposalId) => ({ proposalId, actsAt })),
    );
    return { delayed: items, pagination: next };
  }),
});
