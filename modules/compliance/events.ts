/** What compliance tells of. Freezes are told of by circuit. */
import { type Coins, formatCoins } from "../../chain/coins.ts";
import { type ChainEvent, event } from "../../chain/events.ts";
import { formatRfc3339 } from "../../chain/rfc3339.ts";
import type { Credential, Issuance, Issuer } from "../../proto/gen/weir/compliance/v1/state.ts";

const of = ({ issuer, subject, kind }: Pick<Credential, "issuer" | "subject" | "kind">) => ({ issuer, subject, kind });

export const credentialIssued = (credential: Credential): ChainEvent =>
  event("credential_issued", {
    ...of(credential),
    level: `${credential.level}`,
    jurisdiction: credential.jurisdiction,
    expires: formatRfc3339(credential.expires!),
  });

export const credentialRevoked = (credential: Credential, revoker: string): ChainEvent =>
  event("credential_revoked", { ...of(credential), revoker });

export const issuerApproved = ({ address, name, kinds, version }: Issuer): ChainEvent =>
  event("credential_issuer_approved", { issuer: address, name, kinds: kinds.join(","), version: `${version}` });

export const issuerRemoved = ({ address, version }: Issuer): ChainEvent =>
  event("credential_issuer_removed", { issuer: address, version: `${version}` });

export const ruleSet = (denom: string): ChainEvent => event("denom_rule_set", { denom });
export const ruleRemoved = (denom: string): ChainEvent => event("denom_rule_removed", { denom });

export const issuanceSet = ({ denom, issuer, cap }: Issuance): ChainEvent =>
  event("issuance_set", { denom, issuer, cap });

export const minted = (issuer: string, recipient: string, coins: Coins): ChainEvent =>
  event("issued_minted", { issuer, recipient, amount: formatCoins(coins) });

export const burned = (issuer: string, coins: Coins): ChainEvent =>
  event("issued_burned", { issuer, amount: formatCoins(coins) });

/** It waits for its owner. */
export const heldBack = (owner: string, coins: Coins, reason: string): ChainEvent =>
  event("payment_held", { owner, amount: formatCoins(coins), reason });

export const heldClaimed = (owner: string, coins: Coins): ChainEvent =>
  event("held_claimed", { owner, amount: formatCoins(coins) });

export const jurisdictionDeclared = (relay: bigint, jurisdiction: string): ChainEvent =>
  event("jurisdiction_declared", { relay: `${relay}`, jurisdiction });
