/** The market's messages. */
import { accountAddress } from "../../chain/address.ts";
import { requireAuthority } from "../../chain/authority.ts";
import { coinFromProto } from "../../chain/coins.ts";
import { decFromProto } from "../../chain/dec.ts";
import { message } from "../../chain/handlers.ts";
import { parameterUpdate } from "../../chain/parameterupdate.ts";
import { addDuration, compareTimes } from "../../chain/time.ts";
import { Params } from "../../proto/gen/weir/market/v1/state.ts";
import * as proto from "../../proto/gen/weir/market/v1/tx.ts";
import { requireBuyer } from "../attestation/index.ts";
import { requireAddress, requireCoin, requireDec, requireRange, requireText } from "./checks.ts";
import { contractMessages } from "./contractmessages.ts";
import { badAmount, badKey, invalidParams, tooMany } from "./errors.ts";
import { parameters } from "./parameters.ts";
import { paramsProblem } from "./params.ts";
import { openSession, topUpSession } from "./sessions.ts";
import { closeSession, settle, voucherChecks } from "./settle.ts";
import { params } from "./state.ts";
import { vouchersMax } from "./voucher.ts";
import { freezeDenom, thawDenom, topUp, withdraw } from "./wallets.ts";
import { requireWish } from "./wishes.ts";

const keyLength = 32;
export const epochsMax = 1n << 32n;
export const reasonBytesMax = 256;
const freezeMax = { seconds: 90n * 86_400n, nanos: 0 };

const topUpHandler = message(proto.MsgTopUp, proto.MsgTopUpResponse, {
  signers: ({ sender }) => [sender],
  validate({ sender, owner, amount }) {
    requireAddress(sender);
    requireAddress(owner);
    requireCoin(amount, "amount");
  },
  execute(ctx, { sender, owner, amount }) {
    topUp(ctx, accountAddress.decode(sender), accountAddress.decode(owner), coinFromProto(amount!));
    return {};
  },
});

const withdrawHandler = message(proto.MsgWithdraw, proto.MsgWithdrawResponse, {
  signers: ({ owner }) => [owner],
  validate({ owner, amount }) {
    requireAddress(owner);
    requireCoin(amount, "amount");
  },
  execute(ctx, { owner, amount }) {
    withdraw(ctx, accountAddress.decode(owner), coinFromProto(amount!));
    return {};
  },
});

const openSessionHandler = message(proto.MsgOpenSession, proto.MsgOpenSessionResponse, {
  signers: ({ client }) => [client],
  validate({ client, key, deposit, priceMax, epochs, wish }) {
    requireAddress(client);
    if (key.length !== keyLength) throw badKey(`has ${key.length} bytes, not ${keyLength}`);
    if (deposit !== undefined) requireCoin(deposit, "deposit");
    requireDec("price_max", priceMax);
    requireRange("epochs", epochs, 1n, epochsMax);
    requireWish(wish);
  },
  execute(ctx, { client, deposit, priceMax, ...rest }) {
    requireBuyer(ctx, accountAddress.decode(client));
    const { id, price } = openSession(ctx, {
      ...rest,
      client: accountAddress.decode(client),
      deposit: deposit === undefined ? undefined : coinFromProto(deposit),
      priceMax: decFromProto(priceMax),
    });
    return { session: id, price };
  },
});

const topUpSessionHandler = message(proto.MsgTopUpSession, proto.MsgTopUpSessionResponse, {
  signers: ({ client }) => [client],
  validate({ client, amount, epochs }) {
    requireAddress(client);
    if (amount === undefined && epochs === 0n) throw badAmount("amount", "nothing", "an amount, or epochs more");
    if (amount !== undefined) requireCoin(amount, "amount");
    requireRange("epochs", epochs, 0n, epochsMax);
  },
  execute(ctx, { client, session, amount, epochs }) {
    const coin = amount === undefined ? undefined : coinFromProto(amount);
    topUpSession(ctx, { client, session, amount: coin, epochs });
    return {};
  },
});

const settleHandler = message(proto.MsgSettle, proto.MsgSettleResponse, {
  signers: ({ submitter }) => [submitter],
  validate({ submitter, vouchers }) {
    requireAddress(submitter);
    const { length } = vouchers;
    if (length < 1 || length > vouchersMax) throw tooMany("vouchers", length, vouchersMax);
  },
  furtherSignatures: (ctx, { vouchers }) => voucherChecks(ctx, vouchers),
  execute: (ctx, { submitter, vouchers }) => ({ results: settle(ctx, submitter, vouchers) }),
});

const closeSessionHandler = message(proto.MsgCloseSession, proto.MsgCloseSessionResponse, {
  signers: ({ signer }) => [signer],
  validate({ signer, session, voucher }) {
    requireAddress(signer);
    if (voucher !== undefined && voucher.session !== session) {
      throw badAmount("the voucher's session", `${voucher.session}`, `${session}`);
    }
  },
  execute(ctx, msg) {
    const { refunded, endsEpoch } = closeSession(ctx, msg);
    return { refunded: `${refunded}`, endsEpoch };
  },
});

const freezeDenomHandler = message(proto.MsgFreezeDenom, proto.MsgFreezeDenomResponse, {
  signers: ({ authority }) => [authority],
  validate({ authority, until, reason }) {
    requireAuthority(authority);
    if (until === undefined) throw badAmount("until", "nothing", "a time");
    requireText("the reason", reason, reasonBytesMax);
  },
  execute(ctx, { denom, until, reason }) {
    const { time } = ctx.block;
    const isWithin = compareTimes(until!, time) > 0 && compareTimes(until!, addDuration(time, freezeMax)) <= 0;
    if (!isWithin) throw badAmount("until", `${until!.seconds}s`, "a time within the next 90 days");
    freezeDenom(ctx, denom, until!, reason);
    return {};
  },
});

const thawDenomHandler = message(proto.MsgThawDenom, proto.MsgThawDenomResponse, {
  signers: ({ authority }) => [authority],
  validate: ({ authority }) => requireAuthority(authority),
  execute(ctx, { denom }) {
    thawDenom(ctx, denom);
    return {};
  },
});

const updateParams = parameterUpdate(proto.MsgUpdateParams, proto.MsgUpdateParamsResponse, parameters, {
  params: (msg) => msg.params ?? Params.fromPartial({}),
  problem: paramsProblem,
  refusal: invalidParams,
  store: (ctx, next) => params.set(ctx, next),
});

export const messages = {
  "/weir.market.v1.MsgTopUp": topUpHandler,
  "/weir.market.v1.MsgWithdraw": withdrawHandler,
  "/weir.market.v1.MsgOpenSession": openSessionHandler,
  "/weir.market.v1.MsgTopUpSession": topUpSessionHandler,
  "/weir.market.v1.MsgSettle": settleHandler,
  "/weir.market.v1.MsgCloseSession": closeSessionHandler,
  ...contractMessages,
  "/weir.market.v1.MsgFreezeDenom": freezeDenomHandler,
  "/weir.market.v1.MsgThawDenom": thawDenomHandler,
  "/weir.market.v1.MsgUpdateParams": updateParams,
};
