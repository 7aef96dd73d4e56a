/** The jailed ask to come back, some too early; and somebody reports evidence that no chain takes. */
import { accountAddress, consensusAddress, validatorAddress } from "../../../chain/address.ts";
import { iterateValidators } from "../../../modules/staking/index.ts";
import { Equivocation } from "../../../proto/gen/cosmos/evidence/v1beta1/evidence.ts";
import { MsgSubmitEvidence } from "../../../proto/gen/cosmos/evidence/v1beta1/tx.ts";
import { MsgUnjail } from "../../../proto/gen/cosmos/slashing/v1beta1/tx.ts";
import { type Operation, said, type World } from "../world.ts";

function unjail(world: World): Uint8Array | undefined {
  const jailed = [...iterateValidators(world.context)].filter((validator) => validator.jailed);
  const validator = world.oneOf(world.random.chance(6) ? iterateValidators(world.context) : jailed);
  if (validator === undefined) return undefined;
  const operator = accountAddress.encode(validatorAddress.decode(validator.operatorAddress));
  const signer = world.accountOf(operator) ?? world.account();
  return world.sign(signer, said(MsgUnjail, { validatorAddr: validator.operatorAddress }));
}

function submitEvidence(world: World): Uint8Array {
  const signer = world.account();
  const equivocation = {
    height: world.chain.height,
    time: { seconds: 1n, nanos: 0 },
    power: 1n,
    consensusAddress: consensusAddress.encode(world.random.bytes(20)),
  };
  const evidence = { typeUrl: `/${Equivocation.$type}`, value: Equivocation.encode(equivocation).finish() };
  return world.sign(signer, said(MsgSubmitEvidence, { submitter: signer.address, evidence }));
}

export const slashingOperations: readonly Operation[] = [
  { name: "unjail", weight: 12, make: unjail },
  { name: "submit evidence", weight: 2, make: submitEvidence },
];
