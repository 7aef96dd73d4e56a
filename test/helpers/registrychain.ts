/** A test chain on which relays and oracles register, with the clock of epochs and without an engine: what follows from messages and time. */
import { accountAddress } from "../../chain/address.ts";
import { authorityAddress } from "../../chain/authority.ts";
import { prove, publicKeyOf } from "../../chain/crypto/ecvrf.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import { ed25519KeyPair, signEd25519 } from "../../chain/crypto/sign.ts";
import { addDuration } from "../../chain/time.ts";
import { attestation } from "../../modules/attestation/index.ts";
import { transportPossessionInput, vrfPossessionInput } from "../../modules/attestation/keys.ts";
import { defaultParams, type Params, paramsToProto } from "../../modules/attestation/params.ts";
import { beacon, currentEpoch } from "../../modules/beacon/index.ts";
import { weir } from "../../modules/index.ts";
import type * as genesis from "../../proto/gen/weir/attestation/v1/genesis.ts";
import { ExitKind, type Subject } from "../../proto/gen/weir/attestation/v1/state.ts";
import * as tx from "../../proto/gen/weir/attestation/v1/tx.ts";
import { denom } from "./testapplication.ts";
import { type Outcome, type TestChain, testBlock, testChain } from "./testchain.ts";

export const weirs = (count: number | bigint): bigint => BigInt(count) * 1_000_000n;
export const mbps = (count: number | bigint): bigint => BigInt(count) * 1_000_000n;

export const epochSeconds = 100n;
const accountCount = 12;
const balance = weirs(10_000_000);

export const accountOf = (index: number): Uint8Array => sha256(Buffer.from(`registry account ${index}`)).slice(0, 20);
export const nameOf = (index: number): string => accountAddress.encode(accountOf(index));

/** A key by the name of its secret, with what shows that the operator has it. */
export function transportKey(name: string, operator: number): tx.PossessedKey {
  const secret = sha256(Buffer.from(name));
  const { publicKey } = ed25519KeyPair(secret);
  const possession = signEd25519(secret, transportPossessionInput(testBlock.chainId, accountOf(operator)));
  return { publicKey, possession };
}

export function vrfKey(name: string, operator: number): tx.PossessedKey {
  const secret = sha256(Buffer.from(`vrf ${name}`));
  const possession = prove(secret, vrfPossessionInput(testBlock.chainId, accountOf(operator)));
  return { publicKey: publicKeyOf(secret), possession };
}

export interface RegistryChain extends TestChain {
  /** Whole blocks of beacon and attestation, until so many epochs more have opened. */
  epochs(count: number): void;
  /** One block, so many seconds later. */
  block(seconds?: bigint): void;
  epoch(): bigint;
  send(name: string, message: object): Outcome;
  registerRelay(operator: number, changes?: Partial<tx.MsgRegisterRelay>): Outcome;
  registerOracle(operator: number, changes?: Partial<tx.MsgRegisterOracle>): Outcome;
  bond(delegator: number, subject: Subject, amount: bigint): Outcome;
  unbond(delegator: number, subject: Subject, amount: bigint): Outcome;
  /** By governance. */
  govern(name: string, message: object): Outcome;
}

export const moduleParams = (changes: Partial<Params> = {}) =>
  paramsToProto({ ...defaultParams, unbondingTime: { seconds: 300n, nanos: 0 }, ...changes });

/** Genesis JSON of attestation with other parameters than the default ones. */
export const registryGenesis = (changes: Partial<Params> = {}, more: Partial<genesis.GenesisState> = {}) =>
  attestation.genesis.toJson({ ...attestation.genesis.default(), params: moduleParams(changes), ...more });

const beaconGenesis = () => {
  const json = beacon.genesis.toJson(beacon.genesis.default()) as { readonly params: object };
  return { ...json, params: { ...json.params, epoch_duration: `${epochSeconds}s` } };
};

export const bankGenesis = () => ({
  params: { send_enabled: [], default_send_enabled: true },
  balances: Array.from({ length: accountCount }, (_, index) => ({
    address: nameOf(index),
    coins: [{ denom, amount: `${balance}` }],
  })),
});

