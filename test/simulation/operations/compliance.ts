/** Credentials come and go, coins are issued and burned, stable coins are sent into limits, and what waits is claimed; relays declare their law. */
import { addDuration } from "../../../chain/time.ts";
import { relays } from "../../../modules/attestation/state.ts";
import { credentials, held, issuances } from "../../../modules/compliance/state.ts";
import { MsgSend } from "../../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import { type DenomRule, Flow } from "../../../proto/gen/weir/compliance/v1/state.ts";
import * as proto from "../../../proto/gen/weir/compliance/v1/tx.ts";
import { testAccount } from "../../helpers/testapplication.ts";
import { type Operation, said, type World } from "../world.ts";

export const issuedDenom = "ueurx";
const stableDenom = "uusdc";
const issuerIndex = 0;
const coinIssuerIndex = 1;

export const simulatedIssuer = testAccount(issuerIndex).address;
export const simulatedCoinIssuer = testAccount(coinIssuerIndex).address;

/** Of amounts that some transfers stay below and others do not. */
export const simulatedRule = (world?: World): DenomRule => ({
  denom: stableDenom,
  requirement: { kind: "identity", levelMin: 1, issuers: [], jurisdictions: [] },
  limits: [Flow.FLOW_RECEIVE, Flow.FLOW_TOP_UP, Flow.FLOW_REDEEM]
    .filter(() => world === undefined || !world.random.chance(4))
    .map((flow) => ({ flow, amount: `${world?.amount(3_000_000) ?? 2_000_000n}` })),
  freezable: true,
});

function issue(world: World): Uint8Array {
  const signer = world.random.chance(8) ? world.account() : world.chain.accounts[issuerIndex]!;
  const value = {
    ...{ issuer: signer.address, subject: world.address(), kind: world.random.pick(["identity", "accredited", "age"]) },
    ...{ level: world.random.below(4), jurisdiction: world.random.pick(["", "DE", "FR"]) },
    hash: new Uint8Array(32).fill(world.random.below(256)),
    expires: addDuration(world.context.block.time, { seconds: world.amount(200), nanos: 0 }),
  };
  return world.sign(signer, said(proto.MsgIssueCredential, value));
}

function revoke(world: World): Uint8Array | undefined {
  const credential = world.oneOf(credentials.iterate(world.context))?.[1];
  if (credential === undefined) return undefined;
  const { issuer, subject, kind } = credential;
  const revoker = world.accountOf(world.random.chance(2) ? issuer : subject) ?? world.account();
  const value = { revoker: revoker.address, issuer, subject, kind };
  return world.sign(revoker, said(proto.MsgRevokeCredential, value));
}

function claim(world: World): Uint8Array | undefined {
  const waiting = [...held.keys(world.context)].length > 0;
  if (!waiting && !world.random.chance(8)) return undefined;
  const signer = world.account();
  return world.sign(signer, said(proto.MsgClaimHeld, { owner: signer.address }));
}

function mint(world: World): Uint8Array {
  const signer = world.random.chance(8) ? world.account() : world.chain.accounts[coinIssuerIndex]!;
  const amount = { denom: issuedDenom, amount: `${world.amount(3_000_000)}` };
  const recipient = world.random.chance(3) ? signer.address : world.address();
  return world.sign(signer, said(proto.MsgMintIssued, { issuer: signer.address, recipient, amount }));
}

function burn(world: World): Uint8Array {
  const issuer = world.oneOf(issuances.iterate(world.context))?.[1].issuer ?? "";
  const signer = world.accountOf(issuer) ?? world.account();
  const amount = { denom: issuedDenom, amount: `${world.amount(2_000_000)}` };
  return world.sign(signer, said(proto.MsgBurnIssued, { issuer: signer.address, amount }));
}

function declare(world: World): Uint8Array | undefined {
  const relay = world.oneOf(relays.iterate(world.context))?.[1];
  if (relay === undefined) return undefined;
  const signer = world.accountOf(relay.operator) ?? world.account();
  const value = { operator: signer.address, relay: relay.id, jurisdiction: world.random.pick(["", "DE", "US"]) };
  return world.sign(signer, said(proto.MsgDeclareJurisdiction, value));
}

function sendStable(world: World): Uint8Array {
  const signer = world.account();
  const denom = world.random.chance(4) ? issuedDenom : stableDenom;
  const amount = [{ denom, amount: `${world.amount(3_000_000)}` }];
  const value = { fromAddress: signer.address, toAddress: world.address(), amount };
  return world.sign(signer, said(MsgSend, value));
}

export const complianceOperations: readonly Operation[] = [
  { name: "issue credential", weight: 6, make: issue },
  { name: "revoke credential", weight: 3, make: revoke },
  { name: "claim held", weight: 6, make: claim },
  { name: "mint issued", weight: 4, make: mint },
  { name: "burn issued", weight: 3, make: burn },
  { name: "declare jurisdiction", weight: 3, make: declare },
  { name: "send stable", weight: 8, make: sendStable },
];
