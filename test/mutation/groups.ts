/** What is mutated together, and which tests should notice. Without the slow properties: every mutant runs all of a group's tests. */

export interface MutationGroup {
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
}

export const groups: Readonly<Record<string, MutationGroup>> = {
  distribution: {
    mutate: ["modules/distribution/{records,periods,delegations,allocation,pool,hooks}.ts"],
    tests: ["modules/distribution/{distribution,messages,genesis,sdk}.test.ts"],
  },
  mint: {
    mutate: ["modules/mint/{schedule,inflation,keeper,params,genesis,queries}.ts"],
    tests: ["modules/mint/*.test.ts", "modules/distribution/sdk.test.ts"],
  },
  staking: {
    mutate: [
      "modules/staking/{delegate,validator,unbonding,redelegation,slash,jail,maturing,validatorset,validatorqueue}.ts",
    ],
    tests: ["modules/staking/*.test.ts", "modules/distribution/sdk.test.ts"],
  },
};
