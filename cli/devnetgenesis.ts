/**
 * What is other in a devnet's genesis than in any new chain's: the rules of measuring and paying, so short and small that they show themselves in
 * minutes with three oracles and five relays on one machine. Owns the figures; what they mean is each module's.
 */
import { asObject } from "../chain/consensus/json.ts";

/** One of the five claims ten times what it carries; the sum of all claims, so that a pool is paid about in full. */
const claimsBps = 4n * 10_000_000n + 100_000_000n;

const changes: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  beacon: { epoch_duration: "20s" },
  attestation: {
    // All are on one address.
    prefix_rules: false,
    audit_one_in: "1",
    audit_one_in_evidenced: "1",
    covert_rate: "1.000000000000000000",
  },
  rewards: { reference_bps: `${claimsBps}` },
};

/** Of another length than the devnet's usual one. */
export function withEpochSeconds(appState: Record<string, unknown>, seconds: bigint): Record<string, unknown> {
  const path = "app_state.beacon";
  const beacon = asObject(appState.beacon, path);
  const params = { ...asObject(beacon.params, `${path}.params`), epoch_duration: `${seconds}s` };
  return { ...appState, beacon: { ...beacon, params } };
}

export function withDevnetRules(appState: Record<string, unknown>): Record<string, unknown> {
  const changed = Object.entries(changes).map(([name, params]) => {
    const path = `app_state.${name}`;
    const module = asObject(appState[name], path);
    return [name, { ...module, params: { ...asObject(module.params, `${path}.params`), ...params } }] as const;
  });
  return { ...appState, ...Object.fromEntries(changed) };
}
