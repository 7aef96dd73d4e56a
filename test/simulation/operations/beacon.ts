/** Operators register keys, now and then one that is not theirs or is registered already; and somebody sends a proof. */
import { accountAddress, consensusAddress, validatorAddress } from "../../../chain/address.ts";
import { publicKeyOf } from "../../../chain/crypto/ecvrf.ts";
import { provePossession } from "../../../modules/beacon/index.ts";
import { iterateValidators } from "../../../modules/staking/index.ts";
import { MsgProve, MsgRegisterKey } from "../../../proto/gen/weir/beacon/v1/tx.ts";
import { chainId } from "../../helpers/testapplication.ts";
import { beaconSecret, keysOfAccount } from "../beaconkeys.ts";
import { type Operation, said, type World } from "../world.ts";

function registerKey(world: World): Uint8Array | undefined {
  const validator = world.oneOf(iterateValidators(world.context));
  if (validator === undefined) return undefined;
  const operator = validatorAddress.decode(validator.operatorAddress);
  const signer = world.accountOf(accountAddress.encode(operator));
  if (signer === undefined) return undefined;
  const secret = beaconSecret(Number(signer.accountNumber), world.random.below(keysOfAccount));
  const possession = provePossession(secret, world.random.chance(8) ? "another-1" : chainId, operator);
  const message = { validatorAddress: validator.operatorAddress, publicKey: publicKeyOf(secret), possession };
  return world.sign(signer, said(MsgRegisterKey, message));
}

function sendProof(world: World): Uint8Array {
  const proposer = consensusAddress.encode(world.random.bytes(20));
  return world.sign(world.account(), said(MsgProve, { proposer, proof: world.random.bytes(80) }));
}

export const beaconOperations: readonly Operation[] = [
  { name: "register beacon key", weight: 18, make: registerKey },
  { name: "send a proof", weight: 1, make: sendProof },
];
