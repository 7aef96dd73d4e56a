/** Votes as they are cast. Owns what a vote may be; what it weighs is count.ts. */
import { accountAddress } from "../../chain/address.ts";
import type { Context } from "../../chain/context.ts";
import { type Dec, decOne, parseDec } from "../../chain/dec.ts";
import { ChainError, sdk } from "../../chain/errors.ts";
import { VoteOption, type WeightedVoteOption } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import { isOption } from "./count.ts";
import { inactiveProposal, invalidVote } from "./errors.ts";
import { optionsText, voted } from "./events.ts";
import { isCounted } from "./keeper.ts";
import { requireMetadataLength } from "./limits.ts";
import { votes, votingProposals } from "./state.ts";

const optionNames = new Map<number, string>(Object.entries(VoteOption).map(([name, number]) => [number, name]));

/** As Go's protobuf prints an enum. */
const nameOf = (option: number): string => optionNames.get(option) ?? `${option}`;

export const wholeVote = (option: VoteOption): WeightedVoteOption[] => [{ option, weight: "1.000000000000000000" }];

export function requireOption(option: number): void {
  if (!isOption(option)) throw invalidVote(nameOf(option));
}

/** As Go prints the message. */
const textOf = ({ option, weight }: WeightedVoteOption): string =>
  [option === 0 ? "" : `option:${nameOf(option)}`, weight === "" ? "" : `weight:${JSON.stringify(weight)}`]
    .filter((part) => part !== "")
    .map((part) => `${part} `)
    .join("");

function weightOf(part: WeightedVoteOption): Dec | undefined {
  try {
    const weight = parseDec(part.weight);
    return weight > 0n && weight <= decOne && isOption(part.option) ? weight : undefined;
  } catch (error) {
    if (error instanceof ChainError) return undefined;
    throw error;
  }
}

/** Different options, whose weights make one. */
export function requireWeights(options: readonly WeightedVoteOption[]): void {
  if (options.length === 0) throw sdk.invalidRequest(optionsText(options));
  const used = new Set<number>();
  let total = 0n;
  for (const part of options) {
    const weight = weightOf(part);
    if (weight === undefined) throw invalidVote(textOf(part));
    total += weight;
    if (used.has(part.option)) throw invalidVote("duplicated vote option");
    used.add(part.option);
  }
  if (total > decOne) throw invalidVote("total weight overflow 1.00");
  if (total < decOne) throw invalidVote("total weight lower than 1.00");
}

/** Replaces what the voter said before. */
export function castVote(
  ctx: Context,
  id: bigint,
  voter: Uint8Array,
  options: readonly WeightedVoteOption[],
  metadata: string,
): void {
  if (!votingProposals.has(ctx, id) || isCounted(ctx, id)) throw inactiveProposal(`${id}`);
  requireMetadataLength(metadata);
  const text = accountAddress.encode(voter);
  votes.set(ctx, [id, voter], { proposalId: id, voter: text, options: [...options], metadata });
  ctx.emit(voted(id, text, options));
}
