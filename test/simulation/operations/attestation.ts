/**
 * Operators register relays and oracles, change, pause and leave, bond and unbond; oracles commit and submit what they read, damaged now and then;
 * somebody challenges, shows two readings of one thing, attaches a quote, joins a family.
 */
import { accountAddress } from "../../../chain/address.ts";
import { prove, publicKeyOf } from "../../../chain/crypto/ecvrf.ts";
import { decToProto, parseDec } from "../../../chain/dec.ts";
import { challengeOf } from "../../../modules/attestation/evidence.ts";
import { transportPossessionInput, vrfPossessionInput } from "../../../modules/attestation/keys.ts";
import { commits, plans } from "../../../modules/attestation/readingsstate.ts";
import { bonds, families, invitations, oracles, relays } from "../../../modules/attestation/state.ts";
import { isRelay, oracleSubject, relaySubject, type Subject } from "../../../modules/attestation/subject.ts";
import { currentEpoch } from "../../../modules/beacon/index.ts";
import { ExitKind, type Oracle, type Relay, Standing } from "../../../proto/gen/weir/attestation/v1/state.ts";
import * as proto from "../../../proto/gen/weir/attestation/v1/tx.ts";
import { endpointOf, vrfSecretOf } from "../../bandwidth/genesis.ts";
import type { Observed, OracleReadings } from "../../bandwidth/measuring.ts";
import { rangeOf, realSigning, signed } from "../../bandwidth/readings.ts";
import { makeQuote } from "../../helpers/tdxquotes.ts";
import { chainId, type TestAccount } from "../../helpers/testapplication.ts";
import {
  claimBps,
  keptReadings,
  keyOfName,
  namesOfAccount,
  observed,
  readAndKeep,
  simulatedCell,
} from "../bandwidth.ts";
import { type Operation, said, type World } from "../world.ts";

const bond = 2_000_000n;

const nameOf = (world: World, signer: TestAccount, kind: string): string =>
  `${kind} ${signer.accountNumber}/${world.random.below(namesOfAccount)}`;

/** Of another chain now and then, which proves nothing. */
function possessed(world: World, name: string, operator: Uint8Array) {
  const key = keyOfName(name);
  const on = world.random.chance(10) ? "another-1" : chainId;
  return { publicKey: key.publicKey, possession: realSigning.sign(key, transportPossessionInput(on, operator)) };
}

export function registerRelay(world: World, signer = world.account()): Uint8Array {
  const moniker = nameOf(world, signer, "relay");
  const value = proto.MsgRegisterRelay.fromPartial({
    operator: signer.address,
    moniker,
    endpoints: [endpointOf("relay", signer.accountNumber)],
    transportKey: possessed(world, moniker, accountAddress.decode(signer.address)),
    claimedBps: claimBps * BigInt(1 + world.random.below(3)),
    rttMicros: 12_000n,
    cell: simulatedCell,
    exitPolicy: { kind: ExitKind.EXIT_KIND_WEB, ports: [] },
    payout: proto.Payout.PAYOUT_STABLE,
    notice: world.random.chance(2) ? proto.Notice.NOTICE_LONG : proto.Notice.NOTICE_NONE,
    commissionRate: decToProto(parseDec("0.1")),
    commissionRateMax: decToProto(parseDec("0.3")),
    commissionChangeMax: decToProto(parseDec("0.1")),
    bond: `${bond + world.amount()}`,
  });
  return world.sign(signer, said(proto.MsgRegisterRelay, value));
}

export function registerOracle(world: World, signer = world.account()): Uint8Array {
  const operator = accountAddress.decode(signer.address);
  const moniker = nameOf(world, signer, "oracle");
  const secret = vrfSecretOf(moniker);
  const value = proto.MsgRegisterOracle.fromPartial({
    operator: signer.address,
    moniker,
    endpoints: [endpointOf("oracle", signer.accountNumber)],
    transportKey: possessed(world, moniker, operator),
    vrfKey: { publicKey: publicKeyOf(secret), possession: prove(secret, vrfPossessionInput(chainId, operator)) },
    declaredBps: claimBps * 50n,
    cell: simulatedCell,
    bond: `${bond + world.amount()}`,
  });
  return world.sign(signer, said(proto.MsgRegisterOracle, value));
}

// ------------------------------------------------------------------------------------------------------ what is there already

const anyRelay = (world: World): Relay | undefined => world.oneOf(relays.iterate(world.context))?.[1];
const anyOracle = (world: World): Oracle | undefined => world.oneOf(oracles.iterate(world.context))?.[1];

interface Held {
  readonly subject: Subject;
  readonly signer: TestAccount;
}

