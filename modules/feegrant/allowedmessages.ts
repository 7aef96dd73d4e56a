/** Another allowance, for some types of messages only. With the texts of cosmossdk.io/x/feegrant filtered_fee.go. Pure. */
import type { Context } from "../../chain/context.ts";
import { sdk } from "../../chain/errors.ts";
import { AllowedMsgAllowance } from "../../proto/gen/cosmos/feegrant/v1beta1/feegrant.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import type { Allowance } from "./allowance.ts";
import { messageNotAllowed, noAllowance, noMessages } from "./errors.ts";

/** Types of messages in one allowance: every use goes through them, and pays for each. */
export const allowedMessagesMax = 1_000;

/** cosmossdk.io/x/feegrant gasCostPerIteration. */
const gasPerMessage = 10n;

/** `open` reads the allowance within. */
export const allowedMessages = (given: AllowedMsgAllowance, open: (any: Any | undefined) => Allowance): Allowance => ({
  check() {
    const count = given.allowedMessages.length;
    if (given.allowance === undefined) throw noAllowance("allowance should not be empty");
    if (count === 0) throw noMessages("allowed messages shouldn't be empty");
    if (count > allowedMessagesMax) {
      throw sdk.invalidRequest(`${count} allowed messages, expected at most ${allowedMessagesMax}`);
    }
    open(given.allowance).check();
  },
  expiresAt: () => open(given.allowance).expiresAt(),
  accept(ctx, fee, messageUrls) {
    requireAllowed(ctx, given.allowedMessages, messageUrls);
    const left = open(given.allowance).accept(ctx, fee, messageUrls);
    if (left === "nothing") return left;
    const value = AllowedMsgAllowance.encode({ ...given, allowance: left }).finish();
    return { typeUrl: `/${AllowedMsgAllowance.$type}`, value };
  },
});

function requireAllowed(ctx: Context, allowed: readonly string[], messageUrls: readonly string[]): void {
  ctx.gas.consume(gasPerMessage * BigInt(allowed.length), "check msg");
  const known = new Set(allowed);
  for (const url of messageUrls) {
    ctx.gas.consume(gasPerMessage, "check msg");
    if (!known.has(url)) throw messageNotAllowed("message does not exist in allowed messages");
  }
}
