/** Rewards and commissions are withdrawn, let go elsewhere, given away; the community pool is funded. */
import { accountAddress, moduleAddress, validatorAddress } from "../../../chain/address.ts";
import { iterateDelegations, iterateValidators } from "../../../modules/staking/index.ts";
import * as proto from "../../../proto/gen/cosmos/distribution/v1beta1/tx.ts";
import { denom } from "../../helpers/testapplication.ts";
import { type Operation, said, type World } from "../world.ts";

const coins = (world: World) => [{ denom, amount: `${world.amount()}` }];

const anyOperator = (world: World): string =>
  world.oneOf(iterateValidators(world.context))?.operatorAddress ??
  validatorAddress.encode(accountAddress.decode(world.account().address));

/** Mostly of a delegation that there is. */
function withdrawReward(world: World): Uint8Array {
  const delegation = world.random.chance(8) ? undefined : world.oneOf(iterateDelegations(world.context));
  const signer = world.accountOf(delegation?.delegatorAddress ?? "") ?? world.account();
  const value = {
    delegatorAddress: signer.address,
    validatorAddress: delegation?.validatorAddress ?? anyOperator(world),
  };
  return world.sign(signer, said(proto.MsgWithdrawDelegatorReward, value));
}

function withdrawCommission(world: World): Uint8Array {
  const operator = anyOperator(world);
  const signer = world.accountOf(accountAddress.encode(validatorAddress.decode(operator))) ?? world.account();
  return world.sign(signer, said(proto.MsgWithdrawValidatorCommission, { validatorAddress: operator }));
}

const distributionAccount = accountAddress.encode(moduleAddress("distribution"));

/** To somebody, to oneself, or to an account that cannot receive. */
function setWithdrawAddress(world: World): Uint8Array {
  const signer = world.account();
  const withdrawAddress = world.random.chance(6) ? distributionAccount : world.address();
  return world.sign(signer, said(proto.MsgSetWithdrawAddress, { delegatorAddress: signer.address, withdrawAddress }));
}

function fundCommunityPool(world: World): Uint8Array {
  const signer = world.account();
  return world.sign(signer, said(proto.MsgFundCommunityPool, { depositor: signer.address, amount: coins(world) }));
}

function fundValidator(world: World): Uint8Array {
  const signer = world.account();
  const value = { depositor: signer.address, validatorAddress: anyOperator(world), amount: coins(world) };
  return world.sign(signer, said(proto.MsgDepositValidatorRewardsPool, value));
}

export const distributionOperations: readonly Operation[] = [
  { name: "withdraw reward", weight: 20, make: withdrawReward },
  { name: "withdraw commission", weight: 8, make: withdrawCommission },
  { name: "set withdraw address", weight: 5, make: setWithdrawAddress },
  { name: "fund community pool", weight: 3, make: fundCommunityPool },
  { name: "fund validator", weight: 6, make: fundValidator },
];