/** A relay or an oracle with its operator, or somebody else now and then. */
function held(world: World): Held | undefined {
  const found = world.random.chance(3) ? anyOracle(world) : anyRelay(world);
  if (found === undefined) return undefined;
  const subject = "vrfKeys" in found ? oracleSubject(found.id) : relaySubject(found.id);
  const own = world.accountOf(found.operator);
  return { subject, signer: own === undefined || world.random.chance(12) ? world.account() : own };
}

function update(world: World): Uint8Array | undefined {
  const relay = anyRelay(world);
  const signer = relay && world.accountOf(relay.operator);
  if (signer === undefined) return undefined;
  const claim = { claimedBps: claimBps / BigInt(1 + world.random.below(4)), rttMicros: 0n };
  const changes = world.random.pick<Partial<proto.MsgUpdateRelay>>([
    { claim },
    { priceFloor: { priceFloor: world.amount() } },
    { notice: proto.Notice.NOTICE_NONE },
    { commissionRate: decToProto(parseDec("0.2")) },
    {},
  ]);
  const value = proto.MsgUpdateRelay.fromPartial({ operator: signer.address, id: relay!.id, ...changes });
  return world.sign(signer, said(proto.MsgUpdateRelay, value));
}

function comeOrGo(world: World): Uint8Array | undefined {
  const found = held(world);
  if (found === undefined) return undefined;
  const { subject, signer } = found;
  const value = { operator: signer.address, subject };
  switch (world.random.below(6)) {
    case 0:
      return world.sign(signer, said(proto.MsgPause, value));
    case 1: {
      const drain = { operator: signer.address, relay: subject.id, epochs: BigInt(1 + world.random.below(3)) };
      return world.sign(signer, said(proto.MsgDrain, drain));
    }
    case 2:
      return world.sign(signer, said(proto.MsgLeave, value));
    case 3:
      return world.sign(signer, said(proto.MsgUnjail, { operator: signer.address, oracle: subject.id }));
    default:
      return world.sign(signer, said(proto.MsgResume, value));
  }
}

function reportSoftware(world: World): Uint8Array | undefined {
  const found = held(world);
  if (found === undefined) return undefined;
  const value = { operator: found.signer.address, subject: found.subject, version: `1.${world.random.below(9)}.0` };
  return world.sign(found.signer, said(proto.MsgReportSoftware, value));
}

/** To a relay by anybody; to an oracle by its operator, or in vain. */
function addBond(world: World): Uint8Array | undefined {
  const found = held(world);
  if (found === undefined) return undefined;
  const signer = isRelay(found.subject) ? world.account() : found.signer;
  const value = { delegator: signer.address, subject: found.subject, amount: `${world.amount()}` };
  return world.sign(signer, said(proto.MsgBond, value));
}

function unbond(world: World): Uint8Array | undefined {
  const subject = world.oneOf(bonds.keys(world.context));
  if (subject === undefined) return undefined;
  const signer = world.account();
  const value = { delegator: signer.address, subject, amount: `${world.amount(600_000)}` };
  return world.sign(signer, said(proto.MsgUnbond, value));
}

// ----------------------------------------------------------------------------------------------------------------- readings

function commitOf(world: World, { oracles: all, context, epoch }: Observed, id: bigint): Uint8Array | undefined {
  const oracle = all.find((one) => one.id === id);
  if (oracle === undefined || plans.get(context, epoch)?.isWhole !== true) return undefined;
  const found = readAndKeep(world, oracle.id);
  if (found === undefined) return undefined;
  const { root, count } = found.tree;
  const value = { operator: oracle.account.address, oracle: oracle.id, epoch, root, count };
  return world.sign(oracle.account, said(proto.MsgCommitReadings, value));
}

function commit(world: World): Uint8Array | undefined {
  const all = observed(world);
  const oracle = world.oneOf(all.oracles);
  return oracle && commitOf(world, all, oracle.id);
}

function submitOf(world: World, id: bigint, found: OracleReadings): Uint8Array {
  const signer = world.account();
  const place = { first: 0, length: found.attestations.length };
  const epoch = (currentEpoch(world.context)?.number ?? 0n) - 1n;
  const range = rangeOf(found, place, { epoch, oracle: id, vrfProof: found.vrfProof });
  return world.sign(signer, said(proto.MsgSubmitAttestations, { submitter: signer.address, ranges: [range] }));
}

/** What oracles do unasked: most of them in most epochs, at a block that chance gives. */
export function duties(world: World): { readonly operation: string; readonly bytes: Uint8Array }[] {
  const all = observed(world);
  return all.oracles.flatMap(({ id }) => {
    const before = keptReadings(world, all.epoch - 1n, id);
    const isCommitted = commits.has(all.context, [all.epoch, id]);
    const commitment = !isCommitted && world.random.chance(3) ? commitOf(world, all, id) : undefined;
    const submission = before !== undefined && world.random.chance(3) ? submitOf(world, id, before) : undefined;
    return [
      ...(commitment === undefined ? [] : [{ operation: "commit readings", bytes: commitment }]),
      ...(submission === undefined ? [] : [{ operation: "submit readings", bytes: submission }]),
    ];
  });
}

