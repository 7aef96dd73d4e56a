/** What an epoch's committees are drawn from, for daemons that draw them as the chain does. Owns no state. */
import { accountAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import type { DrawnRelay, QueryDrawsResponse } from "../../proto/gen/weir/attestation/v1/query.ts";
import { disputeMeasuredIn } from "./disputesstate.ts";
import { familyOf } from "./families.ts";
import { auditOneIn, relayAtOpen } from "./openings.ts";
import { drawnFrom } from "./readingsslots.ts";
import type { EpochView } from "./readingsview.ts";
import { relaysFrom, termsOf } from "./records.ts";

/** Relays that one answer looks at. */
export const drawsPageMax = 200;

export function drawsOf(
  { ctx, number, epoch, params }: EpochView,
  { afterRelay, limit }: { readonly afterRelay: bigint; readonly limit: number },
): QueryDrawsResponse {
  const size = limit === 0 ? drawsPageMax : Math.min(limit, drawsPageMax);
  const page = relaysFrom(ctx, afterRelay, size);
  const { committeeSize, oracleBondMin, prefixRules } = params;
  return {
    epoch: number,
    seed: epoch.seed,
    committeeSize,
    oracleBondMin: `${oracleBondMin}`,
    prefixRules,
    oracles: drawnFrom(ctx, number).map(({ family, prefixes, bond, ...rest }) => ({
      ...rest,
      family: family ?? "",
      prefixes: [...prefixes],
      bond: `${bond}`,
    })),
    relays: page.flatMap((relay) => drawnRelay(ctx, number, relay)),
    nextAfterRelay: page.length < size ? 0n : page.at(-1)!.id,
  };
}

function drawnRelay(
  ctx: ReadContext,
  epoch: bigint,
  relay: Parameters<typeof termsOf>[0] & { id: bigint },
): DrawnRelay[] {
  const atOpen = relayAtOpen(ctx, epoch, relay.id);
  const terms = termsOf(relay, epoch);
  if (atOpen === undefined || terms === undefined) return [];
  const { id, operator, prefix, claimBps, delegatingOperators } = atOpen;
  return [
    {
      id,
      operator,
      family: familyOf(ctx, epoch, accountAddress.decode(operator)),
      prefix: prefix ?? "",
      claimBps,
      delegatingOperators: [...delegatingOperators],
      cell: terms.cell,
      transportKey: terms.transportKey,
      endpoints: terms.endpoints,
      auditOneIn: auditOneIn(ctx, epoch, id),
      isDisputed: disputeMeasuredIn(ctx, epoch, id) !== undefined,
    },
  ];
}
