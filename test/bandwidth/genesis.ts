/**
 * Genesis of a driven network: one validator with a beacon key, an account with coins for every operator, oracles whose declared capacity is taken
 * at its word, and relays too where nobody wants to see them register. Owns that document.
 */

import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { publicKeyOf } from "../../chain/crypto/ecvrf.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import type { KeyPair } from "../../chain/crypto/sign.ts";
import { decFromInt, decOne, decToProto } from "../../chain/dec.ts";
import { toJson } from "../../chain/protojson.ts";
import { newGenesis } from "../../cli/genesis.ts";
import { defaultParams, type Params, paramsToProto } from "../../modules/attestation/params.ts";
import { oracleSubject, relaySubject, type Subject } from "../../modules/attestation/subject.ts";
import {
  defaultParams as defaultRewards,
  type Params as RewardsParams,
  paramsToProto as rewardsToProto,
} from "../../modules/rewards/params.ts";
import { GenesisState } from "../../proto/gen/weir/attestation/v1/genesis.ts";
import {
  type BondPool,
  ExitKind,
  Oracle,
  Relay,
  RelayTerms,
  RelayTrust,
  Standing,
} from "../../proto/gen/weir/attestation/v1/state.ts";
import { Params as RewardsParamsMessage } from "../../proto/gen/weir/rewards/v1/state.ts";
import { consensusKey, testValidator } from "../helpers/provingchain.ts";
import { chainId, denom, type TestAccount } from "../helpers/testapplication.ts";
import type { OracleSpec, RelaySpec } from "./actors.ts";
import { addressOf } from "./readings.ts";

export const weir = (value: number | bigint): bigint => BigInt(value) * 1_000_000n;
/** What each operator begins with. */
export const operatorCoins = weir(1_000_000);
const oracleBond = weir(50_000);
const relayBond = weir(10_000);

export interface GenesisOptions {
  readonly relays: readonly RelaySpec[];
  readonly oracles: readonly OracleSpec[];
  readonly epochSeconds: bigint;
  readonly areRelaysInGenesis: boolean;
  readonly relayReputation: string | undefined;
  readonly params: Partial<Params>;
  readonly rewards: Partial<RewardsParams>;
  accountOf(operator: string): TestAccount;
  keyOf(name: string): KeyPair;
}

export const vrfSecretOf = (name: string): Uint8Array => sha256(Buffer.from(`VRF key of ${name}`));
export const operatorOf = (spec: { readonly name: string; readonly operator?: string }): string =>
  spec.operator ?? spec.name;
export const cellOf = (spec: { readonly cell?: string }): string => spec.cell ?? "home";
export const bondOfRelay = (spec: RelaySpec): bigint => spec.bond ?? relayBond;
/** Where it is reached: of nobody else's /24. */
export const endpointOf = (kind: "relay" | "oracle", id: bigint): string => {
  const [first, second, third] = addressOf(id);
  return kind === "relay" ? `${first}.${second}.${third}.7:443` : `150.${second}.${third}.9:443`;
};

const poolOf = (tokens: bigint): BondPool => ({
  tokens: `${tokens}`,
  shares: decToProto(decFromInt(tokens)),
  spans: [],
});

interface Bonded {
  readonly subject: Subject;
  readonly operator: string;
  readonly bond: bigint;
}

function oracleEntry(spec: OracleSpec, index: number, { accountOf, keyOf }: GenesisOptions) {
  const id = BigInt(index + 1);
  const oracle = Oracle.fromPartial({
    id,
    operator: accountOf(operatorOf(spec)).address,
    moniker: spec.name,
    standing: Standing.STANDING_ACTIVE,
    trustedBps: spec.declaredBps,
    vrfKeys: [{ fromEpoch: 0n, publicKey: publicKeyOf(vrfSecretOf(spec.name)) }],
    terms: [
      {
        fromEpoch: 0n,
        serves: true,
        endpoints: [endpointOf("oracle", id)],
        transportKey: keyOf(spec.name).publicKey,
        declaredBps: spec.declaredBps,
        cell: cellOf(spec),
      },
    ],
  });
  return { oracle, bond: poolOf(spec.bond ?? oracleBond) };
}