export const relayMessage = (operator: number, changes: Partial<tx.MsgRegisterRelay> = {}): tx.MsgRegisterRelay => ({
  operator: nameOf(operator),
  moniker: `relay of ${operator}`,
  endpoints: [`9.9.${operator}.1:443`],
  transportKey: transportKey(`relay ${operator}`, operator),
  claimedBps: mbps(100),
  rttMicros: 20_000n,
  cell: "europe-west",
  exitPolicy: { kind: ExitKind.EXIT_KIND_WEB, ports: [] },
  priceFloor: 50_000n,
  payout: tx.Payout.PAYOUT_UNSPECIFIED,
  notice: tx.Notice.NOTICE_UNSPECIFIED,
  commissionRate: "100000000000000000",
  commissionRateMax: "500000000000000000",
  commissionChangeMax: "50000000000000000",
  bond: `${weirs(1_000)}`,
  softwareVersion: "",
  ...changes,
});

export const oracleMessage = (operator: number, changes: Partial<tx.MsgRegisterOracle> = {}): tx.MsgRegisterOracle => ({
  operator: nameOf(operator),
  moniker: `oracle of ${operator}`,
  endpoints: [`8.8.${operator}.1:443`],
  transportKey: transportKey(`oracle ${operator}`, operator),
  vrfKey: vrfKey(`oracle ${operator}`, operator),
  declaredBps: mbps(1_000),
  cell: "europe-west",
  bond: `${weirs(50_000)}`,
  softwareVersion: "",
  ...changes,
});

export interface RegistryOptions {
  readonly params?: Partial<Params>;
  readonly appState?: Readonly<Record<string, unknown>>;
}

/** The first epoch is open; every invariant holds after each block, or the test fails. */
export function registryChain({ params = {}, appState = {} }: RegistryOptions = {}): RegistryChain {
  const chain = testChain(
    { bank: bankGenesis(), beacon: beaconGenesis(), attestation: registryGenesis(params), ...appState },
    weir,
  );
  const registry = withRegistry(chain);
  registry.block();
  return registry;
}

export function withRegistry(chain: TestChain): RegistryChain {
  const block = (seconds = 1n): void => {
    const { height, time } = chain.context().block;
    chain.setBlock({ height: height + 1n, time: addDuration(time, { seconds, nanos: 0 }) });
    beacon.beginBlock?.(chain.context(), undefined as never);
    attestation.beginBlock?.(chain.context(), undefined as never);
    beacon.endBlock?.(chain.context());
    attestation.endBlock?.(chain.context());
    const broken = chain.broken();
    if (broken !== undefined) throw new Error(broken);
  };
  const send = (name: string, message: object) => chain.message(`/weir.attestation.v1.${name}`, message);
  const bonding = (delegator: number, subject: Subject, amount: bigint) => ({
    delegator: nameOf(delegator),
    subject,
    amount: `${amount}`,
  });
  return {
    ...chain,
    block,
    send,
    epoch: () => currentEpoch(chain.context())!.number,
    epochs(count) {
      // A second block, so that the epoch's seed is known.
      for (let opened = 0; opened < count; opened++) {
        block(epochSeconds);
        block();
      }
    },
    registerRelay: (operator, changes) => send("MsgRegisterRelay", relayMessage(operator, changes)),
    registerOracle: (operator, changes) => send("MsgRegisterOracle", oracleMessage(operator, changes)),
    bond: (delegator, subject, amount) => send("MsgBond", bonding(delegator, subject, amount)),
    unbond: (delegator, subject, amount) => send("MsgUnbond", bonding(delegator, subject, amount)),
    govern: (name, message) => send(name, { authority: authorityAddress(), ...message }),
  };
}

/** A relay's change in which all but `changes` stays. */
export const relayUpdate = (operator: number, id: bigint, changes: Partial<tx.MsgUpdateRelay>): tx.MsgUpdateRelay => ({
  ...tx.MsgUpdateRelay.fromPartial({ operator: nameOf(operator), id }),
  ...changes,
});

export const oracleUpdate = (
  operator: number,
  id: bigint,
  changes: Partial<tx.MsgUpdateOracle>,
): tx.MsgUpdateOracle => ({
  ...tx.MsgUpdateOracle.fromPartial({ operator: nameOf(operator), id }),
  ...changes,
});
