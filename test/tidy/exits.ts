/** Every message by which users take back what is theirs is named by its module, so that no emergency closes it for long. */
import type { Module } from "../../chain/module.ts";
import { unpausable } from "../../modules/circuit/surroundings.ts";
import type { Problems } from "./source.ts";

/** How such messages are called. */
const takesBack = /Msg(\w*)(Withdraw|Undelegate|Unbond|Claim|Redeem|Close|Revoke|Leave|Settle)/;

/** Called so, and yet no way out of anything. */
const noExits: ReadonlySet<string> = new Set([
  "/cosmos.distribution.v1beta1.MsgSetWithdrawAddress",
  "/cosmos.staking.v1beta1.MsgCancelUnbondingDelegation",
  "/weir.attestation.v1.MsgLeaveFamily",
  "/weir.rewards.v1.MsgSetWithdrawAddress",
  "/weir.treasury.v1.MsgWithdrawApproval",
]);

export function checkExits(modules: readonly Module[], others = noExits): Problems {
  const problems: Problems = [];
  for (const { name, messages, exits = [] } of modules) {
    for (const url of exits)
      if (messages[url] === undefined) problems.push(`${name} names ${url} as an exit, which is no message of it`);
    for (const url of Object.keys(messages)) {
      if (takesBack.test(url) && !exits.includes(url) && !others.has(url) && unpausable(url) === undefined) {
        problems.push(
          `${url}: is it how users take back what is theirs? Name it in the exits of ${name}, or in test/tidy/exits.ts why not`,
        );
      }
    }
  }
  return problems;
}
