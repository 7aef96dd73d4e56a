/** The messages of compliance. */
import { accountAddress } from "../../chain/address.ts";
import { requireAuthority } from "../../chain/authority.ts";
import { coinFromProto, coinProblem, coinsToProto, isValidDenom, type ProtoCoin } from "../../chain/coins.ts";
import { sdk } from "../../chain/errors.ts";
import { message } from "../../chain/handlers.ts";
import { parseIntText } from "../../chain/int.ts";
import { parameterUpdate } from "../../chain/parameterupdate.ts";
import type { DenomRule } from "../../proto/gen/weir/compliance/v1/state.ts";
import * as proto from "../../proto/gen/weir/compliance/v1/tx.ts";
import { issueCredential, removeIssuer, revokeCredential, setIssuer } from "./credentials.ts";
import { invalidField, invalidParams } from "./errors.ts";
import { claimHeld } from "./held.ts";
import { burnIssued, mintIssued, setIssuance } from "./issuance.ts";
import { declareJurisdiction } from "./jurisdictions.ts";
import { parameters, paramsOf, paramsProblem } from "./params.ts";
import { removeRule, ruleProblem, setRule } from "./rules.ts";
import { params } from "./state.ts";
import { hashBytes, issuerProblem, levelMax, requireJurisdiction, requireKind } from "./texts.ts";

function requireAddresses(...texts: readonly string[]): void {
  for (const text of texts) accountAddress.decode(text);
}

function requireCoin(amount: ProtoCoin | undefined): void {
  const problem = amount === undefined ? "no amount" : coinProblem(coinFromProto(amount));
  if (problem !== undefined || amount!.amount === "0")
    throw sdk.invalidCoins(problem ?? "an amount above 0 is expected");
}

function requireDenom(denom: string): void {
  if (!isValidDenom(denom)) throw invalidField(`${JSON.stringify(denom.slice(0, 128))} is no denomination`);
}

// --------------------------------------------------------------------------------------------------------- credentials and users

const issueHandler = message(proto.MsgIssueCredential, proto.MsgIssueCredentialResponse, {
  signers: ({ issuer }) => [issuer],
  validate({ issuer, subject, kind, level, jurisdiction, hash, expires }) {
    requireAddresses(issuer, subject);
    requireKind(kind);
    if (level > levelMax) throw invalidField(`level ${level}; expected ${levelMax} at most`);
    if (jurisdiction !== "") requireJurisdiction(jurisdiction);
    if (hash.length !== hashBytes) throw invalidField(`a hash of ${hash.length} bytes; expected ${hashBytes}`);
    if (expires === undefined) throw invalidField("expires is missing: a credential has an end");
  },
  execute(ctx, { expires, ...attested }) {
    issueCredential(ctx, { ...attested, expires: expires! });
    return {};
  },
});

const revokeHandler = message(proto.MsgRevokeCredential, proto.MsgRevokeCredentialResponse, {
  signers: ({ revoker }) => [revoker],
  validate({ revoker, issuer, subject, kind }) {
    requireAddresses(revoker, issuer, subject);
    requireKind(kind);
  },
  execute(ctx, { revoker, ...named }) {
    revokeCredential(ctx, revoker, named);
    return {};
  },
});

const claimHandler = message(proto.MsgClaimHeld, proto.MsgClaimHeldResponse, {
  signers: ({ owner }) => [owner],
  validate: ({ owner }) => requireAddresses(owner),
  execute: (ctx, { owner }) => ({ paid: coinsToProto(claimHeld(ctx, owner)) }),
});

const declareHandler = message(proto.MsgDeclareJurisdiction, proto.MsgDeclareJurisdictionResponse, {
  signers: ({ operator }) => [operator],
  validate({ operator, jurisdiction }) {
    requireAddresses(operator);
    if (jurisdiction !== "") requireJurisdiction(jurisdiction);
  },
  execute(ctx, { operator, relay, jurisdiction }) {
    declareJurisdiction(ctx, operator, relay, jurisdiction);
    return {};
  },
});

// --------------------------------------------------------------------------------------------------------------------- issuing

const mintHandler = message(proto.MsgMintIssued, proto.MsgMintIssuedResponse, {
  signers: ({ issuer }) => [issuer],
  validate({ issuer, recipient, amount }) {
    requireAddresses(issuer, recipient);
    requireCoin(amount);
  },
  execute(ctx, { issuer, recipient, amount }) {
    mintIssued(ctx, issuer, recipient, coinFromProto(amount!));
    return {};
  },
});

