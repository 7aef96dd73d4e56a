/** The registry's messages: each checked as far as it alone tells, then done. Those of governance are governancemessages.ts. */
import { accountAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import type { SignatureCheck } from "../../chain/crypto/types.ts";
import { decFromProto, decToProto } from "../../chain/dec.ts";
import { message } from "../../chain/handlers.ts";
import { parseIntText } from "../../chain/int.ts";
import * as proto from "../../proto/gen/weir/attestation/v1/tx.ts";
import { bond } from "./bonds.ts";
import { isCellName } from "./cells.ts";
import { endpointLengthMax, endpointsMax } from "./endpoints.ts";
import { invalidEndpoint, invalidField, noSuchCell } from "./errors.ts";
import { exitPolicyProblem } from "./exitpolicy.ts";
import { inviteToFamily, joinFamily, leaveFamily, requireFamilyName } from "./families.ts";
import {
  requireClaim,
  requireCommission,
  requireDeclared,
  requireMoniker,
  requirePriceFloor,
  requireRtt,
  requireVersion,
} from "./fields.ts";
import { possessionCheck, publicKeyLength, requireKeyLengths } from "./keys.ts";
import { registerOracle, reportOracleSoftware, updateOracle } from "./oracles.ts";
import { registerRelay, reportRelaySoftware, updateRelay } from "./relays.ts";
import { drain, leave, pause, resume, unjail } from "./standing.ts";
import { isRelay, type Subject } from "./subject.ts";
import { unbond } from "./unbonding.ts";

// ------------------------------------------------------------------------------------------------------------------ checks

/** The rest needs the state: whether names are allowed, and which addresses. */
function requireEndpointShapes(endpoints: readonly string[]): void {
  if (endpoints.length === 0 || endpoints.length > endpointsMax) {
    throw invalidEndpoint(`there are ${endpoints.length} endpoints; expected 1 to ${endpointsMax}`);
  }
  for (const { length } of endpoints) {
    if (length > endpointLengthMax) throw invalidEndpoint(`an endpoint has ${length} characters; expected fewer`);
  }
}

function requireCellName(cell: string): void {
  if (!isCellName(cell)) throw noSuchCell(cell.slice(0, 24));
}

function requireExitPolicy(policy: proto.MsgRegisterRelay["exitPolicy"]): void {
  const problem = exitPolicyProblem(policy);
  if (problem !== undefined) throw invalidField(problem);
}

function requireSubject(subject: Subject | undefined): Subject {
  const isKnown = subject?.kind === 1 || subject?.kind === 2;
  if (subject === undefined || !isKnown || subject.id === 0n) {
    throw invalidField("subject is missing; expected relay or oracle, and its id");
  }
  return subject;
}

/** Up to 256 bits are read, and nothing below one. */
function requireAmount(text: string): bigint {
  const amount = parseIntText(text);
  if (amount <= 0n) throw invalidField(`amount is ${amount}; expected more than 0`);
  return amount;
}

/** What workers may begin to verify early. */
function transportChecks(ctx: ReadContext, operator: string, key: proto.PossessedKey | undefined): SignatureCheck[] {
  if (key?.publicKey.length !== publicKeyLength) return [];
  return [possessionCheck(ctx.block.chainId, accountAddress.decode(operator), key)];
}

// ------------------------------------------------------------------------------------------------------------------- relays

const registerRelayHandler = {
  ...message(proto.MsgRegisterRelay, proto.MsgRegisterRelayResponse, {
    signers: ({ operator }) => [operator],
    validate(msg) {
      accountAddress.decode(msg.operator);
      requireMoniker(msg.moniker);
      requireEndpointShapes(msg.endpoints);
      requireKeyLengths(msg.transportKey, "transport key");
      requireClaim(msg.claimedBps);
      requireRtt(msg.rttMicros);
      requireCellName(msg.cell);
      requireExitPolicy(msg.exitPolicy);
      requirePriceFloor(msg.priceFloor);
      requireVersion(msg.softwareVersion);
      requireCommission({
        rate: decFromProto(msg.commissionRate),
        rateMax: decFromProto(msg.commissionRateMax),
        changeMax: decFromProto(msg.commissionChangeMax),
      });
      requireAmount(msg.bond);
    },
    execute: registerRelay,
  }),
  furtherSignatures: (ctx: ReadContext, msg: proto.MsgRegisterRelay) =>
    transportChecks(ctx, msg.operator, msg.transportKey),
};

const updateRelayHandler = {
  ...message(proto.MsgUpdateRelay, proto.MsgUpdateRelayResponse, {
    signers: ({ operator }) => [operator],
    validate(msg) {
      accountAddress.decode(msg.operator);
      if (msg.moniker !== "") requireMoniker(msg.moniker);
      if (msg.endpoints !== undefined) requireEndpointShapes(msg.endpoints.endpoints);
      if (msg.transportKey !== undefined) requireKeyLengths(msg.transportKey, "transport key");
      if (msg.claim !== undefined && msg.claim.claimedBps > 0n) requireClaim(msg.claim.claimedBps);
      if (msg.claim !== undefined && msg.claim.rttMicros > 0n) requireRtt(msg.claim.rttMicros);
      if (msg.cell !== "") requireCellName(msg.cell);
      if (msg.exitPolicy !== undefined) requireExitPolicy(msg.exitPolicy);
      if (msg.priceFloor !== undefined) requirePriceFloor(msg.priceFloor.priceFloor);
    },
    execute: (ctx, msg) => ({ fromEpoch: updateRelay(ctx, msg) }),
  }),
  furtherSignatures: (ctx: ReadContext, msg: proto.MsgUpdateRelay) =>
    transportChecks(ctx, msg.operator, msg.transportKey),
};

// ------------------------------------------------------------------------------------------------------------------ oracles

const registerOracleHandler = {
  ...message(proto.MsgRegisterOracle, proto.MsgRegisterOracleResponse, {
    signers: ({ operator }) => [operator],
    validate(msg) {
      accountAddress.decode(msg.operator);
      requireMoniker(msg.moniker);
      requireEndpointShapes(msg.endpoints);
      requireKeyLengths(msg.transportKey, "transport key");
      requireKeyLengths(msg.vrfKey, "VRF key");
      requireDeclared(msg.declaredBps);
      requireCellName(msg.cell);
      requireVersion(msg.softwareVersion);
      requireAmount(msg.bond);
    },
    execute: registerOracle,
  }),
  furtherSignatures: (ctx: ReadContext, msg: proto.MsgRegisterOracle) =>
    transportChecks(ctx, msg.operator, msg.transportKey),
};

const updateOracleHandler = {
  ...message(proto.MsgUpdateOracle, proto.MsgUpdateOracleResponse, {
    signers: ({ operator }) => [operator],
    validate(msg) {
      accountAddress.decode(msg.operator);
      if (msg.moniker !== "") requireMoniker(msg.moniker);
      if (msg.endpoints !== undefined) requireEndpointShapes(msg.endpoints.endpoints);
      if (msg.transportKey !== undefined) requireKeyLengths(msg.transportKey, "transport key");
      if (msg.vrfKey !== undefined) requireKeyLengths(msg.vrfKey, "VRF key");
      if (msg.declaredBps > 0n) requireDeclared(msg.declaredBps);
      if (msg.cell !== "") requireCellName(msg.cell);
    },
    execute: (ctx, msg) => ({ fromEpoch: updateOracle(ctx, msg) }),
  }),
  furtherSignatures: (ctx: ReadContext, msg: proto.MsgUpdateOracle) =>
    transportChecks(ctx, msg.operator, msg.transportKey),
};

// --------------------------------------------------------------------------------------------------------- coming and going

interface OfSubject {
  readonly operator: string;
  readonly subject: Subject | undefined;
}

function requireParties({ operator, subject }: OfSubject): void {
  accountAddress.decode(operator);
  requireSubject(subject);
}

const pauseHandler = message(proto.MsgPause, proto.MsgPauseResponse, {
  signers: ({ operator }) => [operator],
  validate: requireParties,
  execute: (ctx, { subject, operator }: proto.MsgPause) => ({ fromEpoch: pause(ctx, subject!, operator) }),
});

const resumeHandler = message(proto.MsgResume, proto.MsgResumeResponse, {
  signers: ({ operator }) => [operator],
  validate: requireParties,
  execute: (ctx, { subject, operator }: proto.MsgResume) => ({ fromEpoch: resume(ctx, subject!, operator) }),
});

const leaveHandler = message(proto.MsgLeave, proto.MsgLeaveResponse, {
  signers: ({ operator }) => [operator],
  validate: requireParties,
  execute: (ctx, { subject, operator }: proto.MsgLeave) => ({ leaveTime: leave(ctx, subject!, operator) }),
});

const drainHandler = message(proto.MsgDrain, proto.MsgDrainResponse, {
  signers: ({ operator }) => [operator],
  validate: ({ operator }) => void accountAddress.decode(operator),
  execute: (ctx, { relay, operator, epochs }) => ({ untilEpoch: drain(ctx, relay, operator, epochs) }),
});

const unjailHandler = message(proto.MsgUnjail, proto.MsgUnjailResponse, {
  signers: ({ operator }) => [operator],
  validate: ({ operator }) => void accountAddress.decode(operator),
  execute: (ctx, { oracle, operator }) => ({ fromEpoch: unjail(ctx, oracle, operator) }),
});

const reportSoftware = message(proto.MsgReportSoftware, proto.MsgReportSoftwareResponse, {
  signers: ({ operator }) => [operator],
  validate(msg) {
    requireParties(msg);
    requireVersion(msg.version);
  },
  execute(ctx, { subject, operator, version }) {
    if (isRelay(subject!)) reportRelaySoftware(ctx, subject!.id, operator, version);
    else reportOracleSoftware(ctx, subject!.id, operator, version);
    return {};
  },
});

// ------------------------------------------------------------------------------------------------------------------- bonds

function requireBonding(msg: proto.MsgBond | proto.MsgUnbond): void {
  accountAddress.decode(msg.delegator);
  requireSubject(msg.subject);
  requireAmount(msg.amount);
}

const bondingOf = ({ subject, delegator, amount }: proto.MsgBond | proto.MsgUnbond) => ({
  subject: subject!,
  delegator: accountAddress.decode(delegator),
  amount: parseIntText(amount),
});

const bondHandler = message(proto.MsgBond, proto.MsgBondResponse, {
  signers: ({ delegator }) => [delegator],
  validate: requireBonding,
  execute: (ctx, msg: proto.MsgBond) => ({ shares: decToProto(bond(ctx, bondingOf(msg))) }),
});

const unbondHandler = message(proto.MsgUnbond, proto.MsgUnbondResponse, {
  signers: ({ delegator }) => [delegator],
  validate: requireBonding,
  execute(ctx, msg: proto.MsgUnbond) {
    const { completionTime, amount } = unbond(ctx, bondingOf(msg));
    return { completionTime, amount: `${amount}` };
  },
});

// ---------------------------------------------------------------------------------------------------------------- families

const inviteHandler = message(proto.MsgInviteToFamily, proto.MsgInviteToFamilyResponse, {
  signers: ({ operator }) => [operator],
  validate({ operator, invited, name }) {
    accountAddress.decode(operator);
    accountAddress.decode(invited);
    requireFamilyName(name);
    if (operator === invited) throw invalidField("an operator invites another one, not itself");
  },
  execute: (ctx, { operator, invited, name }) =>
    inviteToFamily(ctx, accountAddress.decode(operator), accountAddress.decode(invited), name),
});

const joinHandler = message(proto.MsgJoinFamily, proto.MsgJoinFamilyResponse, {
  signers: ({ operator }) => [operator],
  validate: ({ operator }) => void accountAddress.decode(operator),
  execute: (ctx, { operator, family }) => ({ fromEpoch: joinFamily(ctx, accountAddress.decode(operator), family) }),
});

const leaveFamilyHandler = message(proto.MsgLeaveFamily, proto.MsgLeaveFamilyResponse, {
  signers: ({ operator }) => [operator],
  validate: ({ operator }) => void accountAddress.decode(operator),
  execute: (ctx, { operator }) => ({ fromEpoch: leaveFamily(ctx, accountAddress.decode(operator)) }),
});

export const registryMessages = {
  "/weir.attestation.v1.MsgRegisterRelay": registerRelayHandler,
  "/weir.attestation.v1.MsgUpdateRelay": updateRelayHandler,
  "/weir.attestation.v1.MsgRegisterOracle": registerOracleHandler,
  "/weir.attestation.v1.MsgUpdateOracle": updateOracleHandler,
  "/weir.attestation.v1.MsgPause": pauseHandler,
  "/weir.attestation.v1.MsgDrain": drainHandler,
  "/weir.attestation.v1.MsgResume": resumeHandler,
  "/weir.attestation.v1.MsgLeave": leaveHandler,
  "/weir.attestation.v1.MsgUnjail": unjailHandler,
  "/weir.attestation.v1.MsgReportSoftware": reportSoftware,
  "/weir.attestation.v1.MsgBond": bondHandler,
  "/weir.attestation.v1.MsgUnbond": unbondHandler,
  "/weir.attestation.v1.MsgInviteToFamily": inviteHandler,
  "/weir.attestation.v1.MsgJoinFamily": joinHandler,
  "/weir.attestation.v1.MsgLeaveFamily": leaveFamilyHandler,
};
