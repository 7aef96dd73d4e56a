/**
 * The version of each module's state, as ModuleVersions answers them: raised by one with each migration (Module.migrations). Of modules of
 * the SDK it begins with the SDK's own, since the state is the same; of ours with 1.
 */
const raised: Readonly<Record<string, bigint>> = {
  auth: 5n,
  authz: 2n,
  bank: 4n,
  distribution: 3n,
  feegrant: 2n,
  gov: 5n,
  mint: 2n,
  slashing: 4n,
  staking: 5n,
  upgrade: 2n,
};

export const moduleVersion = (name: string): bigint => raised[name] ?? 1n;
