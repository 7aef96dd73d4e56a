/** The chain's modules, and each order in which they act: a module joins by one line in `modules` and one in each order it takes part in. */
import { type ChainDefinition, makeRegistry } from "../chain/definition.ts";
import type { Module } from "../chain/module.ts";
import { attestation } from "./attestation/index.ts";
import { anteAccounts, auth } from "./auth/index.ts";
import { authzOver } from "./authz/index.ts";
import { anteFees, bank } from "./bank/index.ts";
import { beacon, proofs } from "./beacon/index.ts";
import { circuitOver, guardedBy, isUpgradeStopped } from "./circuit/index.ts";
import { compliance, freezeProblem } from "./compliance/index.ts";
import { consensus, consensusParams } from "./consensus/index.ts";
import { distribution } from "./distribution/index.ts";
import { evidence } from "./evidence/index.ts";
import { anteGrants, feegrant } from "./feegrant/index.ts";
import { genutil } from "./genutil/index.ts";
import { govOver } from "./gov/index.ts";
import { market } from "./market/index.ts";
import { mint } from "./mint/index.ts";
import { reserve } from "./reserve/index.ts";
import { rewards } from "./rewards/index.ts";
import { slashing } from "./slashing/index.ts";
import { bondDenom, staking } from "./staking/index.ts";
import { treasury } from "./treasury/index.ts";
import { currentPlan, upgradeOver } from "./upgrade/index.ts";
import { upgradeTable } from "./upgrades.ts";
import { moduleVersion } from "./versions.ts";
import { vesting } from "./vesting/index.ts";

/** Executes messages of every module, itself included. */
const authz = authzOver({ handler: (typeUrl) => registry.handler(typeUrl) });

const upgrade = upgradeOver({
  versions: () => Object.fromEntries(modules.map(({ name }) => [name, moduleVersion(name)])),
  isStopped: isUpgradeStopped,
});

/** Stands before the messages of every module, and executes none. */
const circuit = circuitOver({
  handler: (typeUrl) => registry.handler(typeUrl),
  exits: () => exits,
  nativeDenom: bondDenom,
  accountFreezeProblem: freezeProblem,
  plannedUpgrade: (ctx) => currentPlan(ctx)?.name,
});

/** Executes messages of every module and reads what each declares of its parameters. */
const gov = govOver({
  handler: (typeUrl) => registry.handler(typeUrl),
  parameters: () =>
    modules.flatMap(({ name, parameters = [] }) => parameters.map((one) => ({ module: name, parameters: one }))),
});

/** Sorted by name. */
const modules: readonly Module[] = [
  attestation,
  auth,
  authz,
  bank,
  beacon,
  circuit.module,
  compliance,
  consensus,
  distribution,
  evidence,
  feegrant,
  genutil,
  gov,
  market,
  mint,
  reserve,
  rewards,
  slashing,
  staking,
  treasury,
  upgrade.module,
  vesting,
];

const exits: ReadonlySet<string> = new Set(modules.flatMap((module) => module.exits ?? []));

export const weir: ChainDefinition = guardedBy(circuit, {
  name: "weir",
  modules,
  order: {
    // Accounts are numbered before coins are given to them; validators are made by transactions once all that it takes is there.
    genesis: [
      auth,
      bank,
      distribution,
      staking,
      slashing,
      gov,
      mint,
      genutil,
      beacon,
      attestation,
      market,
      rewards,
      reserve,
      evidence,
      authz,
      feegrant,
      vesting,
      consensus,
      circuit.module,
      compliance,
      treasury,
      upgrade.module,
    ],
    preBlock: [],
    beginBlock: [
      circuit.module,
      mint,
      distribution,
      slashing,
      evidence,
      beacon,
      attestation,
      market,
      reserve,
      staking,
      authz,
      treasury,
      compliance,
    ],
    endBlock: [beacon, attestation, rewards, gov, staking, feegrant],
  },
  ante: { accounts: anteAccounts, fees: anteFees, grants: anteGrants },
  consensusParams,
  system: proofs,
  upgrades: { table: upgradeTable, keeper: upgrade.keeper, version: moduleVersion },
});

const registry = makeRegistry(weir.modules);