export const relayTerms = (spec: RelaySpec, id: bigint, transportKey: Uint8Array): RelayTerms =>
  RelayTerms.fromPartial({
    fromEpoch: 0n,
    serves: true,
    endpoints: [endpointOf("relay", id)],
    transportKey,
    claimedBps: spec.claimBps,
    rttMicros: BigInt(spec.rttMicros ?? 12_000),
    cell: cellOf(spec),
    exitPolicy: { kind: ExitKind.EXIT_KIND_WEB, ports: [] },
    priceFloor: 0n,
  });

const trustsOf = (reputation: string | undefined): RelayTrust[] =>
  reputation === undefined ? [] : [RelayTrust.fromPartial({ reputation, uptime: decToProto(decOne), prefix: "" })];

function relayEntry(spec: RelaySpec, index: number, { accountOf, keyOf, relayReputation }: GenesisOptions) {
  const id = BigInt(index + 1);
  const commission = { rate: decToProto(0n), rateMax: decToProto(0n), changeMax: decToProto(0n), changedEpoch: 0n };
  const relay = Relay.fromPartial({
    id,
    operator: accountOf(operatorOf(spec)).address,
    moniker: spec.name,
    standing: Standing.STANDING_ACTIVE,
    givesNotice: spec.givesNotice ?? false,
    softwareVersion: "",
    commission,
    terms: [relayTerms(spec, id, keyOf(spec.name).publicKey)],
  });
  return { relay, bond: poolOf(bondOfRelay(spec)), trusts: trustsOf(relayReputation) };
}

/** All that is bonded, each by its operator alone. */
function bondedOf(options: GenesisOptions): Bonded[] {
  const { oracles, relays, accountOf } = options;
  const ofOracles = oracles.map((spec, index) => ({
    subject: oracleSubject(BigInt(index + 1)),
    operator: accountOf(operatorOf(spec)).address,
    bond: spec.bond ?? oracleBond,
  }));
  if (!options.areRelaysInGenesis) return ofOracles;
  const ofRelays = relays.map((spec, index) => ({
    subject: relaySubject(BigInt(index + 1)),
    operator: accountOf(operatorOf(spec)).address,
    bond: bondOfRelay(spec),
  }));
  return [...ofOracles, ...ofRelays];
}

function attestationOf(options: GenesisOptions): unknown {
  const { oracles, relays, params } = options;
  const cells = [...new Set([...oracles, ...relays].map(cellOf))].sort();
  const genesis = GenesisState.fromPartial({
    params: paramsToProto({ ...defaultParams, ...params }),
    cells: cells.map((name) => ({ name, description: "" })),
    oracles: oracles.map((spec, index) => oracleEntry(spec, index, options)),
    relays: options.areRelaysInGenesis ? relays.map((spec, index) => relayEntry(spec, index, options)) : [],
    delegations: bondedOf(options).map(({ subject, operator, bond }) => ({
      subject,
      delegator: operator,
      shares: decToProto(decFromInt(bond)),
    })),
  });
  return toJson(GenesisState.$type, genesis);
}

/** What TestApplication starts with. */
export function networkGenesis(
  options: GenesisOptions,
  accounts: readonly TestAccount[],
): Readonly<Record<string, unknown>> {
  const validator = testValidator(0);
  const coins = (amount: bigint) => [{ denom, amount }];
  const bonded = bondedOf(options).reduce((sum, { bond }) => sum + bond, 0n);
  const document = newGenesis({
    chainId,
    moniker: "validator",
    validatorKey: consensusKey(0),
    beaconKey: validator.signer.publicKey,
    accounts: [
      ...accounts.map(({ address }) => ({ address, coins: coins(operatorCoins) })),
      ...(bonded > 0n
        ? [
            {
              address: accountAddress.encode(moduleAddress("attestation_bonds")),
              coins: coins(bonded),
              moduleName: "attestation_bonds",
            },
          ]
        : []),
    ],
  });
  const state = document.appState as Record<string, { readonly params: object }>;
  return {
    ...state,
    beacon: { ...state.beacon, params: { ...state.beacon!.params, epoch_duration: `${options.epochSeconds}s` } },
    attestation: attestationOf(options),
    rewards: {
      ...state.rewards,
      params: toJson(RewardsParamsMessage.$type, rewardsToProto({ ...defaultRewards, ...options.rewards })),
    },
  };
}