/** A range of what was committed to in the epoch before, by anybody; one reading in some is not what was signed. */
function submit(world: World): Uint8Array | undefined {
  const epoch = (currentEpoch(world.context)?.number ?? 0n) - 1n;
  const oracle = anyOracle(world);
  const found = oracle && keptReadings(world, epoch, oracle.id);
  if (found === undefined) return undefined;
  const first = world.random.below(found.attestations.length);
  const length = 1 + world.random.below(found.attestations.length - first);
  const { vrfProof } = found;
  const range = rangeOf(found, { first, length }, { epoch, oracle: oracle!.id, vrfProof });
  if (world.random.chance(6)) range.attestations[0] = { ...range.attestations[0]!, rttP50Micros: 1 };
  const signer = world.account();
  return world.sign(signer, said(proto.MsgSubmitAttestations, { submitter: signer.address, ranges: [range] }));
}

function challenge(world: World): Uint8Array | undefined {
  const relay = anyRelay(world);
  if (relay === undefined) return undefined;
  const signer = world.account();
  const epoch = (currentEpoch(world.context)?.number ?? 0n) - 2n;
  const value = { challenger: signer.address, relay: relay.id, epoch: epoch < 0n ? 0n : epoch };
  return world.sign(signer, said(proto.MsgChallenge, value));
}

function equivocate(world: World): Uint8Array | undefined {
  const epoch = (currentEpoch(world.context)?.number ?? 0n) - 1n;
  const oracle = world.oneOf(observed(world).oracles);
  const first = oracle && keptReadings(world, epoch, oracle.id)?.attestations[0];
  if (oracle === undefined || first === undefined) return undefined;
  const other = { ...first, checksPassed: first.checksPassed === 0 ? 1 : first.checksPassed - 1 };
  const by = { chainId, epoch, oracle: oracle.id, key: oracle.key, signing: realSigning, relayKey: () => undefined };
  const second = world.random.chance(3) ? other : signed(other, by);
  const signer = world.account();
  const value = { reporter: signer.address, oracle: oracle.id, epoch, first, second };
  return world.sign(signer, said(proto.MsgReportEquivocation, value));
}

// ------------------------------------------------------------------------------------------------------ evidence and families

/** Of what the chain asks for, or of nothing. */
function attachEvidence(world: World): Uint8Array | undefined {
  const found = anyRelay(world);
  const signer = found && world.accountOf(found.operator);
  if (signer === undefined || found!.standing === Standing.STANDING_LEFT) return undefined;
  const subject = relaySubject(found!.id);
  const challenged = challengeOf(world.context, subject);
  if (challenged === undefined) return undefined;
  const reportData = world.random.chance(4) ? new Uint8Array(64) : challenged.reportData;
  const value = {
    operator: signer.address,
    subject,
    format: "tdx-v4",
    epoch: challenged.epoch,
    evidence: makeQuote({ reportData }),
  };
  return world.sign(signer, said(proto.MsgAttachEvidence, value));
}

function family(world: World): Uint8Array | undefined {
  const signer = world.account();
  const operator = signer.address;
  const invitation = world.oneOf(invitations.keys(world.context));
  const invited = invitation && world.accountOf(accountAddress.encode(invitation[1]));
  if (invited !== undefined && world.random.chance(2)) {
    const value = { operator: invited.address, family: invitation![0] };
    return world.sign(invited, said(proto.MsgJoinFamily, value));
  }
  if (world.oneOf(families.keys(world.context)) !== undefined && world.random.chance(4))
    return world.sign(signer, said(proto.MsgLeaveFamily, { operator }));
  const value = { operator, invited: world.account().address, name: `family ${signer.accountNumber}` };
  return world.sign(signer, said(proto.MsgInviteToFamily, value));
}

export const attestationOperations: readonly Operation[] = [
  { name: "register relay", weight: 8, make: (world) => registerRelay(world) },
  { name: "register oracle", weight: 4, make: (world) => registerOracle(world) },
  { name: "update relay", weight: 4, make: update },
  { name: "pause, drain, leave", weight: 3, make: comeOrGo },
  { name: "report software", weight: 2, make: reportSoftware },
  { name: "bond", weight: 6, make: addBond },
  { name: "unbond", weight: 4, make: unbond },
  { name: "commit readings", weight: 5, make: commit },
  { name: "submit readings", weight: 10, make: submit },
  { name: "challenge", weight: 3, make: challenge },
  { name: "report equivocation", weight: 1, make: equivocate },
  { name: "attach evidence", weight: 2, make: attachEvidence },
  { name: "family", weight: 3, make: family },
];
