/**
 * An act that members sign elsewhere and anybody hands in at once. Owns the bytes that are signed: the act in its one encoding, with chain,
 * committee, number and end, as the data of ADR-036, which wallets and hardware keys show and which can never be a transaction.
 */
import { accountAddress } from "../../chain/address.ts";
import { base64 } from "../../chain/base64.ts";
import { messageCodec } from "../../chain/codec.ts";
import type { Context, ReadContext, Timestamp } from "../../chain/context.ts";
import { compareTimes } from "../../chain/time.ts";
import { encodeUtf8 } from "../../chain/utf8.ts";
import { PubKey } from "../../proto/gen/cosmos/crypto/secp256k1/keys.ts";
import type { Act } from "../../proto/gen/weir/circuit/v1/state.ts";
import { ActToSign, type MsgSubmitSignedAct } from "../../proto/gen/weir/circuit/v1/tx.ts";
import { getAccount } from "../auth/index.ts";
import { begin } from "./acts.ts";
import { getCommittee, inOffice } from "./committee.ts";
import { invalidSignatures, notMember, wrongNonce } from "./errors.ts";
import { nonces } from "./state.ts";
import type { Surroundings } from "./surroundings.ts";

const purpose = "weir emergency act";
const secp256k1Url = `/${PubKey.$type}`;
const signatureLength = 64;
const actToSign = messageCodec(ActToSign);

/** What is signed of an act, the same for every member. */
export interface SignedContent {
  readonly chainId: string;
  readonly committeeVersion: bigint;
  readonly nonce: bigint;
  readonly validUntil: Timestamp;
  readonly act: Act;
}

/** ADR-036's document, in the one way that amino JSON is written. */
export function signDoc(member: string, content: SignedContent): string {
  const data = base64(actToSign.encode(actToSign.fromPartial({ purpose, ...content })));
  const message = `{"type":"sign/MsgSignData","value":{"data":"${data}","signer":"${member}"}}`;
  return `{"account_number":"0","chain_id":"","fee":{"amount":[],"gas":"0"},"memo":"","msgs":[${message}],"sequence":"0"}`;
}

export const contentOf = (ctx: ReadContext, act: Act, validUntil: Timestamp): SignedContent => ({
  chainId: ctx.block.chainId,
  committeeVersion: getCommittee(ctx).version,
  nonce: nonces.peek(ctx),
  validUntil,
  act,
});

/** Of the message alone. */
export function signaturesProblem({ signatures, validUntil }: MsgSubmitSignedAct): string | undefined {
  if (validUntil === undefined) return "the time until which the signatures count is missing";
  if (signatures.length === 0) return "there is no signature";
  for (const [index, { member, signature }] of signatures.entries()) {
    if (signatures.findIndex((other) => other.member === member) !== index) return `${member} signed twice`;
    if (signature.length !== signatureLength)
      return `the signature of ${member} has ${signature.length} bytes, expected ${signatureLength}`;
  }
  return undefined;
}

/** Every signature must be good and of a member in office: one that is not is refused with the rest. */
export function submitSigned(ctx: Context, chain: Surroundings, msg: MsgSubmitSignedAct): bigint {
  const next = nonces.peek(ctx);
  if (msg.nonce !== next) throw wrongNonce(msg.nonce, next);
  if (compareTimes(msg.validUntil!, ctx.block.time) <= 0) throw invalidSignatures("the time of the signatures is over");
  const { threshold } = getCommittee(ctx);
  const members = msg.signatures.map(({ member }) => member);
  if (threshold === 0 || members.length < threshold) {
    throw invalidSignatures(`${members.length} members signed, and ${threshold} must; 0: there is no committee`);
  }
  const office = inOffice(ctx);
  const content = contentOf(ctx, msg.act!, msg.validUntil!);
  for (const { member, signature } of msg.signatures) {
    if (!office.includes(member)) throw notMember(member);
    const check = { scheme: "secp256k1", publicKey: keyOf(ctx, member), signature } as const;
    if (ctx.verify({ ...check, message: encodeUtf8(signDoc(member, content)) })) continue;
    throw invalidSignatures(`the signature of ${member} is not of this act, chain, committee, number and end`);
  }
  nonces.next(ctx);
  return begin(ctx, chain, msg.act!, members);
}

/** Of the member's account, which the chain knows from its first transaction on. */
function keyOf(ctx: ReadContext, member: string): Uint8Array {
  const key = getAccount(ctx, accountAddress.decode(member))?.base.pubKey;
  if (key?.typeUrl === secp256k1Url) return PubKey.decode(key.value).key;
  throw invalidSignatures(
    `the chain knows no secp256k1 key of ${member}: an account that never sent a transaction, or a multisig, approves on chain`,
  );
}
