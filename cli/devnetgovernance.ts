/** What is other in a devnet's governance: votes and delays of a minute or two, so that somebody who tries them out sees how they end. */
import { asObject } from "../chain/consensus/json.ts";

const params = {
  max_deposit_period: "600s",
  voting_period: "60s",
  expedited_voting_period: "30s",
} as const;

const weirParams = { economic_voting_period: "90s", economic_delay: "60s" } as const;

export function withShortVotes(appState: Record<string, unknown>): Record<string, unknown> {
  const path = "app_state.gov";
  const gov = asObject(appState.gov, path);
  const weir = asObject(gov.weir, `${path}.weir`);
  const own = { ...weir, params: { ...asObject(weir.params, `${path}.weir.params`), ...weirParams } };
  return { ...appState, gov: { ...gov, params: { ...asObject(gov.params, `${path}.params`), ...params }, weir: own } };
}
