/**
 * What is mutated together, and which tests should notice. Without the slow properties, and without histories that are lived when their
 * file is loaded: of those every test would seem to cover everything.
 */

export interface MutationGroup {
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
}

export const groups: Readonly<Record<string, MutationGroup>> = {
  attestation: {
    mutate: [
      "modules/attestation/{attestationbytes,attestationprefix,attestationslimits,committee,covert,disputesverdict,leaves,readingspacked,slots,tally}.ts",
    ],
    tests: [
      "modules/attestation/{attestationbytes,attestationslimits,committee,covert,disputesverdict,leaves,readingspacked,slots,tally}.test.ts",
    ],
  },
  compliance: {
    mutate: ["modules/compliance/{credentials,held,issuance,jurisdictions,limits,restrictions,rules,texts}.ts"],
    tests: ["modules/compliance/{credentials,freezes,issuance,limits}.test.ts", "modules/market/wishes.test.ts"],
  },
  distribution: {
    mutate: ["modules/distribution/{records,periods,delegations,allocation,pool,hooks}.ts"],
    tests: ["modules/distribution/{distribution,messages,genesis,periods}.test.ts"],
  },
  evidence: {
    mutate: ["modules/attestation/evidence{,formats,genesis,messages,queries}.ts"],
    tests: ["modules/attestation/evidence.test.ts"],
  },
  gov: {
    mutate: ["modules/gov/{count,tally,conclude,endblock,deposits,votes,submission,constitution,run,params,keeper}.ts"],
    tests: ["modules/gov/{count,proposals,hostile,genesis,queries}.test.ts"],
  },
  market: {
    mutate: [
      "modules/market/{checks,contracts,genesischecks,quote,sessions,settle,settlements,split,spotprice,subscriptions,sweep,voucher,wallets,windows}.ts",
    ],
    tests: ["modules/market/*.test.ts"],
  },
  mint: {
    mutate: ["modules/mint/{schedule,inflation,keeper,params,genesis,queries}.ts"],
    tests: ["modules/mint/*.test.ts"],
  },
  registry: {
    mutate: [
      "modules/attestation/{bondpool,bonds,cells,denials,epochvalues,families,keys,openings,oracles,relays,search,searchkey,slash,software,stage,standing,ties,unbonding}.ts",
    ],
    tests: ["modules/attestation/{bondpool,bonds,governance,openings,registry,search,standing}.test.ts"],
  },
  reserve: {
    mutate: [
      "modules/reserve/{auction,audit,basket,book,budget,buy,finalize,flows,payouts,prices,redeem,report,sale,salecurve}.ts",
    ],
    tests: ["modules/reserve/*.test.ts"],
  },
  rewards: {
    mutate: [
      "modules/rewards/{weight,reputation,covert,curve,caps,scarcity,pools,bond,judgement,vesting,liquid,ratio,page,disputes,thresholds}.ts",
    ],
    tests: ["modules/rewards/{rules,liquid,vesting,pages,explain}.test.ts"],
  },
  staking: {
    mutate: [
      "modules/staking/{delegate,validator,unbonding,redelegation,slash,jail,maturing,validatorset,validatorqueue}.ts",
    ],
    tests: ["modules/staking/*.test.ts"],
  },
};
