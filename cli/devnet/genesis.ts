/**
 * The genesis of a devnet: relays and oracles that are registered and bonded, a reserve of six million dollars behind 600 million WEIR, an offer
 * that auctions buy from. Owns who has what; the rules that differ are cli/devnetgenesis.ts.
 */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { amountOf, newCoins } from "../../chain/coins.ts";
import type { GenesisDocument } from "../../chain/consensus/genesis.ts";
import { asObject } from "../../chain/consensus/json.ts";
import { publicKeyOf } from "../../chain/crypto/ecvrf.ts";
import { decFromInt, decToProto, parseDec } from "../../chain/dec.ts";
import { fromJson, toJson } from "../../chain/protojson.ts";
import { oracleSubject, relaySubject, type Subject } from "../../modules/attestation/index.ts";
import { codeSigner } from "../../node/client/accounts.ts";
import { GenesisState } from "../../proto/gen/weir/attestation/v1/genesis.ts";
import { type BondPool, ExitKind, Oracle, Relay, Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import { GenesisState as MarketGenesis } from "../../proto/gen/weir/market/v1/genesis.ts";
import { GenesisState as ReserveGenesis } from "../../proto/gen/weir/reserve/v1/genesis.ts";
import { devnetAccounts } from "../devnet-accounts.ts";
import { withEpochSeconds } from "../devnetgenesis.ts";
import { bondDenom, genesisText, newGenesis } from "../genesis.ts";
import { addBalance, balancesIn, type GenesisAccount } from "../genesisaccounts.ts";
import {
  accountCoins,
  codeMicros,
  codesIn,
  type DevnetPlan,
  devnetCell,
  devnetChainId,
  firstOffer,
  operatorCoins,
  type PlannedOracle,
  type PlannedRelay,
  reservePrincipal,
  supplyAtGenesis,
} from "./plan.ts";

const stable = "uusdc";
/** A loaded machine answers late, and a queue before a shaper is not the relay's fault. */
const rttMicros = 200_000n;

type Amounts = Readonly<Record<"uweir" | "uusdc", bigint>>;

const coinsOf = ({ uweir, uusdc }: Amounts) =>
  newCoins([
    { denom: bondDenom, amount: uweir },
    { denom: stable, amount: uusdc },
  ]);

const accountsOf = (plan: DevnetPlan): GenesisAccount[] => [
  ...devnetAccounts.map(({ address }) => ({ address, coins: coinsOf(accountCoins) })),
  ...[...plan.relays, ...plan.oracles].map(({ operator }) => ({ address: operator, coins: coinsOf(operatorCoins) })),
  ...codeAddresses(plan).map((address) => ({ address, coins: [] })),
];

/** As a shop left them: each with an account, and with money in the market. */
const codeAddresses = (plan: DevnetPlan): string[] =>
  codesIn(plan).map((code) => codeSigner(devnetChainId, code).address);

export function devnetGenesis(plan: DevnetPlan): string {
  const { validatorKey, beaconKey } = plan;
  const base = newGenesis({
    chainId: devnetChainId,
    moniker: "devnet",
    validatorKey: validatorKey.publicKey,
    beaconKey: publicKeyOf(beaconKey.privateKey),
    accounts: accountsOf(plan),
    isDevnet: true,
  });
  const state = asObject(base.appState, "app_state");
  const appState = {
    ...withEpochSeconds(state, plan.epochSeconds),
    attestation: attestationOf(plan, state.attestation),
    market: marketOf(plan, state.market),
    reserve: reserveOf(state.reserve),
  };
  return genesisText(withModuleCoins({ ...base, appState }, plan));
}

// ------------------------------------------------------------------------------------------------------------------- coins

/** What modules hold for others; the treasury has what is left of the supply. */
function withModuleCoins(document: GenesisDocument, plan: DevnetPlan): GenesisDocument {
  const { relays, oracles } = plan;
  const bonded = [...relays, ...oracles].reduce((sum, { bond }) => sum + bond, 0n);
  const held = [
    ["attestation_bonds", bondDenom, bonded],
    ["reserve_book", bondDenom, firstOffer.quantity],
    ["reserve", stable, reservePrincipal],
    ["market_wallets", stable, codeMicros * BigInt(codesIn(plan).length)],
  ] as const;
  const filled = held.reduce((found, [name, denom, amount]) => addHeld(found, name, denom, amount), document);
  const spread = [...balancesIn(filled).values()].reduce((sum, coins) => sum + amountOf(coins, bondDenom), 0n);
  return addHeld(filled, "treasury", bondDenom, supplyAtGenesis - spread);
}

const addHeld = (document: GenesisDocument, name: string, denom: string, amount: bigint): GenesisDocument =>
  addBalance(document, accountAddress.encode(moduleAddress(name)), [{ denom, amount }]);

function marketOf(plan: DevnetPlan, json: unknown): unknown {
  const state = fromJson<MarketGenesis>(MarketGenesis.$type, json, "app_state.market");
  const coins = [{ denom: stable, amount: `${codeMicros}` }];
  const wallets = codeAddresses(plan).map((owner) => ({ owner, coins }));
  return toJson(MarketGenesis.$type, MarketGenesis.fromPartial({ ...state, wallets }));
}

function reserveOf(json: unknown): unknown {
  const state = fromJson<ReserveGenesis>(ReserveGenesis.$type, json, "app_state.reserve");
  const [seller] = devnetAccounts;
  const offer = {
    id: 1n,
    seller: seller!.address,
    quantity: `${firstOffer.quantity}`,
    ask: decToProto(parseDec(firstOffer.ask)),
    placedEpoch: 0n,
  };
  return toJson(ReserveGenesis.$type, ReserveGenesis.fromPartial({ ...state, nextOffer: offer.id, offers: [offer] }));
}

// -------------------------------------------------------------------------------------------------------- relays and oracles

const poolOf = (tokens: bigint): BondPool => ({
  tokens: `${tokens}`,
  shares: decToProto(decFromInt(tokens)),
  spans: [],
});

const noCommission = { rate: decToProto(0n), rateMax: decToProto(0n), changeMax: decToProto(0n), changedEpoch: 0n };

/** Paused until its process is up, so that nobody owes a reading of it before: how long that takes is the machine's to say. */
function relayEntry({ id, operator, name, host, port, transportKey, claimBps, bond }: PlannedRelay) {
  const terms = {
    fromEpoch: 0n,
    serves: false,
    endpoints: [`${host}:${port}`],
    transportKey: transportKey.publicKey,
    claimedBps: claimBps,
    rttMicros,
    cell: devnetCell,
    exitPolicy: { kind: ExitKind.EXIT_KIND_ALL, ports: [] },
    priceFloor: 0n,
  };
  const standing = Standing.STANDING_PAUSED;
  const relay = Relay.fromPartial({ id, operator, moniker: name, standing, commission: noCommission, terms: [terms] });
  return { relay, bond: poolOf(bond), trusts: [] };
}

function oracleEntry(planned: PlannedOracle) {
  const { id, operator, name, host, port, transportKey, vrfKey, declaredBps, bond } = planned;
  const terms = {
    fromEpoch: 0n,
    serves: true,
    endpoints: [`${host}:${port}`],
    transportKey: transportKey.publicKey,
    declaredBps,
    cell: devnetCell,
  };
  const oracle = Oracle.fromPartial({
    id,
    operator,
    moniker: name,
    standing: Standing.STANDING_ACTIVE,
    trustedBps: declaredBps,
    vrfKeys: [{ fromEpoch: 0n, publicKey: publicKeyOf(vrfKey.privateKey) }],
    terms: [terms],
  });
  return { oracle, bond: poolOf(bond) };
}

const ownShares = (subject: Subject, operator: string, bond: bigint) => ({
  subject,
  delegator: operator,
  shares: decToProto(decFromInt(bond)),
});

function attestationOf({ relays, oracles }: DevnetPlan, json: unknown): unknown {
  const state = fromJson<GenesisState>(GenesisState.$type, json, "app_state.attestation");
  const delegations = [
    ...relays.map(({ id, operator, bond }) => ownShares(relaySubject(id), operator, bond)),
    ...oracles.map(({ id, operator, bond }) => ownShares(oracleSubject(id), operator, bond)),
  ];
  const entries = {
    relays: relays.map(relayEntry),
    oracles: oracles.map(oracleEntry),
  };
  return toJson(GenesisState.$type, GenesisState.fromPartial({ ...state, ...entries, delegations }));
}
