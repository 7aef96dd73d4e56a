/** `weir tx distribution withdraw-all-rewards`: one transaction for all that somebody earned, and for a validator's commission. */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import { messageCodec } from "../../chain/codec.ts";
import { messagesMax } from "../../chain/tx/ante/limits.ts";
import { weir } from "../../modules/index.ts";
import type { NodeClient } from "../../node/chain/nodeclient.ts";
import type { QueryDelegationTotalRewardsResponse } from "../../proto/gen/cosmos/distribution/v1beta1/query.ts";
import {
  MsgWithdrawDelegatorReward,
  MsgWithdrawValidatorCommission,
} from "../../proto/gen/cosmos/distribution/v1beta1/tx.ts";
import { UsageError } from "../arguments.ts";
import type { Command } from "../command.ts";
import type { NamedMessage } from "../tx/document.ts";
import { txFlags } from "../tx/flags.ts";
import { send } from "../tx/send.ts";
import { openSession } from "../tx/session.ts";

const rewardsPath = "/cosmos.distribution.v1beta1.Query/DelegationTotalRewards";
const rewardsQuery = weir.modules.flatMap(({ queries }) => queries[rewardsPath] ?? [])[0]!;

export const command: Command = {
  name: "tx distribution withdraw-all-rewards",
  positionals: [],
  summary: "Makes a transaction: withdraws all that you earned, from every validator.",
  description:
    "Asks the node where there is something to withdraw; a MsgWithdrawDelegatorReward for each is in the transaction.\n" +
    `A transaction holds at most ${messagesMax} messages: of more validators, those with the most come first.`,
  flags: [{ name: "commission", help: "the commission of the validator that --from operates, too" }, ...txFlags],
  examples: ["weir tx distribution withdraw-all-rewards --from alice"],
  async run(invocation) {
    const from = invocation.flag("from");
    if (from === undefined) throw new UsageError("--from is missing: the name or the address of the key that signs");
    const session = await openSession(invocation);
    if (session.node === undefined)
      throw new UsageError("--offline asks no node, which knows what there is to withdraw");
    const delegator = session.address(from);
    const commission = invocation.has("commission") ? [commissionOf(delegator)] : [];
    const validators = await rewarding(session.node, delegator);
    const chosen = validators.slice(0, messagesMax - commission.length);
    const messages = [...chosen.map((validator) => rewardOf(delegator, validator)), ...commission];
    if (messages.length === 0) throw new Error(`${delegator} has nothing to withdraw from any validator yet`);
    const left = validators.length - chosen.length;
    if (left > 0) invocation.say(`${left} more validators do not fit: withdraw from them when this is done.\n`);
    return send(session, messages);
  },
};

/** Validators of which at least one whole coin has been earned, those with the most first. */
async function rewarding(node: NodeClient, delegatorAddress: string): Promise<string[]> {
  const request = { delegatorAddress };
  const { rewards } = await node.query<object, QueryDelegationTotalRewardsResponse>(rewardsPath, rewardsQuery, request);
  const one = 10n ** 18n;
  const most = (reward: readonly { readonly amount: string }[]): bigint =>
    reward.reduce((sum, { amount }) => (BigInt(amount) > sum ? BigInt(amount) : sum), 0n);
  return rewards
    .map(({ validatorAddress: validator, reward }) => ({ validator, amount: most(reward) }))
    .filter(({ amount }) => amount >= one)
    .sort((a, b) => (a.amount > b.amount ? -1 : a.amount < b.amount ? 1 : 0))
    .map(({ validator }) => validator);
}

const rewardOf = (delegatorAddress: string, validator: string): NamedMessage => ({
  codec: messageCodec(MsgWithdrawDelegatorReward) as NamedMessage["codec"],
  value: { delegatorAddress, validatorAddress: validator },
});

const commissionOf = (account: string): NamedMessage => ({
  codec: messageCodec(MsgWithdrawValidatorCommission) as NamedMessage["codec"],
  value: { validatorAddress: validatorAddress.encode(accountAddress.decode(account)) },
});