const burnHandler = message(proto.MsgBurnIssued, proto.MsgBurnIssuedResponse, {
  signers: ({ issuer }) => [issuer],
  validate({ issuer, amount }) {
    requireAddresses(issuer);
    requireCoin(amount);
  },
  execute(ctx, { issuer, amount }) {
    burnIssued(ctx, issuer, coinFromProto(amount!));
    return {};
  },
});

// ------------------------------------------------------------------------------------------------------------------ governance

const setIssuerHandler = message(proto.MsgSetIssuer, proto.MsgSetIssuerResponse, {
  signers: ({ authority }) => [authority],
  validate({ authority, address, name, reference, kinds }) {
    requireAuthority(authority);
    requireAddresses(address);
    const problem = issuerProblem(name, reference, kinds);
    if (problem !== undefined) throw invalidField(problem);
  },
  execute: (ctx, { authority: _, ...issuer }) => ({ version: setIssuer(ctx, issuer) }),
});

const removeIssuerHandler = message(proto.MsgRemoveIssuer, proto.MsgRemoveIssuerResponse, {
  signers: ({ authority }) => [authority],
  validate({ authority, address }) {
    requireAuthority(authority);
    requireAddresses(address);
  },
  execute(ctx, { address }) {
    removeIssuer(ctx, address);
    return {};
  },
});

function requireRule(rule: DenomRule | undefined): DenomRule {
  const problem = rule === undefined ? "rule is missing" : ruleProblem(rule);
  if (problem !== undefined) throw invalidField(problem);
  return rule!;
}

const setRuleHandler = message(proto.MsgSetDenomRule, proto.MsgSetDenomRuleResponse, {
  signers: ({ authority }) => [authority],
  validate({ authority, rule }) {
    requireAuthority(authority);
    requireRule(rule);
  },
  execute(ctx, { rule }) {
    setRule(ctx, requireRule(rule));
    return {};
  },
});

const removeRuleHandler = message(proto.MsgRemoveDenomRule, proto.MsgRemoveDenomRuleResponse, {
  signers: ({ authority }) => [authority],
  validate({ authority, denom }) {
    requireAuthority(authority);
    requireDenom(denom);
  },
  execute(ctx, { denom }) {
    removeRule(ctx, denom);
    return {};
  },
});

const setIssuanceHandler = message(proto.MsgSetIssuance, proto.MsgSetIssuanceResponse, {
  signers: ({ authority }) => [authority],
  validate({ authority, denom, issuer, cap }) {
    requireAuthority(authority);
    requireDenom(denom);
    if (issuer !== "") requireAddresses(issuer);
    if (parseIntText(cap) < 0n) throw invalidField(`the cap is ${cap}; expected 0 or more`);
  },
  execute: (ctx, { denom, issuer, cap }) => ({
    cap: `${setIssuance(ctx, { denom, issuer, cap: parseIntText(cap) })}`,
  }),
});

const updateParams = parameterUpdate(proto.MsgUpdateParams, proto.MsgUpdateParamsResponse, parameters, {
  params: paramsOf,
  problem: paramsProblem,
  refusal: invalidParams,
  store: params.set,
});

export const messages = {
  "/weir.compliance.v1.MsgIssueCredential": issueHandler,
  "/weir.compliance.v1.MsgRevokeCredential": revokeHandler,
  "/weir.compliance.v1.MsgClaimHeld": claimHandler,
  "/weir.compliance.v1.MsgMintIssued": mintHandler,
  "/weir.compliance.v1.MsgBurnIssued": burnHandler,
  "/weir.compliance.v1.MsgDeclareJurisdiction": declareHandler,
  "/weir.compliance.v1.MsgSetIssuer": setIssuerHandler,
  "/weir.compliance.v1.MsgRemoveIssuer": removeIssuerHandler,
  "/weir.compliance.v1.MsgSetDenomRule": setRuleHandler,
  "/weir.compliance.v1.MsgRemoveDenomRule": removeRuleHandler,
  "/weir.compliance.v1.MsgSetIssuance": setIssuanceHandler,
  "/weir.compliance.v1.MsgUpdateParams": updateParams,
};
