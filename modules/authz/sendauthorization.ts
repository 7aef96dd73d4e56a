/** A grant of transfers up to a limit, to some or to anybody, with the texts of cosmos-sdk x/bank/types/send_authorization.go. */
import { coinsFromProto, coinsProblem, coinsToProto, isZeroCoins, trySubtractCoins } from "../../chain/coins.ts";
import type { Context } from "../../chain/context.ts";
import { sdk } from "../../chain/errors.ts";
import { SendAuthorization } from "../../proto/gen/cosmos/bank/v1beta1/authz.ts";
import { MsgSend } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import { duplicateEntry } from "../bank/index.ts";
import type { AllowedMessage, Authorization, Left } from "./authorization.ts";
import { gasPerListed, listedMax } from "./lists.ts";

const messageUrl = `/${MsgSend.$type}`;

const toAny = (authorization: SendAuthorization): Any => ({
  typeUrl: `/${SendAuthorization.$type}`,
  value: SendAuthorization.encode(authorization).finish(),
});

export const sendAuthorization = (authorization: SendAuthorization): Authorization => ({
  messageUrl: () => messageUrl,
  check: () => check(authorization),
  accept: (ctx, message) => accept(ctx, authorization, message),
});

function check({ spendLimit, allowList }: SendAuthorization): void {
  const limit = coinsFromProto(spendLimit);
  if (limit.length === 0) throw sdk.invalidCoins("spend limit cannot be nil");
  if (limit.some(({ amount }) => amount <= 0n)) throw sdk.invalidCoins("spend limit must be positive");
  const problem = coinsProblem(limit);
  if (problem !== undefined) throw sdk.invalidCoins(`spend limit: ${problem}`);
  if (allowList.length > listedMax) {
    throw sdk.invalidRequest(`${allowList.length} addresses in allow_list, expected at most ${listedMax}`);
  }
  if (new Set(allowList).size < allowList.length) throw duplicateEntry();
}

function accept(ctx: Context, { spendLimit, allowList }: SendAuthorization, message: AllowedMessage): Left {
  if (message.typeUrl !== messageUrl) throw sdk.invalidType("type mismatch");
  const { amount, toAddress } = message.value as MsgSend;
  const left = trySubtractCoins(coinsFromProto(spendLimit), coinsFromProto(amount));
  if (left === undefined) throw sdk.insufficientFunds("requested amount is more than spend limit");
  if (allowList.length > 0 && !isListed(ctx, allowList, toAddress)) {
    throw sdk.unauthorized(`cannot send to ${toAddress} address`);
  }
  if (isZeroCoins(left)) return "nothing";
  return { updated: toAny({ spendLimit: coinsToProto(left), allowList }) };
}

function isListed(ctx: Context, list: readonly string[], address: string): boolean {
  for (const listed of list) {
    ctx.gas.consume(gasPerListed, "send authorization");
    if (listed === address) return true;
  }
  return false;
}
