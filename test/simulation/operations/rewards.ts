/** What relays and oracles earned is claimed, bonded again, or sent elsewhere; mostly by who has something. */
import { accountAddress, moduleAddress } from "../../../chain/address.ts";
import { delegations } from "../../../modules/attestation/state.ts";
import { isRelay } from "../../../modules/attestation/subject.ts";
import { oracles } from "../../../modules/rewards/state.ts";
import * as proto from "../../../proto/gen/weir/rewards/v1/tx.ts";
import { type Operation, said, type World } from "../world.ts";

/** Of a share in a relay's bond that there is. */
function claim(world: World): Uint8Array | undefined {
  const found = world.oneOf(delegations.keys(world.context));
  if (found === undefined || !isRelay(found[0])) return undefined;
  const signer = world.random.chance(8) ? world.account() : world.accountOf(accountAddress.encode(found[1]));
  if (signer === undefined) return undefined;
  const value = { claimant: signer.address, relayId: found[0].id };
  const message = world.random.chance(3) ? said(proto.MsgRestake, value) : said(proto.MsgClaim, value);
  return world.sign(signer, message);
}

function claimAll(world: World): Uint8Array {
  const signer = world.account();
  return world.sign(signer, said(proto.MsgClaimAll, { claimant: signer.address }));
}

function claimOracle(world: World): Uint8Array | undefined {
  const found = world.oneOf(oracles.iterate(world.context));
  if (found === undefined) return undefined;
  const signer = world.accountOf(found[1].operator) ?? world.account();
  return world.sign(signer, said(proto.MsgClaimOracle, { claimant: signer.address, oracleId: found[0] }));
}

const rewardsAccount = accountAddress.encode(moduleAddress("rewards"));

function setWithdrawAddress(world: World): Uint8Array {
  const signer = world.account();
  const withdrawAddress = world.random.chance(6) ? rewardsAccount : world.address();
  return world.sign(signer, said(proto.MsgSetWithdrawAddress, { owner: signer.address, withdrawAddress }));
}

export const rewardsOperations: readonly Operation[] = [
  { name: "claim", weight: 8, make: claim },
  { name: "claim all", weight: 4, make: claimAll },
  { name: "claim of an oracle", weight: 4, make: claimOracle },
  { name: "send rewards elsewhere", weight: 2, make: setWithdrawAddress },
];
