/** Whether a devnet that ends did what it is there to show. Pure; says in words what it did not. */
import { audit } from "../../modules/reserve/index.ts";
import type { QueryReportResponse } from "../../proto/gen/weir/reserve/v1/query.ts";
import type { EpochReport } from "../../proto/gen/weir/reserve/v1/state.ts";
import { burnedIn, type DevnetState } from "./snapshot.ts";

/**
 * Two bad epochs of three are slashed when the second one is settled; one more is for a machine that was too busy in one of them, and one for
 * traffic that is settled an epoch after it was carried.
 */
export const epochsThatJudge = 4;

/** Epochs that were measured: void ones count for nothing. */
export const settledEpochs = ({ chain: { records } }: Pick<DevnetState, "chain">): number =>
  records.filter(({ isVoid }) => !isVoid).length;

/** What went wrong, however long it ran; then what should have been seen after so many epochs, undefined where somebody ended it by hand. */
export function troubles(state: DevnetState, epochs: number | undefined): string[] {
  const found = state.processes.flatMap(({ name, ending }) => (ending === undefined ? [] : [`${name} ${ending}`]));
  const { buyer } = state;
  if (buyer.wrongChecksums > 0) {
    found.push(
      `${buyer.wrongChecksums} of ${buyer.downloads} downloads came with the wrong checksum: ${buyer.trouble}`,
    );
  }
  if (epochs === undefined) return found;
  if (settledEpochs(state) < epochs) {
    found.push(`${settledEpochs(state)} epochs are settled; expected ${epochs}`);
  }
  if (epochs >= epochsThatJudge) found.push(...unseen(state));
  return found;
}

function unseen({ chain, buyer }: DevnetState): string[] {
  const found: string[] = [];
  for (const relay of chain.relays) {
    const { name, isLiar, slashed } = relay;
    if (isLiar && slashed === 0n) found.push(`${name} was not slashed: ${measuredWords(relay)}`);
  }
  if (chain.records.reduce((sum, record) => sum + burnedIn(record), 0n) === 0n) {
    found.push("no auction burned anything: no traffic was settled, or nobody offers");
  }
  if (buyer.downloads === 0) {
    found.push(`the buyer completed no download: ${buyer.trouble ?? "none has failed, the first is under way still"}`);
  }
  return found;
}

/** What a machine that is too busy does to a market, and a market that is right does not. */
export const cautions = ({ chain }: DevnetState): string[] => [
  ...chain.relays
    .filter(({ isLiar, slashed }) => !isLiar && slashed > 0n)
    .map((relay) => `${relay.name} was slashed though it carries what it claims: ${measuredWords(relay)}`),
  ...chain.oracles
    .filter(({ slashed }) => slashed > 0n)
    .map(({ name }) => `${name} was slashed for readings that it owed and did not give`),
];

const measuredWords = ({ measured }: { readonly measured: { epoch: bigint; bps: bigint } | undefined }): string =>
  measured === undefined
    ? "no reading of it is on chain"
    : `${measured.bps} bps were measured in epoch ${measured.epoch}`;

/** What `weir reserve audit` would say. */
export function auditTroubles(reports: readonly EpochReport[], report: QueryReportResponse): string[] {
  return audit(reports, report).findings.map(
    ({ epoch, what, found, expected }) =>
      `the reserve does not add up, epoch ${epoch ?? "now"}: ${what} is ${found}, recomputed ${expected}`,
  );
}
