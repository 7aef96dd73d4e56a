/** Validators are made, changed and left; stakes come, go and move on. */
import { accountAddress, validatorAddress } from "../../../chain/address.ts";
import { sha256 } from "../../../chain/crypto/hash.ts";
import { publicKeyToAny } from "../../../chain/crypto/publickey.ts";
import { ed25519KeyPair } from "../../../chain/crypto/sign.ts";
import { decOne } from "../../../chain/dec.ts";
import { delegatorUnbondings, iterateDelegations, iterateValidators } from "../../../modules/staking/index.ts";
import * as proto from "../../../proto/gen/cosmos/staking/v1beta1/tx.ts";
import { denom, type TestAccount } from "../../helpers/testapplication.ts";
import { type Operation, said, type World } from "../world.ts";

const coin = (amount: bigint) => ({ denom, amount: `${amount}` });

const operatorAddress = ({ address }: TestAccount): string => validatorAddress.encode(accountAddress.decode(address));

const anyOperator = (world: World): string =>
  world.oneOf(iterateValidators(world.context))?.operatorAddress ?? operatorAddress(world.account());

/** The key of an operator's n-th validator: the same in every run of a seed. */
export function consensusKey(operator: string, attempt: number) {
  const { publicKey } = ed25519KeyPair(sha256(Buffer.from(`consensus key ${attempt} of ${operator}`)));
  return publicKeyToAny({ scheme: "ed25519", key: publicKey });
}

export function createValidator(world: World, signer: TestAccount, amount: bigint, attempt: number): Uint8Array {
  const operator = operatorAddress(signer);
  const rate = BigInt(world.random.below(20));
  return world.sign(
    signer,
    said(proto.MsgCreateValidator, {
      description: { moniker: "validator", identity: "", website: "", securityContact: "", details: "" },
      commission: {
        rate: `${(rate * decOne) / 100n}`,
        maxRate: `${decOne / 2n}`,
        maxChangeRate: `${decOne / 20n}`,
      },
      minSelfDelegation: `${1 + world.random.below(50_000_000)}`,
      delegatorAddress: "",
      validatorAddress: operator,
      pubkey: consensusKey(operator, attempt),
      value: coin(amount),
    }),
  );
}

function editValidator(world: World): Uint8Array {
  const signer = world.account();
  const text = world.random.chance(2) ? "[do-not-modify]" : `details ${world.random.below(1000)}`;
  return world.sign(
    signer,
    said(proto.MsgEditValidator, {
      description: { moniker: text, identity: "", website: "", securityContact: "", details: text },
      validatorAddress: operatorAddress(signer),
      commissionRate: world.random.chance(3) ? `${(BigInt(world.random.below(30)) * decOne) / 100n}` : "",
      minSelfDelegation: world.random.chance(4) ? `${1 + world.random.below(80_000_000)}` : "",
    }),
  );
}

function delegate(world: World): Uint8Array {
  const signer = world.account();
  const value = { delegatorAddress: signer.address, validatorAddress: anyOperator(world) };
  return world.sign(signer, said(proto.MsgDelegate, { ...value, amount: coin(world.amount(60_000_000)) }));
}

/** Mostly of a delegation that there is, mostly less than all of it. */
function leaving(world: World) {
  const delegation = world.random.chance(8) ? undefined : world.oneOf(iterateDelegations(world.context));
  const signer = world.accountOf(delegation?.delegatorAddress ?? "") ?? world.account();
  const from = delegation?.validatorAddress ?? anyOperator(world);
  const whole = (delegation?.shares ?? decOne) / decOne;
  const amount = world.random.chance(5) ? whole : world.amount(Number(whole > 1n ? whole : 2n));
  return { signer, from, amount };
}

function undelegate(world: World): Uint8Array {
  const { signer, from, amount } = leaving(world);
  const value = { delegatorAddress: signer.address, validatorAddress: from, amount: coin(amount) };
  return world.sign(signer, said(proto.MsgUndelegate, value));
}

function redelegate(world: World): Uint8Array {
  const { signer, from, amount } = leaving(world);
  const validators = { validatorSrcAddress: from, validatorDstAddress: anyOperator(world) };
  const value = { delegatorAddress: signer.address, ...validators, amount: coin(amount) };
  return world.sign(signer, said(proto.MsgBeginRedelegate, value));
}

/** Mostly of an unbonding that there is; now and then more than is left, or of a height at which nothing began. */
function cancelUnbonding(world: World): Uint8Array | undefined {
  const { context, random } = world;
  const all = world.chain.accounts.flatMap((signer) =>
    [...delegatorUnbondings(context, accountAddress.decode(signer.address), unbondingsMax)].map((unbonding) => ({
      signer,
      unbonding,
    })),
  );
  const chosen = world.oneOf(all);
  const entry = chosen && world.oneOf(chosen.unbonding.entries);
  if (chosen === undefined || entry === undefined) return undefined;
  const { signer, unbonding } = chosen;
  const amount = random.chance(3) ? entry.balance : world.amount(Number(entry.balance) + 2);
  return world.sign(
    signer,
    said(proto.MsgCancelUnbondingDelegation, {
      delegatorAddress: signer.address,
      validatorAddress: unbonding.validatorAddress,
      amount: coin(amount),
      creationHeight: random.chance(8) ? entry.creationHeight + 1n : entry.creationHeight,
    }),
  );
}

const unbondingsMax = 20;

export const stakingOperations: readonly Operation[] = [
  {
    name: "create validator",
    weight: 8,
    make: (world) => createValidator(world, world.account(), world.amount(200_000_000), world.random.below(3)),
  },
  { name: "edit validator", weight: 5, make: editValidator },
  { name: "delegate", weight: 25, make: delegate },
  { name: "undelegate", weight: 15, make: undelegate },
  { name: "redelegate", weight: 15, make: redelegate },
  { name: "cancel unbonding", weight: 8, make: cancelUnbonding },
];
