/** `weir gov watch`: a line whenever a proposal or its vote changes, until Ctrl-C or, with --until-decided, until there is nothing to wait for. */
import { setTimeout as pause } from "node:timers/promises";
import { toJson } from "../../chain/protojson.ts";
import { NodeClient } from "../../node/chain/nodeclient.ts";
import { Standing } from "../../proto/gen/weir/gov/v1/query.ts";
import { UsageError } from "../arguments.ts";
import type { Command, Invocation } from "../command.ts";
import { standingOf, standingsOf } from "../governance/asking.ts";
import { isDecided, kindOf, measures, stageOf, timeLeft } from "../governance/view.ts";
import { sanitize } from "../table.ts";

/** Of the newest proposals. */
const watchedMax = 50n;
const pollMillis = 1_000;

/** What, when it changes, is worth a line: time alone is not. */
const stateOf = (standing: Standing): string =>
  JSON.stringify(toJson(Standing.$type, { ...standing, endsAt: undefined }));

function lineOf(standing: Standing): string {
  const left = timeLeft(standing.endsAt, BigInt(Math.floor(Date.now() / 1000)));
  const head = [
    `#${standing.proposalId}`,
    stageOf(standing),
    kindOf(standing),
    left,
    sanitize(standing.title).slice(0, 60),
  ];
  const reason = standing.failedReason === "" ? [] : [sanitize(standing.failedReason)];
  return [...head.filter((part) => part !== ""), measures(standing), ...reason].join("  ");
}

async function look(node: NodeClient, id: bigint | undefined): Promise<readonly Standing[]> {
  if (id !== undefined) return [await standingOf(node, id)];
  return [...(await standingsOf(node, { limit: watchedMax }))].reverse();
}

function idOf({ positionals: [text] }: Invocation): bigint | undefined {
  if (text === undefined) return undefined;
  if (!/^[0-9]{1,19}$/.test(text))
    throw new UsageError(`${text} is no proposal's number: weir query gov proposals lists them`);
  return BigInt(text);
}

export const command: Command = {
  name: "gov watch",
  positionals: ["[PROPOSAL-ID]"],
  summary: "Follows proposals live: a line whenever one of them, or its vote, changes.",
  description: `The newest ${watchedMax}, or one of them. With --output json a line is a JSON document.`,
  flags: [{ name: "until-decided", help: "end when none of them is open any more" }],
  examples: ["weir gov watch", "weir gov watch 1 --until-decided"],
  async run(invocation) {
    const node = new NodeClient(invocation.flag("node") ?? "");
    const id = idOf(invocation);
    const known = new Map<bigint, string>();
    for (;;) {
      const standings = await look(node, id);
      for (const standing of standings) {
        const state = stateOf(standing);
        if (known.get(standing.proposalId) === state) continue;
        known.set(standing.proposalId, state);
        invocation.answer(`${lineOf(standing)}\n`, toJson(Standing.$type, standing));
      }
      if (invocation.has("until-decided") && standings.every(isDecided)) return 0;
      await pause(pollMillis);
    }
  },
};
