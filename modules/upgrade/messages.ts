/** Upgrade's messages, refused in the order and words of cosmossdk.io/x/upgrade/keeper/msg_server.go. */
import { authorityAddress } from "../../chain/authority.ts";
import { message } from "../../chain/handlers.ts";
import * as proto from "../../proto/gen/cosmos/upgrade/v1beta1/tx.ts";
import { invalidSigner } from "./errors.ts";
import { cancel, schedule } from "./keeper.ts";
import { checkPlan } from "./plan.ts";

function requireAuthority(found: string): void {
  const expected = authorityAddress();
  if (found !== expected) throw invalidSigner(expected, found);
}

const softwareUpgrade = message(proto.MsgSoftwareUpgrade, proto.MsgSoftwareUpgradeResponse, {
  signers: (msg) => [msg.authority],
  validate(msg) {
    requireAuthority(msg.authority);
    checkPlan(msg.plan);
  },
  execute(ctx, msg) {
    requireAuthority(msg.authority);
    schedule(ctx, msg.plan);
    return {};
  },
});

const cancelUpgrade = message(proto.MsgCancelUpgrade, proto.MsgCancelUpgradeResponse, {
  signers: (msg) => [msg.authority],
  validate: (msg) => requireAuthority(msg.authority),
  execute(ctx, msg) {
    requireAuthority(msg.authority);
    cancel(ctx);
    return {};
  },
});

export const messages = {
  "/cosmos.upgrade.v1beta1.MsgSoftwareUpgrade": softwareUpgrade,
  "/cosmos.upgrade.v1beta1.MsgCancelUpgrade": cancelUpgrade,
};
