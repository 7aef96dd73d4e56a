/** Feegrant's messages, refused in the order and words of cosmossdk.io/x/feegrant keeper/msg_server.go. */
import { accountAddress } from "../../chain/address.ts";
import { ChainError, sdk, unregistered } from "../../chain/errors.ts";
import { message } from "../../chain/handlers.ts";
import * as proto from "../../proto/gen/cosmos/feegrant/v1beta1/tx.ts";
import { openAllowance } from "./allowance.ts";
import { allowancesPruned } from "./events.ts";
import { expiredPerMessageMax, grantAllowance, type Pair, removeExpired, revokeAllowance } from "./keeper.ts";

/** The SDK does not wrap these. */
function decodeAddress(text: string): Uint8Array {
  try {
    return accountAddress.decode(text);
  } catch (error) {
    if (error instanceof ChainError) throw unregistered(error.message);
    throw error;
  }
}

interface Parties {
  readonly granter: string;
  readonly grantee: string;
}

/** Bech32 may be all in capitals, so that texts are compared without case. */
function pairOf({ granter, grantee }: Parties, sameText: string): Pair {
  if (granter.toLowerCase() === grantee.toLowerCase()) throw sdk.invalidAddress(sameText);
  const decoded = decodeAddress(grantee);
  return { granter: decodeAddress(granter), grantee: decoded };
}

const toGrant = (msg: Parties): Pair => pairOf(msg, "cannot self-grant fee authorization");
const toRevoke = (msg: Parties): Pair => pairOf(msg, "addresses must be different");

const grant = message(proto.MsgGrantAllowance, proto.MsgGrantAllowanceResponse, {
  signers: (msg) => [msg.granter],
  validate(msg) {
    toGrant(msg);
    openAllowance(msg.allowance).check();
  },
  execute(ctx, msg) {
    grantAllowance(ctx, toGrant(msg), msg.allowance!);
    return {};
  },
});

const revoke = message(proto.MsgRevokeAllowance, proto.MsgRevokeAllowanceResponse, {
  signers: (msg) => [msg.granter],
  validate(msg) {
    toRevoke(msg);
  },
  execute(ctx, msg) {
    revokeAllowance(ctx, toRevoke(msg));
    return {};
  },
});

const prune = message(proto.MsgPruneAllowances, proto.MsgPruneAllowancesResponse, {
  signers: (msg) => [msg.pruner],
  validate(msg) {
    decodeAddress(msg.pruner);
  },
  execute(ctx, { pruner }) {
    removeExpired(ctx, expiredPerMessageMax);
    ctx.emit(allowancesPruned(pruner));
    return {};
  },
});

export const messages = {
  "/cosmos.feegrant.v1beta1.MsgGrantAllowance": grant,
  "/cosmos.feegrant.v1beta1.MsgRevokeAllowance": revoke,
  "/cosmos.feegrant.v1beta1.MsgPruneAllowances": prune,
};
