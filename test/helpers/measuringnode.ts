/**
 * A whole node in this process whose chain has relays and oracles since its genesis, with keys that a test has, and epochs of seconds. Owns that
 * genesis; daemons and tests reach the chain by its RPC, as everybody does.
 */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { publicKeyOf } from "../../chain/crypto/ecvrf.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import { ed25519KeyPair } from "../../chain/crypto/sign.ts";
import { decFromInt, decToProto } from "../../chain/dec.ts";
import { toJson } from "../../chain/protojson.ts";
import { writeHome } from "../../cli/commands/init.ts";
import type { GenesisAccount } from "../../cli/genesisaccounts.ts";
import { homeAt } from "../../cli/home.ts";
import { defaultParams, type Params, paramsToProto } from "../../modules/attestation/params.ts";
import { oracleSubject, relaySubject, type Subject } from "../../modules/attestation/subject.ts";
import { type AccountSigner, signerOf } from "../../node/chain/signer.ts";
import type { Identity } from "../../node/transport/transport.ts";
import { GenesisState } from "../../proto/gen/weir/attestation/v1/genesis.ts";
import { ExitKind, Oracle, Relay, Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import { startTestNode, type TestNode } from "./node.ts";

export const measuringChainId = "weir-measured-1";
export const measuringCell = "home";
const weir = 1_000_000n;
const oracleBond = 50_000n * weir;
const relayBond = 10_000n * weir;
const riches = ["uusdc", "uweir"].map((denom) => ({ denom, amount: 1_000_000n * weir }));

export interface Party {
  readonly id: bigint;
  readonly signer: AccountSigner;
  readonly privateKey: Uint8Array;
  readonly identity: Identity;
  readonly vrfSeed: Uint8Array;
}

const secretOf = (name: string): Uint8Array => Uint8Array.from(sha256(Buffer.from(`a secret of ${name}`)));

export function partyOf(kind: "relay" | "oracle", id: bigint): Party {
  const privateKey = secretOf(`${kind} ${id}, account`);
  const seed = secretOf(`${kind} ${id}, transport`);
  return {
    id,
    privateKey,
    signer: signerOf(privateKey),
    identity: { seed, publicKey: ed25519KeyPair(seed).publicKey },
    vrfSeed: secretOf(`${kind} ${id}, vrf`),
  };
}

export interface MeasuringOptions {
  readonly oracles: number;
  /** Where each relay is reached. */
  readonly relayEndpoints: readonly string[];
  readonly claimBps: bigint;
  readonly epochSeconds: number;
  readonly blockMillis: number;
  readonly params?: Partial<Params>;
  /** Beside those of the relays and oracles. */
  readonly accounts?: readonly GenesisAccount[];
  /** The last word on app_state. */
  amend?(appState: Record<string, unknown>): void;
}

export interface MeasuringNode extends TestNode {
  readonly oracles: readonly Party[];
  readonly relays: readonly Party[];
  readonly relayEndpoints: readonly string[];
}

const poolOf = (tokens: bigint) => ({ tokens: `${tokens}`, shares: decToProto(decFromInt(tokens)), spans: [] });

function relayEntry({ id, signer, identity }: Party, endpoint: string, claimedBps: bigint) {
  const none = decToProto(0n);
  const relay = Relay.fromPartial({
    id,
    operator: signer.address,
    moniker: `relay ${id}`,
    standing: Standing.STANDING_ACTIVE,
    commission: { rate: none, rateMax: none, changeMax: none, changedEpoch: 0n },
    terms: [
      {
        fromEpoch: 0n,
        serves: true,
        endpoints: [endpoint],
        transportKey: identity.publicKey,
        claimedBps,
        rttMicros: 50_000n,
        cell: measuringCell,
        exitPolicy: { kind: ExitKind.EXIT_KIND_ALL, ports: [] },
      },
    ],
  });
  return { relay, bond: poolOf(relayBond), trusts: [] };
}

function oracleEntry({ id, signer, identity, vrfSeed }: Party, declaredBps: bigint) {
  const oracle = Oracle.fromPartial({
    id,
    operator: signer.address,
    moniker: `oracle ${id}`,
    standing: Standing.STANDING_ACTIVE,
    trustedBps: declaredBps,
    vrfKeys: [{ fromEpoch: 0n, publicKey: publicKeyOf(vrfSeed) }],
    terms: [
      {
        fromEpoch: 0n,
        serves: true,
        endpoints: [`150.1.${id}.9:443`],
        transportKey: identity.publicKey,
        declaredBps,
        cell: measuringCell,
      },
    ],
  });
  return { oracle, bond: poolOf(oracleBond) };
}

function attestationGenesis(relays: readonly Party[], oracles: readonly Party[], options: MeasuringOptions): unknown {
  const { relayEndpoints, claimBps, params } = options;
  const delegation = (subject: Subject, { signer }: Party, bond: bigint) => ({
    subject,
    delegator: signer.address,
    shares: decToProto(decFromInt(bond)),
  });
  const rules = { ...defaultParams, prefixRules: false, ...params };
  const genesis = GenesisState.fromPartial({
    params: paramsToProto(rules),
    cells: [{ name: measuringCell, description: "" }],
    relays: relays.map((relay, index) => relayEntry(relay, relayEndpoints[index]!, claimBps)),
    oracles: oracles.map((oracle) => oracleEntry(oracle, claimBps * 2n)),
    delegations: [
      ...relays.map((relay) => delegation(relaySubject(relay.id), relay, relayBond)),
      ...oracles.map((oracle) => delegation(oracleSubject(oracle.id), oracle, oracleBond)),
    ],
  });
  return toJson(GenesisState.$type, genesis);
}

const idsTo = (count: number): bigint[] => Array.from({ length: count }, (_, index) => BigInt(index + 1));

export async function startMeasuringNode(options: MeasuringOptions): Promise<MeasuringNode> {
  const { epochSeconds, blockMillis } = options;
  const relays = idsTo(options.relayEndpoints.length).map((id) => partyOf("relay", id));
  const oracles = idsTo(options.oracles).map((id) => partyOf("oracle", id));
  const bonded = relayBond * BigInt(relays.length) + oracleBond * BigInt(oracles.length);
  const home = homeAt(mkdtempSync(join(tmpdir(), "weir-measured-")));
  const account = (address: string) => ({ address, coins: riches });
  writeHome(home, {
    moniker: "test",
    chainId: measuringChainId,
    accounts: [
      ...[...relays, ...oracles].map(({ signer }) => account(signer.address)),
      {
        address: accountAddress.encode(moduleAddress("attestation_bonds")),
        coins: [{ denom: "uweir", amount: bonded }],
        moduleName: "attestation_bonds",
      },
      ...(options.accounts ?? []),
    ],
  });
  const genesis = JSON.parse(readFileSync(home.genesis, "utf8"));
  genesis.app_state.attestation = attestationGenesis(relays, oracles, options);
  genesis.app_state.beacon.params.epoch_duration = `${epochSeconds}s`;
  options.amend?.(genesis.app_state);
  writeFileSync(home.genesis, JSON.stringify(genesis));
  const node = await startTestNode({ home, blockMillis });
  return { ...node, oracles, relays, relayEndpoints: options.relayEndpoints };
}
