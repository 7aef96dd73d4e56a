/** Grants and messages of authz in few words, between the first addresses of accounts.ts. */
import { type GeneratedMessage, messageCodec } from "../../chain/codec.ts";
import type { Timestamp } from "../../chain/context.ts";
import { GenericAuthorization } from "../../proto/gen/cosmos/authz/v1beta1/authz.ts";
import { MsgExec, MsgGrant } from "../../proto/gen/cosmos/authz/v1beta1/tx.ts";
import { SendAuthorization } from "../../proto/gen/cosmos/bank/v1beta1/authz.ts";
import { MsgSend } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import { address, addressBytes, protoCoins } from "./accounts.ts";
import { testBlock } from "./testchain.ts";

export const [granter, grantee, third] = [0, 1, 2].map(address) as [string, string, string];
export const [granterBytes, granteeBytes] = [0, 1].map(addressBytes) as [Uint8Array, Uint8Array];
export const now = testBlock.time;
export const later = (seconds: bigint): Timestamp => ({ seconds: now.seconds + seconds, nanos: 0 });

export const urls = {
  grant: "/cosmos.authz.v1beta1.MsgGrant",
  revoke: "/cosmos.authz.v1beta1.MsgRevoke",
  exec: "/cosmos.authz.v1beta1.MsgExec",
  send: "/cosmos.bank.v1beta1.MsgSend",
} as const;

export const pack = <T>(message: GeneratedMessage<T>, value: Partial<T>): Any => {
  const codec = messageCodec(message);
  return { typeUrl: `/${codec.typeName}`, value: codec.encode(codec.fromPartial(value)) };
};

export const generic = (msg: string): Any => pack(GenericAuthorization, { msg });
export const sends = (limit: string, allowList: string[] = []): Any =>
  pack(SendAuthorization, { spendLimit: protoCoins(limit), allowList });

export const grant = (authorization: Any | undefined, changes: object = {}, expiration?: Timestamp) =>
  MsgGrant.fromPartial({ granter, grantee, grant: { authorization, expiration }, ...changes });

export const send = (from: string, amount: string, to = third): Any =>
  pack(MsgSend, { fromAddress: from, toAddress: to, amount: protoCoins(amount) });

export const exec = (msgs: Any[], by = grantee): MsgExec => ({ grantee: by, msgs });
export const execAny = (msgs: Any[], by = grantee): Any => pack(MsgExec, exec(msgs, by));
