/** Vesting's messages, refused in the order and words of cosmos-sdk x/auth/vesting/msg_server.go. */
import { accountAddress } from "../../chain/address.ts";
import { type Coins, coinsFromProto, formatCoins, isValidCoins, type ProtoCoin, sumCoins } from "../../chain/coins.ts";
import type { Context } from "../../chain/context.ts";
import { ChainError, sdk } from "../../chain/errors.ts";
import { message } from "../../chain/handlers.ts";
import * as proto from "../../proto/gen/cosmos/vesting/v1beta1/tx.ts";
import {
  addVestingAccount,
  hasAccount,
  periodsEnd,
  type Schedule,
  type VestingPart,
  type VestingPeriod,
  vestingProblem,
} from "../auth/index.ts";
import { isBlocked, requireSendEnabled, sendCoins } from "../bank/index.ts";

function decodeAddress(text: string, which: string): Uint8Array {
  try {
    return accountAddress.decode(text);
  } catch (error) {
    if (error instanceof ChainError) throw sdk.invalidAddress(`invalid '${which}' address: ${error.message}`);
    throw error;
  }
}

function decodeAmount(amount: readonly ProtoCoin[]): Coins {
  const coins = coinsFromProto(amount);
  if (!isValidCoins(coins) || coins.length === 0) throw sdk.invalidCoins(formatCoins(coins));
  return coins;
}

interface Gift {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** As it stands in the message. */
  readonly receiver: string;
  readonly amount: Coins;
}

function giftOf(msg: { fromAddress: string; toAddress: string; amount: readonly ProtoCoin[] }): Gift {
  const from = decodeAddress(msg.fromAddress, "from");
  const to = decodeAddress(msg.toAddress, "to");
  return { from, to, receiver: msg.toAddress, amount: decodeAmount(msg.amount) };
}

const nothingDelegated = { delegatedFree: [], delegatedVesting: [] } as const;

const partOf = (schedule: Schedule, { amount }: Gift, endTime: bigint): VestingPart => {
  const part = { schedule, originalVesting: amount, ...nothingDelegated, endTime };
  const problem = vestingProblem(part);
  if (problem !== undefined) throw sdk.invalidRequest(problem);
  return part;
};

function requireReceiver({ to, receiver }: Gift): void {
  if (isBlocked(to)) throw sdk.unauthorized(`${receiver} is not allowed to receive funds`);
}

function requireNew(ctx: Context, { to, receiver }: Gift): void {
  if (hasAccount(ctx, to)) throw sdk.invalidRequest(`account ${receiver} already exists`);
}

function give(ctx: Context, { from, to, amount }: Gift, part: VestingPart): Record<never, never> {
  addVestingAccount(ctx, to, part);
  sendCoins(ctx, from, to, amount);
  return {};
}

// ------------------------------------------------------------------------------------------------------------------- messages

function vestingGift(msg: proto.MsgCreateVestingAccount): Gift {
  const gift = giftOf(msg);
  if (msg.endTime <= 0n) throw sdk.invalidRequest("invalid end time");
  return gift;
}

const createVestingAccount = message(proto.MsgCreateVestingAccount, proto.MsgCreateVestingAccountResponse, {
  signers: (msg) => [msg.fromAddress],
  validate(msg) {
    vestingGift(msg);
  },
  execute(ctx, msg) {
    const gift = vestingGift(msg);
    requireSendEnabled(ctx, gift.amount);
    requireReceiver(gift);
    requireNew(ctx, gift);
    const schedule: Schedule = msg.delayed
      ? { kind: "delayed" }
      : { kind: "continuous", startTime: ctx.block.time.seconds };
    return give(ctx, gift, partOf(schedule, gift, msg.endTime));
  },
});

const createPermanentLockedAccount = message(
  proto.MsgCreatePermanentLockedAccount,
  proto.MsgCreatePermanentLockedAccountResponse,
  {
    signers: (msg) => [msg.fromAddress],
    validate(msg) {
      giftOf(msg);
    },
    execute(ctx, msg) {
      const gift = giftOf(msg);
      requireSendEnabled(ctx, gift.amount);
      requireReceiver(gift);
      requireNew(ctx, gift);
      return give(ctx, gift, partOf({ kind: "permanent" }, gift, 0n));
    },
  },
);

function periodicGift(msg: proto.MsgCreatePeriodicVestingAccount): { gift: Gift; part: VestingPart } {
  const from = decodeAddress(msg.fromAddress, "from");
  const to = decodeAddress(msg.toAddress, "to");
  const { startTime } = msg;
  if (startTime < 1n) {
    throw sdk.invalidRequest(`invalid start time of ${startTime}, length must be greater than 0`);
  }
  const periods = msg.vestingPeriods.map(({ length, amount }, index): VestingPeriod => {
    if (length < 1n) {
      throw sdk.invalidRequest(`invalid period length of ${length} in period ${index}, length must be greater than 0`);
    }
    return { lengthSeconds: length, amount: decodeAmount(amount) };
  });
  const amount = sumCoins(periods.map((period) => period.amount));
  const gift = { from, to, receiver: msg.toAddress, amount };
  return { gift, part: partOf({ kind: "periodic", startTime, periods }, gift, periodsEnd(startTime, periods)) };
}

const createPeriodicVestingAccount = message(
  proto.MsgCreatePeriodicVestingAccount,
  proto.MsgCreatePeriodicVestingAccountResponse,
  {
    signers: (msg) => [msg.fromAddress],
    validate(msg) {
      periodicGift(msg);
    },
    execute(ctx, msg) {
      const { gift, part } = periodicGift(msg);
      requireReceiver(gift);
      requireNew(ctx, gift);
      requireSendEnabled(ctx, gift.amount);
      return give(ctx, gift, part);
    },
  },
);

export const messages = {
  "/cosmos.vesting.v1beta1.MsgCreateVestingAccount": createVestingAccount,
  "/cosmos.vesting.v1beta1.MsgCreatePermanentLockedAccount": createPermanentLockedAccount,
  "/cosmos.vesting.v1beta1.MsgCreatePeriodicVestingAccount": createPeriodicVestingAccount,
};
