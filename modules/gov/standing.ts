/** How a proposal's vote stands, with what it is measured by, for whoever votes or watches. Owns no rule: it repeats those of count.ts in shares. */
import type { ReadContext, Timestamp } from "../../chain/context.ts";
import { type Dec, decFromInt, decQuo, decSub, formatDec } from "../../chain/dec.ts";
import { ChainError } from "../../chain/errors.ts";
import type { Proposal, TallyResult } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import type { Standing } from "../../proto/gen/weir/gov/v1/query.ts";
import { totalBondedTokens } from "../staking/index.ts";
import { meaningOf, openMessage, type Router } from "./constitution.ts";
import { resultOf, type Sums } from "./count.ts";
import { actsAt } from "./delayed.ts";
import { getParams, inDepositPeriod, inVotingPeriod, isCounted, isEconomic, passed } from "./keeper.ts";
import { previewCount } from "./tally.ts";

interface Counted {
  readonly sums: Sums;
  readonly bondedTokens: bigint;
}

const sumsOf = ({ yesCount, abstainCount, noCount, noWithVetoCount }: TallyResult): Sums => {
  const [yes, abstain, no, noWithVeto] = [yesCount, abstainCount, noCount, noWithVetoCount].map((text) =>
    decFromInt(BigInt(text || "0")),
  ) as [Dec, Dec, Dec, Dec];
  return { yes, abstain, no, noWithVeto, power: yes + abstain + no + noWithVeto };
};

/** What is over is measured by what is bonded now: what was bonded then is not kept. */
function countedOf(ctx: ReadContext, proposal: Proposal): Counted {
  if (proposal.status === inVotingPeriod) return previewCount(ctx, proposal.id);
  const none = { yesCount: "0", abstainCount: "0", noCount: "0", noWithVetoCount: "0" };
  return { sums: sumsOf(proposal.finalTallyResult ?? none), bondedTokens: totalBondedTokens(ctx) };
}

const ratio = (part: Dec, whole: Dec): string => formatDec(whole === 0n ? 0n : decQuo(part, whole));

/** Before the vote begins its class is what it would be now. */
function isEconomicProposal(ctx: ReadContext, router: Router, { id, status, messages }: Proposal): boolean {
  if (status !== inDepositPeriod) return isEconomic(ctx, id);
  try {
    return meaningOf(
      ctx,
      router,
      messages.map((message) => openMessage(router, message)),
    ).isEconomic;
  } catch (error) {
    if (error instanceof ChainError) return false;
    throw error;
  }
}

export function standingOf(ctx: ReadContext, router: Router, proposal: Proposal): Standing {
  const { id, title, status, expedited, failedReason } = proposal;
  const { sums, bondedTokens } = countedOf(ctx, proposal);
  const { quorum, threshold, expeditedThreshold, vetoThreshold } = getParams(ctx);
  const waitsUntil = status === passed ? actsAt(ctx, id) : undefined;
  const stages: Partial<Record<number, Timestamp | undefined>> = {
    [inDepositPeriod]: proposal.depositEndTime,
    [inVotingPeriod]: proposal.votingEndTime,
    [passed]: waitsUntil,
  };
  return {
    proposalId: id,
    title,
    status,
    class: isEconomicProposal(ctx, router, proposal) ? "economic" : "routine",
    expedited,
    endsAt: stages[status],
    tally: resultOf(sums),
    turnout: ratio(sums.power, decFromInt(bondedTokens)),
    yesShare: ratio(sums.yes, decSub(sums.power, sums.abstain)),
    vetoShare: ratio(sums.noWithVeto, sums.power),
    quorum,
    threshold: expedited ? expeditedThreshold : threshold,
    vetoThreshold,
    delayed: waitsUntil !== undefined,
    counting: isCounted(ctx, id),
    failedReason,
  };
}
