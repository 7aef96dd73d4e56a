/**
 * The grammar of ABCI 2.0's calls (CometBFT's specification, "Valid method call sequences"), as an automaton that takes one call after the
 * other. Owns the rules; a sequence may end anywhere, because a process may be killed anywhere.
 *
 * CometBFT 0.38 departs from the text twice, and later versions of the text say it as it does: it asks Info before InitChain, and a
 * state sync begins without either.
 */
import type { Method } from "../../chain/abci/calls.ts";

/** A set of next states by call; "" is a step without a call. */
type Rules = Readonly<Record<string, readonly (readonly [call: Method | "", to: string])[]>>;

const rules: Rules = {
  start: [
    ["info", "asked"],
    ["offerSnapshot", "offered"],
  ],
  // Recovery, or a clean start.
  asked: [
    ["initChain", "height"],
    ["", "height"],
  ],
  offered: [
    ["offerSnapshot", "offered"],
    ["applySnapshotChunk", "applied"],
  ],
  applied: [
    ["applySnapshotChunk", "applied"],
    ["offerSnapshot", "offered"],
    ["info", "height"],
  ],
  height: [
    ["finalizeBlock", "decided"],
    ["", "round"],
  ],
  round: [
    ["verifyVoteExtension", "round"],
    ["prepareProposal", "prepared"],
    ["processProposal", "processed"],
    ["", "processed"],
  ],
  prepared: [
    ["processProposal", "processed"],
    ["", "processed"],
  ],
  processed: [
    ["verifyVoteExtension", "processed"],
    ["extendVote", "extended"],
    ["", "rounded"],
  ],
  extended: [
    ["verifyVoteExtension", "extended"],
    ["", "rounded"],
  ],
  // Another round of this height, or its end.
  rounded: [["", "height"]],
  decided: [["commit", "height"]],
};

function closure(states: ReadonlySet<string>): Set<string> {
  const all = new Set(states);
  for (const state of all) {
    for (const [call, to] of rules[state] ?? []) if (call === "") all.add(to);
  }
  return all;
}

/**
 * Where the calls first leave the grammar, or undefined. An Info may stand anywhere: an RPC asked for it, or the engine was started again and
 * recovers.
 */
export function grammarFault(calls: readonly Method[]): string | undefined {
  let states = closure(new Set(["start"]));
  for (const [index, call] of calls.entries()) {
    const next = new Set<string>();
    for (const state of states) {
      for (const [wanted, to] of rules[state] ?? []) if (wanted === call) next.add(to);
    }
    if (call === "info") for (const state of [...states, "asked"]) next.add(state);
    if (next.size === 0) {
      const before = calls.slice(Math.max(0, index - 5), index).join(" ");
      return `call ${index}, ${call}, cannot follow ${before === "" ? "the start" : before}`;
    }
    states = closure(next);
  }
  return undefined;
}
