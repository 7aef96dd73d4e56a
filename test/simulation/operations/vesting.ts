/** Accounts whose coins are not all free yet: made for somebody new, sent from, staked with. */
import { accountAddress } from "../../../chain/address.ts";
import { weir } from "../../../modules/index.ts";
import { iterateValidators } from "../../../modules/staking/index.ts";
import { MsgDelegate, MsgUndelegate } from "../../../proto/gen/cosmos/staking/v1beta1/tx.ts";
import * as proto from "../../../proto/gen/cosmos/vesting/v1beta1/tx.ts";
import { denom, sendOf, type TestAccount, testAccount } from "../../helpers/testapplication.ts";
import { fee, type Operation, said, type World } from "../world.ts";

/** Their numbers begin behind those of all other accounts. */
const firstVesting = 1_000;
const vestingMax = 12;

const coins = (amount: bigint) => [{ denom, amount: `${amount}` }];

/** Most of what vests does so within a run. */
const later = (world: World): bigint => world.chain.lastBlock().time.seconds + world.amount(600);

function create(world: World): Uint8Array {
  const signer = world.account();
  const toAddress = testAccount(firstVesting + world.random.below(vestingMax)).address;
  const parties = { fromAddress: signer.address, toAddress };
  const amount = coins(world.amount(20_000_000));
  switch (world.random.below(3)) {
    case 0:
      return world.sign(signer, said(proto.MsgCreatePermanentLockedAccount, { ...parties, amount }));
    case 1: {
      const vestingPeriods = [1, 2, 3].map(() => ({ length: world.amount(200), amount }));
      const startTime = world.chain.lastBlock().time.seconds;
      return world.sign(signer, said(proto.MsgCreatePeriodicVestingAccount, { ...parties, startTime, vestingPeriods }));
    }
    default: {
      const terms = { amount, endTime: later(world), delayed: world.random.chance(2) };
      return world.sign(signer, said(proto.MsgCreateVestingAccount, { ...parties, ...terms }));
    }
  }
}

/** One that was made already, with the number and sequence that it has. */
function vestingAccount(world: World): TestAccount | undefined {
  const account = testAccount(firstVesting + world.random.below(vestingMax));
  const known = weir.ante.accounts.account(world.context, accountAddress.decode(account.address));
  return known && { ...account, accountNumber: known.accountNumber, sequence: known.sequence };
}

const cheap = () => ({ ...fee(), amount: [] });

function spend(world: World): Uint8Array | undefined {
  const signer = vestingAccount(world);
  if (signer === undefined) return undefined;
  return world.chain.sign(signer, sendOf(signer.address, world.address(), world.amount(10_000_000)), cheap());
}

function stake(world: World): Uint8Array | undefined {
  const signer = vestingAccount(world);
  const validator = world.oneOf(iterateValidators(world.context));
  if (signer === undefined || validator === undefined) return undefined;
  const value = {
    delegatorAddress: signer.address,
    validatorAddress: validator.operatorAddress,
    amount: coins(world.amount(10_000_000))[0],
  };
  const message = world.random.chance(3) ? said(MsgUndelegate, value) : said(MsgDelegate, value);
  return world.chain.sign(signer, { messages: [message] }, cheap());
}

export const vestingOperations: readonly Operation[] = [
  { name: "create vesting account", weight: 8, make: create },
  { name: "spend what vests", weight: 8, make: spend },
  { name: "stake what vests", weight: 14, make: stake },
];
