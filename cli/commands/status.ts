/** `weir status`: what a running node says of itself. */
import { asObject, type JsonObject } from "../../chain/consensus/json.ts";
import type { Command } from "../command.ts";

const answerMillisMax = 10_000;

export const command: Command = {
  name: "status",
  positionals: [],
  summary: "Asks a running node how it is.",
  flags: [],
  examples: ["weir status", "weir status --node http://127.0.0.1:26667 --output json"],
  async run(invocation) {
    const url = invocation.flag("node") ?? "";
    const status = await ask(url);
    invocation.answer(table(status), status);
    return 0;
  },
};

async function ask(url: string): Promise<JsonObject> {
  let response: Response;
  try {
    response = await fetch(new URL("status", url.endsWith("/") ? url : `${url}/`), {
      signal: AbortSignal.timeout(answerMillisMax),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new Error(`no node answers at ${url} (${cause}): start one with \`weir start\`, or pass --node`);
  }
  const answer = asObject(await response.json(), `the answer of ${url}`);
  return asObject(answer.result, `the answer of ${url}`);
}

function table(status: JsonObject): string {
  const node = asObject(status.node_info, "node_info");
  const sync = asObject(status.sync_info, "sync_info");
  const validator = asObject(status.validator_info, "validator_info");
  const rows: readonly (readonly [string, unknown])[] = [
    ["chain", node.network],
    ["node", `${node.moniker} (${node.id})`],
    ["height", sync.latest_block_height],
    ["block time", sync.latest_block_time],
    ["app hash", sync.latest_app_hash],
    ["validator", `${validator.address}, power ${validator.voting_power}`],
    ["state", sync.catching_up === true ? "catching up" : "up to date"],
  ];
  return rows.map(([name, value]) => `${name.padEnd(11)} ${String(value)}\n`).join("");
}
